/** A language for tests, which nobody speaks: English with accents, longer by two fifths, in brackets, from right to left. */
import { en } from '../../lib/belfry/language/en.ts';
import { compileAll } from '../../lib/belfry/language/languages.ts';
import type { CompiledMessages, Language } from '../../lib/belfry/language/translate.ts';

const ACCENTED: Record<string, string> = {
  a: 'á',
  c: 'ç',
  d: 'đ',
  e: 'é',
  g: 'ĝ',
  h: 'ĥ',
  i: 'í',
  l: 'ł',
  n: 'ñ',
  o: 'ô',
  r: 'ŕ',
  s: 'š',
  t: 'ţ',
  u: 'ü',
  w: 'ŵ',
  y: 'ý',
  z: 'ž',
};

export const pseudoLanguage: Language = {
  // `Intl` knows no such language, and takes Arabic.
  locale: 'ar-XB',
  direction: 'rtl',
  messages: Object.fromEntries(
    Object.entries(compileAll(en)).map(([key, message]) => [
      key,
      ['[', ...partsOf(message).map(pseudo), ']'],
    ]),
  ) as CompiledMessages,
};

function partsOf(message: unknown): unknown[] {
  return Array.isArray(message) ? message : [message];
}

/** Of a part of a compiled message: the texts in it, and not its names. */
function pseudo(part: unknown): unknown {
  if (typeof part === 'string')
    return lengthened(part.replace(/[a-z]/g, (letter) => ACCENTED[letter] ?? letter));
  if (!Array.isArray(part)) return part;
  const [name, ...rest] = part;
  return [name, ...rest.map(pseudoOption)];
}

function pseudoOption(option: unknown): unknown {
  if (typeof option !== 'object' || option === null || Array.isArray(option)) return pseudo(option);
  return Object.fromEntries(
    Object.entries(option).map(([name, message]) => [name, partsOf(message).map(pseudo)]),
  );
}

function lengthened(text: string): string {
  const words = text.trim().split(/\s+/).filter(Boolean);
  const more = words.slice(0, Math.ceil(words.length * 0.4)).join(' ');
  return more === '' ? text : `${text.trimEnd()} ${more}${/\s$/.test(text) ? ' ' : ''}`;
}
