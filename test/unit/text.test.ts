import { expect, test } from 'vitest';
import { translateWording } from '../../lib/belfry/language/message.ts';
import { wordingOf } from '../../lib/belfry/protocol/errors.ts';
import { isolated } from '../../lib/belfry/protocol/isolated.ts';
import { blockOfText, lengthOf, lineOfText, storableText } from '../../lib/belfry/protocol/text.ts';

const limits = { max: 10, missing: 'Write it.', tooLong: 'Too long.' };
const line = lineOfText<string>(limits);
const block = blockOfText<string>(limits);

const sentence = (schema: typeof line, text: unknown) =>
  schema.safeParse(text).error?.issues.map((issue) => translateWording(wordingOf(issue)));

test.each([
  ['CRLF', 'a\r\nb'],
  ['CR', 'a\rb'],
  ['LF', 'a\nb'],
  ['VT, as a word processor writes it', 'a\vb'],
  ['NEL', 'a\u0085b'],
  ['line separator', 'a\u2028b'],
  ['paragraph separator', 'a\u2029b'],
])('%s is one line break, of one character', (_, text) => {
  expect(block.parse(text)).toBe('a\nb');
  expect(lengthOf(text)).toBe(3);
  expect(sentence(line, text)).toEqual(['Write it in one line.']);
});

test('the server counts what a counter with lengthOf counts', () => {
  for (const text of [
    'a\r\n'.repeat(5),
    ' 🔔🔔🔔🔔🔔 ',
    '\r\n a \r\n',
    '1234567890',
    '1234\r\n7890',
    '12345\r\n78901',
  ]) {
    expect(block.safeParse(text).success).toBe(lengthOf(text) <= 10);
  }
  expect(lengthOf('1234\r\n67890')).toBe(10);
});

test('white space around a text is taken off, a byte order mark with it', () => {
  expect(line.parse('\ufeff  Ada \t\r\n')).toBe('Ada');
});

test.each([
  ['nothing', ''],
  ['white space', ' \u3000\n'],
])('%s is no text', (_, text) => {
  expect(sentence(line, text)?.[0]).toBe('Write it.');
  expect(sentence(block, text)?.[0]).toBe('Write it.');
});

test.each([
  ['zero-width space', '\u200b'],
  ['joiners and marks', '\u200c\u200d\u200e\u200f\u061c'],
  ['soft hyphen', '\u00ad'],
  ['word joiner', '\u2060'],
  ['Hangul fillers', '\u115f\u1160 \u3164\uffa0'],
  ['Mongolian vowel separator', '\u180e'],
  ['variation selectors', '\ufe0f\u{e0100}'],
  ['tags', '\u{e0041}\u{e0042}'],
  ['a blank of Braille', '\u2800'],
  ['invisible operators', '\u2061\u2062\u2063\u2064'],
  ['an invisible note', '\u{1d159}'],
  ['the combining grapheme joiner', '\u034f'],
  ['interlinear annotation', '\ufff9\ufffb'],
])('%s alone cannot be seen', (_, text) => {
  expect(sentence(line, text)).toEqual(['Write something that can be seen.']);
  expect(sentence(block, `${text}\n `)).toEqual(['Write something that can be seen.']);
});

test.each([...['\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069']])(
  '%j does not stand in a line',
  (character) => {
    expect(sentence(line, `a${character}b`)?.[0]).toMatch(/U\+20[26]\w: it turns round/);
  },
);

test('a message may embed and isolate, and never override', () => {
  expect(block.parse('\u2068Ada\u2069 ok')).toBe('\u2068Ada\u2069 ok');
  expect(sentence(block, 'a\u202eb')?.[0]).toMatch(/U\+202E/);
  expect(sentence(block, 'a\u202db')?.[0]).toMatch(/U\+202D/);
});

test('no control character stands in a line, and none but the line break and the tab in a message', () => {
  const controls = Array.from({ length: 0xa0 }, (_, code) => String.fromCharCode(code)).filter((character) =>
    /\p{Cc}/u.test(character),
  );
  expect(controls).toHaveLength(65);
  for (const control of controls) {
    expect(line.safeParse(`a${control}b`).success).toBe(false);
    expect(block.safeParse(`a${control}b`).data ?? 'refused').toMatch(/^(a[\t\n]b|refused)$/);
  }
  expect(sentence(block, 'a\u001bb')).toEqual(['Leave out the control character U+001B.']);
});

test.each([
  ['half an emoji', 'a\ud83d'],
  ['the other half', '\ude00a'],
])('%s is refused', (_, text) => {
  expect(sentence(line, text)?.[0]).toMatch(/half a character/);
  expect(sentence(block, text)?.[0]).toMatch(/half a character/);
  expect(storableText().safeParse(text).success).toBe(false);
});

test.each([
  ['an emoji of several', '👩‍👩‍👧'],
  ['a flag made of tags', '🏴\u{e0067}\u{e007f}'],
  ['Persian with a non-joiner', 'می\u200cخواهم'],
  ['Hebrew with marks', 'שלום\u200f!'],
  ['Arabic', 'مرحبا'],
  ['a heart with a variation selector', '❤️'],
  ['a keycap', '1️⃣'],
  ['Korean', '안녕하세요'],
  ['a letter that combines', 'e\u0301'],
  ['a single mark', '.'],
])('%s is text like any other', (_, text) => {
  expect(line.parse(text)).toBe(text);
  expect(block.parse(text)).toBe(text);
});

test('what is no text at all is asked for', () => {
  expect(sentence(line, undefined)).toEqual(['Write it.']);
  expect(sentence(line, 7)).toEqual(['Write it.']);
});

test('what reads from the right does not move the words around it; what reads from the left is left as it is', () => {
  expect(isolated('Ada')).toBe('Ada');
  expect(isolated('漢字 🔔 é')).toBe('漢字 🔔 é');
  for (const text of ['שלום', 'مرحبا', 'a\u200f']) expect(isolated(text)).toBe(`\u2068${text}\u2069`);
});
