/**
 * Who is asking. The only place where a session is read, in the same way for route handlers, server
 * actions and pages: the session cookie is decrypted (next-auth's own format), and the account's row
 * decides the rest. A role, a disabled account or a raised `sessionVersion` therefore counts from the
 * next request on.
 *
 * Not `getServerSession`: it would run all of next-auth, encrypt a new cookie that a page cannot set,
 * and say that the session ends 30 days from now, whenever that is. The cookie is renewed by
 * `GET /api/auth/session` alone.
 */
import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { type GetTokenParams, getToken } from 'next-auth/jwt';
import { cache } from 'react';
import { z } from 'zod';
import { noteAsker } from '../asker.ts';
import { BelfryError } from '../errors.ts';
import { findSessionAccount, type SessionAccount, sessionClaimsSchema } from './revocation.ts';
import { SECURE_COOKIES, SESSION_COOKIE } from './session-cookie.ts';
import { decodeSession } from './session-decoder.ts';

export interface CurrentUser extends SessionAccount {
  /** When the cookie of this request stops to count, always ahead of now. A long-lived answer must end by then. */
  sessionExpiresAt: Date;
}

// `exp` is in seconds since 1970, as in every JWT.
const sessionSchema = sessionClaimsSchema.extend({ exp: z.number() });

/**
 * The signed-in user of this request, or null: nobody is signed in, the session has expired or was
 * forged, the account is gone or disabled, or its sessions were ended. Costs one decryption and one
 * query by primary key; within one page it is worked out once.
 *
 * Call it in a route handler, server action or page; Next throws elsewhere.
 */
export const getCurrentUser = cache(async (): Promise<CurrentUser | null> => {
  const session = sessionSchema.safeParse(await readSessionToken());
  if (!session.success) return null;
  const { exp, ...claims } = session.data;
  const sessionExpiresAt = new Date(exp * 1000);
  // Decryption tolerates clocks that differ by 15 s; a stream could not be given an end in the past.
  if (sessionExpiresAt.getTime() <= Date.now()) return null;
  const account = await findSessionAccount(claims);
  return account && { ...account, sessionExpiresAt };
});

/**
 * The signed-in user, for route handlers and server actions.
 *
 * @param request Where it names a user, only that one will do: somebody else may have signed in in the
 * same browser since the page was opened, and neither may have what is the other's. It does so in the
 * header `X-Belfry-User`, or as `?user=<id>`, since an `EventSource` cannot send headers.
 * @throws BelfryError `not_signed_in`.
 */
export async function requireUser(request?: Request): Promise<CurrentUser> {
  const user = await getCurrentUser();
  if (!user) throw new BelfryError('not_signed_in', 'Nobody is signed in. Sign in, then try again.');
  if (request && (namedUser(request) ?? user.id) !== user.id) {
    throw new BelfryError(
      'not_signed_in',
      'Somebody else has signed in here. Reload the page, then try again.',
    );
  }
  if (request) noteAsker(request, { userId: user.id });
  return user;
}

/**
 * The signed-in user, who is an admin.
 *
 * @throws BelfryError `not_signed_in` or `not_allowed`.
 */
export async function requireAdmin(): Promise<CurrentUser> {
  const user = await requireUser();
  if (user.role !== 'ADMIN') {
    throw new BelfryError(
      'not_allowed',
      'Only an admin may do this. Sign in with an admin account, or ask an admin.',
    );
  }
  return user;
}

/**
 * The signed-in user, for pages: anybody else is sent to `/sign-in`, and from there back to `path`.
 *
 * @param path The page's own path with its query, starting with `/`.
 */
export async function requireUserPage(path: string): Promise<CurrentUser> {
  const user = await getCurrentUser();
  return user ?? redirect(`/sign-in?callbackUrl=${encodeURIComponent(path)}`);
}

function namedUser(request: Request): number | null {
  const id = request.headers.get('x-belfry-user') ?? new URL(request.url).searchParams.get('user');
  return id === null ? null : Number(id);
}

async function readSessionToken() {
  // Without the headers: with them, next-auth would take a session as a bearer token too, from which
  // no origin check protects. Its type asks for a whole request; it reads these two fields.
  const request = { cookies: await cookies(), headers: new Headers() } as unknown as GetTokenParams['req'];
  return getToken({
    req: request,
    decode: async ({ token = '' }) => decodeSession(token),
    secureCookie: SECURE_COOKIES,
    cookieName: SESSION_COOKIE,
  });
}
