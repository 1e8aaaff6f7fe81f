/** How next-auth works here. Only app/api/auth uses it; everybody else asks session.ts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { headers } from 'next/headers';
import { after } from 'next/server';
import type { AuthOptions, Session, User } from 'next-auth';
import CredentialsProvider from 'next-auth/providers/credentials';
import { isBelfryError } from '../belfry/protocol/errors.ts';
import { refusals } from '../http/refusals.ts';
import { log } from '../telemetry/log.ts';
import { actorOf } from './actor.ts';
import { type Actor, auditTrail } from './audit.ts';
import { checkCredentials, parseCredentials } from './credentials.ts';
import { findKnownBrowser, rememberBrowser } from './known-browser.ts';
import type { Role } from './role.ts';
import { authSecret } from './secret.ts';
import { clientOf, getCurrentUser } from './session.ts';
import { COOKIE_OPTIONS, cookieNames, SECURE_COOKIES, SESSION_SECONDS } from './session-cookie.ts';
import { createSession, endSession } from './sessions.ts';

declare module 'next-auth' {
  interface User {
    sessionId: string;
  }
  /** What `GET /api/auth/session` answers. */
  interface Session {
    user: { id: string; role: Role; name: string; email: string };
  }
}

declare module 'next-auth/jwt' {
  /** What the cookie carries: which session it is, and nothing that would decide anything. */
  interface JWT {
    sessionId?: string;
  }
}

// People do not notice it; a program that asks again at once would keep the server busy with refusals.
const REFUSED_AFTER_MS = 1_000;

/**
 * The options of next-auth, for one request. A function, because the secret is made at the first call: `next build`
 * loads this file too, and must not write one.
 *
 * @param onFailure Hears what failed here. next-auth itself would log it, go on as if nobody were signed
 * in, and take the cookie away.
 * @throws BelfryError `bad_environment` when there can be no secret; see `authSecret`.
 */
export function authOptions(onFailure: (error: unknown) => void): AuthOptions {
  const { session: sessionToken, csrf: csrfToken, callbackUrl } = cookieNames();
  const options = COOKIE_OPTIONS;
  return {
    secret: authSecret(),
    useSecureCookies: SECURE_COOKIES,
    cookies: {
      sessionToken: { name: sessionToken, options },
      csrfToken: { name: csrfToken, options },
      callbackUrl: { name: callbackUrl, options },
    },
    session: { strategy: 'jwt', maxAge: SESSION_SECONDS },
    jwt: { maxAge: SESSION_SECONDS },
    pages: { signIn: '/sign-in', error: '/sign-in' },
    providers: [
      CredentialsProvider({
        name: 'Email and password',
        credentials: {
          email: { label: 'Email', type: 'email' },
          password: { label: 'Password', type: 'password' },
        },
        authorize: signIn,
      }),
    ],
    callbacks: {
      redirect: onSite,
      jwt: ({ token, user }) => (user ? { sessionId: user.sessionId } : token),
      session: () => failing(describeSession, onFailure),
    },
    events: { signOut: () => failing(signOut, onFailure) },
    logger: {
      error: (code, metadata) => {
        // An address in a cookie that is none: only a client of another kind sends one.
        if (code === 'INVALID_CALLBACK_URL_ERROR') {
          refusals.note('bad_request');
          return;
        }
        // An expired, ended or damaged cookie, which next-auth then clears: nothing has failed.
        const level = ['JWT_SESSION_ERROR', 'SIGNOUT_ERROR'].includes(code) ? 'debug' : 'error';
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
async function signIn(form: unknown): Promise<User | null> {
  const asked = await headers();
  const client = clientOf(asked);
  const credentials = parseCredentials(form);
  const tried = actorOf({ name: addressTried(form) }, asked);
  if (!credentials) return refused(tried);
  try {
    const knownBrowserId = await findKnownBrowser(credentials.email);
    const account = await checkCredentials(credentials, { ...client, knownBrowserId });
    if (!account) return refused(tried);
    const before = await getCurrentUser();
    const sessionId = await createSession(account, client);
    if (sessionId === null) return refused(tried);
    // Its cookie is replaced. After the answer: what is still open then comes back with the new one.
    if (before) after(() => endSession({ userId: before.id, sessionId: before.sessionId }));
    if (knownBrowserId === null) await rememberBrowser(account.email);
    auditTrail.record({ action: 'signed_in', by: { ...tried, userId: account.id } });
    return { id: String(account.id), sessionId };
  } catch (error) {
    if (isBelfryError(error, 'too_many_requests')) {
      refusals.note(error.code, { path: '/api/auth/callback/credentials', address: client.address });
      // However many connections somebody has, each of them asks once a second at most.
      await sleep(REFUSED_AFTER_MS);
      throw new Error(`${error.code}:${error.retryAfterSeconds ?? 60}`);
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

/** Throws for a session that no longer stands; next-auth then clears the cookie and answers `{}`. */
async function describeSession(): Promise<Session> {
  const user = await getCurrentUser();
  if (!user) throw new SessionEnded();
  const { id, role, name, email, sessionExpiresAt } = user;
  return { user: { id: String(id), role, name, email }, expires: sessionExpiresAt.toISOString() };
}

/** In the database, so that no copy of the cookie is good for anything either. */
async function signOut(): Promise<void> {
  const user = await getCurrentUser();
  if (!user) return;
  await endSession({ userId: user.id, sessionId: user.sessionId });
  const by = actorOf({ name: user.email, userId: user.id }, await headers());
  auditTrail.record({ action: 'signed_out', by });
}

/** Nobody is to blame for it, so it is no failure. */
class SessionEnded extends Error {}

async function failing<T>(work: () => Promise<T>, onFailure: (error: unknown) => void): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SessionEnded)) onFailure(error);
    throw error;
  }
}

/** Never leaves the site: any other address becomes its front page. */
function onSite({ url, baseUrl }: { url: string; baseUrl: string }): string {
  const target = URL.parse(url, baseUrl);
  return target?.origin === baseUrl ? target.href : baseUrl;
}
