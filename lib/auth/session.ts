/**
 * Who is asking. The only place where a session is read, in the same way for route handlers, server
 * actions and pages: the session cookie is decrypted (next-auth's own format), and the row that it names
 * decides the rest. An ended session, a role or a disabled account therefore counts from the next
 * request on.
 *
 * Not `getServerSession`: it would run all of next-auth, and encrypt a new cookie that a page cannot set.
 */
import { cookies, headers } from 'next/headers';
import { redirect } from 'next/navigation';
import type { NextRequest } from 'next/server';
import { type GetTokenParams, getToken, type JWT } from 'next-auth/jwt';
import { cache } from 'react';
import { z } from 'zod';
import { assertNamed } from '../belfry/accounts/authorize.ts';
import { BelfryError } from '../belfry/protocol/errors.ts';
import { noteAsker } from '../http/asker.ts';
import { clientAddress } from '../http/client-address.ts';
import { toMessage } from '../language/languages.ts';
import { cookieNames, SECURE_COOKIES } from './session-cookie.ts';
import { decodeSession } from './session-decoder.ts';
import { isUseNews, noteUse } from './session-use.ts';
import { type Client, findSession, type SessionAccount, sessionClaimsSchema } from './sessions.ts';

export interface CurrentUser extends SessionAccount {
  /** When this session ends at the latest, always ahead of now. A long-lived answer must end by then. */
  sessionExpiresAt: Date;
}

// `exp` is in seconds since 1970, as in every JWT.
const sessionSchema = sessionClaimsSchema.extend({ exp: z.number() });

/** A request as a route gets it: Next has read its cookies. */
type AskingRequest = Request & Partial<Pick<NextRequest, 'cookies'>>;

/**
 * The signed-in user of this request, or null: nobody is signed in, the session has ended or was
 * forged, or the account is gone or disabled. Costs one decryption and one query by primary key; within
 * one page it is worked out once. That the session was used is noted, and nobody waits for it.
 *
 * Call it in a route handler, server action or page; Next throws elsewhere.
 */
export const getCurrentUser = cache(() => userOf());

/** As `getCurrentUser`, worked out anew. @param request Where it is at hand: to have Next find it takes longer than the query. */
export async function userOf(request?: AskingRequest): Promise<CurrentUser | null> {
  const claims = sessionSchema.safeParse(await readSession(request?.cookies ?? (await cookies())));
  if (!claims.success) return null;
  // Decryption tolerates clocks that differ by 15 s; a stream could not be given an end in the past.
  const cookieEndsAt = claims.data.exp * 1_000;
  if (cookieEndsAt <= Date.now()) return null;
  const session = await findSession(claims.data.sessionId);
  if (!session) return null;
  if (isUseNews(session)) noteUse(session.sessionId, clientOf(request?.headers ?? (await headers())));
  return { ...session, sessionExpiresAt: new Date(Math.min(cookieEndsAt, session.endsAt.getTime())) };
}

/** Where a request comes from, as it is kept with its session. */
export function clientOf(asked: Pick<Headers, 'get'>): Client {
  return { address: clientAddress(asked), agent: asked.get('user-agent') ?? '' };
}

/**
 * The signed-in user, for route handlers and server actions.
 *
 * @param request Where it names a user, only that one will do: see `assertNamed`.
 * @throws BelfryError `not_signed_in`.
 */
export async function requireUser(request?: AskingRequest): Promise<CurrentUser> {
  const user = await (request ? userOf(request) : getCurrentUser());
  if (!user) throw new BelfryError('not_signed_in', toMessage('server.belfry.not-signed-in'));
  if (!request) return user;
  assertNamed(request, user);
  noteAsker(request, { userId: user.id });
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
    throw new BelfryError('not_allowed', toMessage('server.auth.admin-only'));
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

/** What the cookie holds, if it is good. */
async function readSession(sent: Pick<NextRequest['cookies'], 'get' | 'getAll'>): Promise<JWT | null> {
  const { session } = cookieNames();
  const whole = sent.get(session)?.value;
  if (whole !== undefined) return decodeSession(whole).catch(() => null);
  // In pieces, perhaps. Without the headers: with them, next-auth would take a session as a bearer token too, from
  // which no origin check protects. Its type asks for a whole request; it reads these two fields.
  const request = { cookies: sent, headers: new Headers() } as unknown as GetTokenParams['req'];
  return getToken({
    req: request,
    decode: async ({ token = '' }) => decodeSession(token),
    secureCookie: SECURE_COOKIES,
    cookieName: session,
  });
}
