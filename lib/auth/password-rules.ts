/** Which passwords may be chosen: long ones that nobody would try first. For the server alone: the list is large. */
import { z } from 'zod';
import { processSingleton } from '../config/process-singleton.ts';
import type { AppMessageKey } from '../language/messages.ts';

export const SHORTEST_PASSWORD = 10;
// Long enough for any passphrase; hashing a megabyte would be a favour to an attacker.
export const LONGEST_PASSWORD = 1_024;

// The product's own, which a guesser knows as well.
const PRODUCT_WORDS = ['belfry', 'demo'];
// Shorter ones stand by chance in what is random.
const SHORTEST_WORD = 3;
const SHORTEST_COMMON_STEM = 4;
const FEWEST_CHARACTERS = 5;
// What is common is short, and one character may stand for eighteen.
const LOOKED_AT = 200;

const LINES = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890123456789',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
].flatMap((line) => [line, [...line].reverse().join('')]);

const LOOKS_LIKE: Readonly<Record<string, string>> = {
  ...{ '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '8': 'b' },
  ...{ '@': 'a', $: 's', '!': 'i', '|': 'l', '€': 'e' },
};

/** Whose password it is to be. */
export interface PasswordOwner {
  email: string;
  name: string;
}

/**
 * A password that this person may choose: of 10 to 1,024 characters, not in the list of common ones, nor one of
 * those with digits and signs around it or in the place of letters, nor made of the person's or the product's
 * names. Asynchronous: use `safeParseAsync`.
 */
export function passwordSchema(owner: PasswordOwner) {
  return z
    .string()
    .refine((password) => [...password].length >= SHORTEST_PASSWORD, {
      error: 'server.password.too-short' satisfies AppMessageKey,
      params: { shortest: SHORTEST_PASSWORD },
      abort: true,
    })
    .max(LONGEST_PASSWORD, {
      error: 'server.password.too-long' satisfies AppMessageKey,
      abort: true,
    })
    .superRefine(async (password, context) => {
      const problem = await problemWith(password, owner);
      if (problem) context.addIssue(problem);
    });
}

async function problemWith(password: string, owner: PasswordOwner): Promise<AppMessageKey | null> {
  const whole = plain(password.slice(0, LOOKED_AT));
  if (isSimple(whole)) {
    return 'server.password.simple';
  }
  const stem = withoutEnds(whole);
  const forms = [whole, compact(whole)];
  const stems = [compact(stem), compact(withLetters(stem))].filter(
    ({ length }) => length >= SHORTEST_COMMON_STEM,
  );
  const common = await commonPasswords();
  if ([...forms, ...stems].some((form) => common.has(form))) {
    return 'server.password.common';
  }
  const words = wordsOf(owner);
  const isOwn = [...forms, ...stems].some((form) => {
    const rest = words.reduce((text, word) => text.replaceAll(word, ''), form);
    if (rest === form) return false;
    const left = withoutEnds(rest);
    return left.length < SHORTEST_WORD || common.has(left);
  });
  if (isOwn) {
    return 'server.password.own';
  }
  return null;
}

function isSimple(text: string): boolean {
  const [, repeated = text] = /^(.+?)\1+$/su.exec(text) ?? [];
  return (
    new Set(text).size < FEWEST_CHARACTERS ||
    repeated.length < SHORTEST_PASSWORD ||
    LINES.some((line) => line.includes(compact(text)))
  );
}

/** In small letters and without accents, however it was typed. */
function plain(text: string): string {
  return text.normalize('NFKD').toLowerCase().replace(/\p{M}/gu, '');
}

/** Letters and digits alone. */
function compact(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, '');
}

/** From the first letter to the last. */
function withoutEnds(text: string): string {
  return text.replace(/^\P{L}+|\P{L}+$/gu, '');
}

/** `p4$$w0rd` as `password`. */
function withLetters(text: string): string {
  return text.replace(/./gu, (character) => LOOKS_LIKE[character] ?? character);
}

/** The longest first: what is left of it then are no pieces of others. */
function wordsOf({ email, name }: PasswordOwner): string[] {
  const [local = ''] = plain(email).split('@');
  const parts = [plain(email), plain(name)].flatMap((text) => text.split(/[^\p{L}\p{N}]+/u));
  return [
    ...new Set([compact(plain(email)), compact(local), compact(plain(name)), ...parts, ...PRODUCT_WORDS]),
  ]
    .filter(({ length }) => length >= SHORTEST_WORD)
    .sort((a, b) => b.length - a.length);
}

/** Loaded at the first need: it takes a few megabytes. */
function commonPasswords(): Promise<ReadonlySet<string>> {
  return processSingleton('common-passwords', async () => {
    const { dictionary } = await import('@zxcvbn-ts/language-common');
    return new Set(dictionary['passwords-common']);
  });
}
