/** What the session cookie is called and how long it lasts. Said once, for next-auth and for us. */
import { env } from '../env.ts';

/**
 * Only the configured address counts. next-auth alone would believe `X-Forwarded-Proto`, which a client
 * can set, and would then look for a cookie of another name than the one it gave out.
 */
export const SECURE_COOKIES = env.authUrl?.startsWith('https://') ?? false;

/** next-auth's own name. A value over 4 KiB comes in pieces, with `.0`, `.1` and so on at the end. */
export const SESSION_COOKIE = `${SECURE_COOKIES ? '__Secure-' : ''}next-auth.session-token`;

/** 30 days from signing in, and again from every `GET /api/auth/session`. */
export const SESSION_SECONDS = 30 * 24 * 60 * 60;
