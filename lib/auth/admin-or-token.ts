/** Who may operate this site over HTTP: a program with a token, or an admin. */

import { BelfryError } from '../belfry/protocol/errors.ts';
import { noteAsker } from '../http/asker.ts';
import { toMessage } from '../language/languages.ts';
import { actorOf } from './actor.ts';
import { type ApiToken, findApiToken, type TokenScope, tokenLabel } from './api-token.ts';
import { type Actor, auditTrail } from './audit.ts';
import { requireAdmin } from './session.ts';

export interface Operator {
  /** The same for every request of one token or one admin. */
  key: string;
  /** As people will read it. */
  name: string;
  /** A browser sends a session along by itself: what changes something must check the origin as well. */
  isSession: boolean;
  /** For the audit trail. */
  actor: Actor;
}

// A program that tries on with a token that no longer works does so every few seconds.
const REFUSED_TOKEN_ONCE_SECONDS = 60 * 60;

/**
 * @param scope What the token must be allowed to do; an admin may do everything.
 * @throws BelfryError `not_signed_in` or `not_allowed`.
 */
export async function requireAdminOrToken(request: Request, scope: TokenScope): Promise<Operator> {
  const authorization = request.headers.get('authorization');
  // Other schemes are not for us: a proxy in front may ask for a password of its own.
  if (authorization !== null && /^bearer\b/i.test(authorization)) {
    const token = await findApiToken(authorization);
    if (!token) {
      throw new BelfryError('not_signed_in', toMessage('server.auth.token-unknown'));
    }
    const key = `token:${token.id}`;
    noteAsker(request, { sender: key });
    const actor = actorOf({ name: tokenLabel(token), tokenId: token.id }, request.headers);
    refuseUnusable(token, actor);
    if (!token.scopes.includes(scope)) {
      throw new BelfryError('not_allowed', toMessage('server.auth.token-scope', { scope }));
    }
    return { key, name: token.name, isSession: false, actor };
  }
  const admin = await requireAdmin();
  noteAsker(request, { userId: admin.id });
  const actor = actorOf({ name: admin.email, userId: admin.id }, request.headers);
  return { key: `user:${admin.id}`, name: admin.name, isSession: true, actor };
}

function refuseUnusable({ id, state }: ApiToken, by: Actor): void {
  if (state === 'valid') return;
  auditTrail.recordFromStranger(
    { action: 'token_refused', by, detail: { reason: state } },
    { key: `${id} ${state}`, seconds: REFUSED_TOKEN_ONCE_SECONDS },
  );
  throw new BelfryError(
    'not_signed_in',
    toMessage(state === 'expired' ? 'server.auth.token-expired' : 'server.auth.token-revoked'),
  );
}
