/** What a search finds, on the server and in the browser alike. */
import { expect, test } from 'vitest';
import { searchFor } from '@/lib/belfry/protocol/search.ts';

const finds = (q: string, title: string, message = '') => searchFor(q)({ title, message });

test('each word has to stand somewhere in title or message, in any order, also within a word', () => {
  expect(finds('report ready', 'Your report is ready')).toBe(true);
  expect(finds('ready your', 'Your report is ready')).toBe(true);
  expect(finds('port', 'Your report is ready')).toBe(true);
  expect(finds('report charts', 'Your report', 'Two charts.')).toBe(true);
  expect(finds('report failed', 'Your report is ready')).toBe(false);
});

test('capitals, accents and the widths of characters make no difference', () => {
  expect(finds('REISEBURO', 'Das Reisebüro hat geantwortet')).toBe(true);
  expect(finds('Reisebüro', 'reiseburo')).toBe(true);
  expect(finds('ＡＢＣ', 'abc')).toBe(true);
  expect(finds('ﬁle', 'A file arrived')).toBe(true);
});

test('languages without spaces are searched by their characters', () => {
  expect(finds('報告', '您的報告已完成')).toBe(true);
  expect(finds('退款', '您的報告已完成')).toBe(false);
});

test('what is searched for is text, and no pattern', () => {
  expect(finds('.*', 'Anything')).toBe(false);
  expect(finds('100%', 'Done to 100%')).toBe(true);
  expect(finds('(a', 'f(a)')).toBe(true);
});

test('nothing but white space finds everything', () => {
  expect(finds('', 'Anything')).toBe(true);
  expect(finds(' \t ', 'Anything')).toBe(true);
});
