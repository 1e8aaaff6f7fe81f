/** What pages say in the tests: Belfry's own words, in English. */
import { en } from '../../lib/belfry/language/en.ts';
import { compileAll, Languages } from '../../lib/belfry/language/languages.ts';
import { createTranslate, type Language } from '../../lib/belfry/language/translate.ts';

const reader = { language: 'en', locale: 'en-GB', timeZone: 'UTC' };

export const translate = createTranslate<typeof en>(reader, compileAll(en));

/** For a page that runs none of the app. */
export const english: Language = new Languages().languageOf(reader);
