/** What the sign-in form says and where it leads. Pure: the browser may import it. */
import type { Translate } from '../belfry/language/translate.ts';
import { parseUrl, sitePath } from '../belfry/protocol/site-path.ts';
import type { AppMessages } from '../language/messages.ts';

type T = Translate<AppMessages>;

/**
 * The sentence for the `error` that next-auth answers with, in the address or as the result of its
 * `signIn()`; null when there is none.
 */
export function signInSentence(error: string | null | undefined, t: T): string | null {
  if (!error) return null;
  if (error === 'CredentialsSignin') return t('sign-in.refused');
  const seconds = /^too_many_requests:(\d+)$/.exec(error)?.[1];
  return seconds ? waitSentence(Number(seconds), t) : t('sign-in.failed');
}

/**
 * Where to go after signing in: the path of `callbackUrl`, or `/` when it is missing or leads to
 * another site. Takes a path or a full address.
 *
 * @param origin This site's own origin, such as `location.origin`.
 */
export function pathAfterSignIn(callbackUrl: string | null | undefined, origin: string): string {
  const target = parseUrl(callbackUrl ?? '/', origin);
  const isOwn = target?.origin === origin;
  return (isOwn && sitePath(`${target.pathname}${target.search}${target.hash}`)) || '/';
}

function waitSentence(seconds: number, t: T): string {
  if (seconds <= 90) return t('sign-in.wait-seconds', { count: seconds });
  return t('sign-in.wait-minutes', { count: Math.ceil(seconds / 60) });
}
