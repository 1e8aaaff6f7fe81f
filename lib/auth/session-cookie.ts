/** What our cookies are called, and how long the one with the session lasts. Said once, for next-auth and for us. */
import { createHmac } from 'node:crypto';
import { env } from '../config/env.ts';
import { authSecret } from './secret.ts';

/**
 * Only the configured address counts. next-auth alone would believe `X-Forwarded-Proto`, which a client
 * can set, and would then look for a cookie of another name than the one it gave out.
 */
export const SECURE_COOKIES = isHttps(env.authUrl);

/** 90 days from signing in: a copied cookie must not live for ever, however much it is used. */
export const SESSION_SECONDS = 90 * 24 * 60 * 60;

export interface CookieNames {
  /** A value over 4 KiB comes in pieces, with `.0`, `.1` and so on at the end. */
  session: string;
  csrf: string;
  callbackUrl: string;
  knownBrowser: string;
}

/** The names of this deployment's cookies, the same on all its instances. */
export function cookieNames(): CookieNames {
  names ??= cookieNamesOf({ secret: authSecret(), authUrl: env.authUrl });
  return names;
}

let names: CookieNames | undefined;

/**
 * The names where this secret and this public address hold. Browsers send a host's cookies to all its
 * ports: a name that says whose it is keeps two apps on one machine from overwriting each other's.
 */
export function cookieNamesOf({
  secret,
  authUrl,
}: {
  secret: string;
  authUrl: string | undefined;
}): CookieNames {
  const deployment = createHmac('sha256', secret)
    .update(`cookie names of ${authUrl ?? ''}`)
    .digest('hex')
    .slice(0, 8);
  // `__Host-`: the browser takes it from this host alone, over https, and for all paths.
  const name = (what: string) => `${isHttps(authUrl) ? '__Host-' : ''}belfry-${deployment}.${what}`;
  return {
    session: name('session-token'),
    csrf: name('csrf-token'),
    callbackUrl: name('callback-url'),
    knownBrowser: name('known-browser'),
  };
}

/** How each of them is set. `__Host-` asks for the path `/` and no domain. */
export const COOKIE_OPTIONS = { httpOnly: true, sameSite: 'lax', path: '/', secure: SECURE_COOKIES } as const;

function isHttps(authUrl: string | undefined): boolean {
  return authUrl?.startsWith('https://') ?? false;
}
