/** Who may operate this site over HTTP: a program with a token, or an admin. */
import { noteAsker } from '../asker.ts';
import { BelfryError } from '../errors.ts';
import { findApiToken } from './api-token.ts';
import { requireAdmin } from './session.ts';

export interface Operator {
  /** The same for every request of one token or one admin. */
  key: string;
  /** As people will read it. */
  name: string;
  /** A browser sends a session along by itself: what changes something must check the origin as well. */
  isSession: boolean;
}

/** @throws BelfryError `not_signed_in` or `not_allowed`. */
export async function requireAdminOrToken(request: Request): Promise<Operator> {
  const authorization = request.headers.get('authorization');
  // Other schemes are not for us: a proxy in front may ask for a password of its own.
  if (authorization !== null && /^bearer\b/i.test(authorization)) {
    const token = await findApiToken(authorization);
    if (token) {
      const key = `token:${token.id}`;
      noteAsker(request, { sender: key });
      return { key, name: token.name, isSession: false };
    }
    throw new BelfryError('not_signed_in', 'This token is not known. Make one with `npm run create-token`.');
  }
  const admin = await requireAdmin();
  noteAsker(request, { userId: admin.id });
  return { key: `user:${admin.id}`, name: admin.name, isSession: true };
}
