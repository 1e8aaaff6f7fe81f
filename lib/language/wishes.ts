/** What a request says of how somebody reads. */
import type { Wishes } from '../belfry/language/languages.ts';
import { choiceCookie } from '../http/kept-choice.ts';

/** The language that somebody chose in this browser. A setting of the account, where there is one, comes first. */
export const LANGUAGE_COOKIE = 'belfry-language';

/** What has a browser keep a language: the value of a `Set-Cookie`. @param language A BCP 47 tag. */
export function languageCookie(language: string): string {
  return choiceCookie(LANGUAGE_COOKIE, language);
}

/** @param account The language that the account has, where somebody is signed in. */
export function wishesOf(headers: Pick<Headers, 'get'>, account: string | null = null): Wishes {
  return { locale: account ?? cookieIn(headers), acceptLanguage: headers.get('accept-language') };
}

function cookieIn(headers: Pick<Headers, 'get'>): string | null {
  const cookies = (headers.get('cookie') ?? '').split(/;\s*/);
  const cookie = cookies.find((one) => one.startsWith(`${LANGUAGE_COOKIE}=`));
  return cookie?.slice(LANGUAGE_COOKIE.length + 1) ?? null;
}
