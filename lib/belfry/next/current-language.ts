import type { Belfry } from '../create-belfry.ts';
import type { Language } from '../language/languages.ts';
import { requestOfPage } from './request-of-page.ts';

/**
 * What Belfry's parts of a page are written in, for `<Notifications language={currentLanguage(belfry)}>` in a layout: what the
 * app knows of whoever is signed in (`locale` of `users.current`), or else what the browser asks for. It need not be
 * awaited; what has something to say suspends until it is known.
 *
 * @param locale The language of the page, where the app knows it: a BCP 47 tag. Then nothing else counts.
 */
export async function currentLanguage(
  { users, languages }: Pick<Belfry, 'users' | 'languages'>,
  locale?: string,
): Promise<Language> {
  if (locale !== undefined) return languages.languageOf(languages.readerOf({ locale }));
  const request = await requestOfPage();
  const user = await users.current?.(request);
  const acceptLanguage = request.headers.get('accept-language');
  return languages.languageOf(languages.readerOf({ locale: user?.locale, acceptLanguage }));
}
