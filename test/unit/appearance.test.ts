import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { appearanceIn, chosenIn, PAPER, paperOf, schemeOf } from '../../lib/appearance/appearance.ts';
import { GLOBAL_ERROR, languageOfError } from '../../lib/language/global-error.ts';
import { languages } from '../../lib/language/languages.ts';

test.each([
  ['', 'system', 'comfortable'],
  ['belfry-theme=dark; belfry-density=compact', 'dark', 'compact'],
  ['a=b;belfry-density=compact', 'system', 'compact'],
  ['belfry-theme="><script>; belfry-density=huge', 'system', 'comfortable'],
  ['x-belfry-theme=dark', 'system', 'comfortable'],
])('the cookies %j say %s and %s', (cookies, theme, density) => {
  expect(appearanceIn(cookies)).toEqual({ theme, density });
});

test('of a form counts what it names, and nothing that is no choice', () => {
  expect(chosenIn(new URLSearchParams('theme=dark'))).toEqual({ theme: 'dark' });
  expect(chosenIn(new URLSearchParams('theme=pink&density=compact'))).toEqual({ density: 'compact' });
});

test('around a page is the colour of the theme that was chosen, whatever the system has', () => {
  expect([paperOf('system'), paperOf('dark')]).toEqual([PAPER, { light: PAPER.dark, dark: PAPER.dark }]);
  expect([schemeOf('system'), schemeOf('light')]).toEqual(['light dark', 'light']);
});

test('the page in place of the document speaks every language of the app', () => {
  expect(Object.keys(GLOBAL_ERROR).toSorted()).toEqual([...languages.names].toSorted());
});

test.each([
  [['zh-Hant-HK', 'en'], 'zh-TW'],
  [['', 'en-US', 'zh-TW'], 'en'],
  [['fr', 'zh-TW'], 'zh-TW'],
  [['zh'], 'en'],
  [[], 'en'],
])('to somebody who reads %j it speaks %s', (wishes, language) => {
  expect(languageOfError(wishes)).toBe(language);
});

test('every colour that the sheet names for the page itself stands for both schemes', () => {
  const [, tokens = ''] =
    /:root,\n\[data-scheme\] \{\n(.*?)\n\}/s.exec(readFileSync('app/globals.css', 'utf8')) ?? [];
  const colours = [...tokens.matchAll(/^ {2}--[\w-]+: (.*)$/gm)].map(([, value = '']) => value);
  expect(colours.length).toBeGreaterThan(25);
  expect(colours.filter((value) => !value.startsWith('light-dark('))).toEqual([]);
});
