/** What somebody chose for a browser, kept there. */
import { COOKIE_OPTIONS } from '../auth/session-cookie.ts';

const YEAR_SECONDS = 365 * 24 * 60 * 60;

/**
 * What has a browser keep a choice for a year: the value of a `Set-Cookie`.
 *
 * @param value One of a few words of ours; nothing in it is escaped.
 * @param isForPages Whether scripts may read it too. Default: the server alone.
 */
export function choiceCookie(name: string, value: string, { isForPages = false } = {}): string {
  const hidden = isForPages ? '' : '; HttpOnly';
  const secure = COOKIE_OPTIONS.secure ? '; Secure' : '';
  return `${name}=${value}; Path=/; Max-Age=${YEAR_SECONDS}${hidden}; SameSite=Lax${secure}`;
}
