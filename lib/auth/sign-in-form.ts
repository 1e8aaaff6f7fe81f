/** What the sign-in form says and where it leads. Pure: the browser may import it. */
import { parseUrl, sitePath } from '../belfry/protocol/site-path.ts';

/**
 * The sentence for the `error` that next-auth answers with, in the address or as the result of its
 * `signIn()`; null when there is none.
 */
export function signInSentence(error: string | null | undefined): string | null {
  if (!error) return null;
  if (error === 'CredentialsSignin')
    return 'No account has this email and password. Check both, then try again.';
  const seconds = /^too_many_requests:(\d+)$/.exec(error)?.[1];
  if (seconds) return `Too many tries. Wait ${duration(Number(seconds))}, then try again.`;
  return 'Signing in did not work. Try again in a moment.';
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

function duration(seconds: number): string {
  if (seconds <= 90) return `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
