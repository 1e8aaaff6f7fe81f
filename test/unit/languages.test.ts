/** The languages there are, and what the catalogues of this project hold. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { en as ofBelfry } from '../../lib/belfry/language/en.ts';
import { compileAll, Languages } from '../../lib/belfry/language/languages.ts';
import { zhTW as ofBelfryInChinese } from '../../lib/belfry/language/zh-TW.ts';
import { en } from '../../lib/language/en.ts';
import { languages } from '../../lib/language/languages.ts';
import { languageCookie, wishesOf } from '../../lib/language/wishes.ts';
import { zhTW } from '../../lib/language/zh-TW.ts';
import { sourceFiles } from '../support/source-files.ts';

describe('how somebody reads', () => {
  const added = new Languages({ ar: { 'app.hello': 'مرحبا' }, 'pt-BR': {}, 'zh-TW': {} });
  test.each([
    [{}, 'en', 'en-GB'],
    [{ acceptLanguage: '*' }, 'en', 'en-GB'],
    [{ acceptLanguage: 'xx;q=0.9,;;;' }, 'en', 'en-GB'],
    [{ acceptLanguage: 'fr, en-US;q=0.5' }, 'en', 'en-US'],
    [{ acceptLanguage: 'en;q=0.5, zh-TW' }, 'zh-TW', 'zh-TW'],
    [{ acceptLanguage: 'zh-Hant-HK' }, 'zh-TW', 'zh-Hant-HK'],
    [{ acceptLanguage: 'zh' }, 'en', 'en-GB'],
    [{ acceptLanguage: 'en', locale: 'zh-TW' }, 'zh-TW', 'zh-TW'],
    [{ acceptLanguage: 'zh-TW', locale: '"><script>' }, 'zh-TW', 'zh-TW'],
    [{ acceptLanguage: 'ar-EG' }, 'ar', 'ar-EG'],
    [{ locale: 'en-US-u-ca-buddhist' }, 'en', 'en-US'],
  ])('%j is read as %s, and written as %s', (wishes, language, locale) => {
    expect(added.readerOf(wishes)).toEqual({ language, locale, timeZone: 'UTC' });
  });

  test('a time zone that there is counts, and no other', () => {
    const zoneOf = (timeZone: string) => languages.readerOf({ timeZone }).timeZone;
    expect([zoneOf('Asia/Taipei'), zoneOf('Nowhere/Land'), zoneOf('"')]).toEqual([
      'Asia/Taipei',
      'UTC',
      'UTC',
    ]);
  });

  test('the language of the account comes before that of the browser, and both before its header', () => {
    const headers = new Headers({ 'accept-language': 'en', cookie: `a=b; ${languageCookie('zh-TW')}` });
    expect(wishesOf(headers)).toEqual({ locale: 'zh-TW', acceptLanguage: 'en' });
    expect(wishesOf(headers, 'en')).toEqual({ locale: 'en', acceptLanguage: 'en' });
  });

  test('which way a page is written stands in its language', () => {
    const directionIn = (locale: string) => added.languageOf(added.readerOf({ locale })).direction;
    expect(['ar', 'en', 'zh-TW'].map(directionIn)).toEqual(['rtl', 'ltr', 'ltr']);
  });

  test('what a language lacks reads in English, and what it words otherwise counts', () => {
    const own = new Languages({
      en: { 'belfry.panel.clear': 'Sweep' },
      ar: { 'belfry.panel.title': 'إشعارات' },
    });
    const arabic = own.translate(own.readerOf({ locale: 'ar' }));
    expect([arabic('belfry.panel.title'), arabic('belfry.panel.clear')]).toEqual(['إشعارات', 'Sweep']);
  });

  test('what is no language, or no message, is refused with its name', () => {
    expect(() => new Languages({ English: {} })).toThrow('"English"');
    expect(() => new Languages({ de: { 'app.hello': '{name' } })).toThrow('"app.hello"');
  });
});

test('to a browser goes nothing of what the server alone says, and nothing that React cannot take there', () => {
  const { messages } = languages.languageOf(languages.readerOf({ locale: 'zh-TW' }));
  expect(Object.keys(messages).filter((key) => key.startsWith('server.'))).toEqual([]);
  expect(structuredClone(messages)).toEqual(messages);
  const hasPrototype = (value: unknown): boolean =>
    typeof value !== 'object' ||
    (value !== null && Object.getPrototypeOf(value) !== null && Object.values(value).every(hasPrototype));
  expect(hasPrototype(messages)).toBe(true);
});

describe.each([
  ["Belfry's own words", ofBelfry, ofBelfryInChinese],
  ["the app's", en, zhTW],
])('%s', (_whose, english, chinese) => {
  test('are the same in both languages', () => {
    expect(Object.keys(chinese).sort()).toEqual(Object.keys(english).sort());
  });

  test('take the same arguments in both', () => {
    const [inEnglish, inChinese] = [english, chinese].map((catalogue) =>
      Object.fromEntries(
        Object.entries(compileAll(catalogue)).map(([key, message]) => [
          key,
          [...argumentsOf(message)].sort(),
        ]),
      ),
    );
    expect(inChinese).toEqual(inEnglish);
  });

  test('are all said somewhere', () => {
    const said = sources();
    const unsaid = Object.keys(english).filter((key) => !isSaid(key, said));
    expect(unsaid).toEqual([]);
  });
});

/** The names in a compiled message: `[name, …]`, at any depth. A pound sign has none. */
function argumentsOf(message: unknown): Set<string> {
  const names = new Set<string>();
  const visit = (part: unknown) => {
    if (Array.isArray(part)) {
      const [name, ...rest] = part;
      if (typeof name === 'string') names.add(name);
      rest.forEach(visit);
    } else if (typeof part === 'object' && part !== null) Object.values(part).forEach(visitParts);
  };
  const visitParts = (parts: unknown) => {
    if (Array.isArray(parts)) parts.forEach(visit);
  };
  visitParts(message);
  return names;
}

/** All that is there but the catalogues. */
function sources(): string {
  return ['.ts', '.tsx', '.mjs']
    .flatMap((ending) => sourceFiles(['app', 'components', 'lib', 'scripts'], ending))
    .filter((file) => !/language\/(en|zh-TW)\.ts$/.test(file))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}

/** As it stands, or as `${what}` put into one that does. */
function isSaid(key: string, said: string): boolean {
  if (said.includes(`'${key}'`) || said.includes(`"${key}"`)) return true;
  const parts = key.split('.');
  const last = parts.pop() ?? '';
  const [, ending = ''] = /(-text)?$/.exec(last) ?? [];
  return said.includes(`\`${parts.join('.')}.\${`) && (ending === '' || said.includes(`}${ending}\``));
}
