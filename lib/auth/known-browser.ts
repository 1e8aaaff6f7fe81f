/**
 * A cookie that says "this browser has signed in to this account before". It opens nothing: it only
 * gives the browser a count of wrong passwords of its own (see sign-in-limit.ts). Encrypted with the
 * session secret, under another derived key, so that it cannot be forged or used as a session.
 */
import { randomUUID } from 'node:crypto';
import { cookies } from 'next/headers';
import { decode, encode } from 'next-auth/jwt';
import { authSecret } from './secret.ts';
import { COOKIE_OPTIONS, cookieNames } from './session-cookie.ts';

const SALT = 'known-browser';
const ONE_YEAR_SECONDS = 365 * 24 * 60 * 60;

/** The id under which this browser is known to the account, or null: it is new, or knows another account. */
export async function findKnownBrowser(email: string): Promise<string | null> {
  const token = (await cookies()).get(cookieNames().knownBrowser)?.value;
  if (!token) return null;
  try {
    const claims = await decode({ token, secret: authSecret(), salt: SALT });
    return claims?.email === email && typeof claims.browserId === 'string' ? claims.browserId : null;
  } catch {
    // Expired, forged, or from before the secret changed: a new browser like any other.
    return null;
  }
}

/** Makes the browser of this request known to the account for a year. Call it after a right password. */
export async function rememberBrowser(email: string): Promise<void> {
  const value = await encode({
    token: { email, browserId: randomUUID() },
    secret: authSecret(),
    salt: SALT,
    maxAge: ONE_YEAR_SECONDS,
  });
  (await cookies()).set(cookieNames().knownBrowser, value, {
    ...COOKIE_OPTIONS,
    maxAge: ONE_YEAR_SECONDS,
  });
}
