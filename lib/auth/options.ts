/** How next-auth works here. Only app/api/auth uses it; everybody else asks session.ts. */
import { headers } from 'next/headers';
import { after } from 'next/server';
import type { AuthOptions, User } from 'next-auth';
import type { JWT } from 'next-auth/jwt';
import CredentialsProvider from 'next-auth/providers/credentials';
import { isBelfryError } from '../errors.ts';
import { clientAddress } from '../http/client-address.ts';
import { log } from '../log.ts';
import { refusals } from '../refusals.ts';
import { actorOf } from './actor.ts';
import { type Actor, auditTrail } from './audit.ts';
import { checkCredentials, parseCredentials } from './credentials.ts';
import { findKnownBrowser, rememberBrowser } from './known-browser.ts';
import { findSessionAccount, sessionClaimsSchema } from './revocation.ts';
import { authSecret } from './secret.ts';
import { SECURE_COOKIES, SESSION_SECONDS } from './session-cookie.ts';
import { announceSignOut } from './sign-out.ts';

declare module 'next-auth' {
  interface User {
    sessionVersion: number;
  }
}

// A cookie that somebody else copied must not renew itself for ever.
const RENEWED_FOR_SECONDS = 90 * 24 * 60 * 60;

/**
 * The options of next-auth. A function, because the secret is made at the first call: `next build`
 * loads this file too, and must not write one.
 *
 * @throws BelfryError `bad_environment` when there can be no secret; see `authSecret`.
 */
export function authOptions(): AuthOptions {
  return {
    secret: authSecret(),
    useSecureCookies: SECURE_COOKIES,
    session: { strategy: 'jwt', maxAge: SESSION_SECONDS },
    pages: { signIn: '/sign-in', error: '/sign-in' },
    providers: [
      CredentialsProvider({
        name: 'Email and password',
        credentials: {
          email: { label: 'Email', type: 'email' },
          password: { label: 'Password', type: 'password' },
        },
        authorize: async (form) => signIn(form, { address: clientAddress(await headers()) }),
      }),
    ],
    callbacks: { redirect: onSite, jwt: ({ token, user }) => (user ? newToken(user) : renewToken(token)) },
    events: { signOut: async ({ token }) => signedOut(token, await headers()) },
    logger: {
      error: (code, metadata) => {
        // An address in a cookie that is none: only a client of another kind sends one.
        if (code === 'INVALID_CALLBACK_URL_ERROR') {
          refusals.note('bad_request');
          return;
        }
        // An expired or revoked cookie, which next-auth then clears: nothing has failed.
        const level = code === 'JWT_SESSION_ERROR' ? 'debug' : 'error';
        log[level](
          { code, err: metadata instanceof Error ? metadata : metadata.error },
          'next-auth reported an error',
        );
      },
      warn: (code) => log.warn({ code }, 'next-auth reported a warning'),
      debug: () => {},
    },
  };
}

/** What is thrown here reaches the form as `?error=<message>`: a code, never a detail. See sign-in-form.ts. */
async function signIn(form: unknown, client: { address: string }): Promise<User | null> {
  const asked = await headers();
  const credentials = parseCredentials(form);
  const tried = actorOf({ name: addressTried(form) }, asked);
  if (!credentials) return refused(tried);
  try {
    const knownBrowserId = await findKnownBrowser(credentials.email);
    const account = await checkCredentials(credentials, { ...client, knownBrowserId });
    if (!account) return refused(tried);
    if (knownBrowserId === null) await rememberBrowser(account.email);
    auditTrail.record({ action: 'signed_in', by: { ...tried, userId: account.id } });
    return { ...account, id: String(account.id) };
  } catch (error) {
    if (isBelfryError(error, 'too_many_requests')) {
      const seconds = error.retryAfterSeconds ?? 60;
      const key = `${tried.name} ${tried.address}`;
      auditTrail.recordFromStranger(
        { action: 'sign_in_locked', by: tried, detail: { seconds } },
        { key, seconds },
      );
      throw new Error(`${error.code}:${seconds}`);
    }
    log.error({ err: error, code: 'sign_in_failed' }, 'a sign-in failed');
    throw new Error('internal_error');
  }
}

/** Only what could be an address is recorded: some type their password into the wrong field. */
function addressTried(form: unknown): string {
  const email = typeof form === 'object' && form !== null && 'email' in form ? form.email : null;
  return typeof email === 'string' && email.includes('@') ? email.trim().toLowerCase() : 'no address';
}

function refused(by: Actor): null {
  auditTrail.recordFromStranger({ action: 'sign_in_refused', by });
  return null;
}

function newToken({ id, sessionVersion, name = null, email = null }: User, signedInAt = secondsNow()): JWT {
  return { userId: Number(id), sessionVersion, name, email, signedInAt };
}

function secondsNow(): number {
  return Math.floor(Date.now() / 1_000);
}

/** Throws for a session that no longer stands, or that began too long ago; next-auth then clears the cookie and answers `{}`. */
async function renewToken(token: JWT): Promise<JWT> {
  const signedInAt = typeof token.signedInAt === 'number' ? token.signedInAt : secondsNow();
  if (secondsNow() - signedInAt > RENEWED_FOR_SECONDS) throw new Error('The session is too old.');
  const account = await findSessionAccount(sessionClaimsSchema.parse(token));
  if (!account) throw new Error('The session was revoked.');
  return newToken({ ...account, id: String(account.id) }, signedInAt);
}

/** Never leaves the site: any other address becomes its front page. */
function onSite({ url, baseUrl }: { url: string; baseUrl: string }): string {
  const target = URL.parse(url, baseUrl);
  return target?.origin === baseUrl ? target.href : baseUrl;
}

function signedOut(token: JWT, asked: Headers): void {
  const claims = sessionClaimsSchema.safeParse(token);
  if (!claims.success) return;
  const { userId } = claims.data;
  auditTrail.record({
    action: 'signed_out',
    by: actorOf({ name: token.email ?? `user ${userId}`, userId }, asked),
  });
  // After the answer: a stream that is ended before the cookie is gone comes back with it.
  after(() => announceSignOut(userId));
}
