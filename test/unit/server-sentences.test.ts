import { readFileSync } from 'node:fs';
import compile from 'icu-minify/compile';
import { describe, expect, test } from 'vitest';
import { en as ofBelfry } from '../../lib/belfry/language/en.ts';
import type { Catalogue } from '../../lib/belfry/language/translate.ts';
import { zhTW as ofBelfryInChinese } from '../../lib/belfry/language/zh-TW.ts';
import { en } from '../../lib/language/en.ts';
import { zhTW } from '../../lib/language/zh-TW.ts';
import { sourceFiles } from '../support/source-files.ts';

// What stays as it is in every language: names, what stands in code, requests and answers, and examples.
const NAMES = [
  ...['Authorization', 'Bearer', 'Content-Length', 'Content-Type', 'Expect', 'Host'],
  ...[
    'Next-Router-State-Tree',
    'Origin',
    'Upgrade',
    'application',
    'json',
    'multipart',
    'continue',
    'priority',
  ],
  ...[
    'CONNECT',
    'GET',
    'POST',
    'HTTP',
    'ISO',
    'JSON',
    'NUL',
    'RFC',
    'UTF-8',
    'WebSocket',
    'XX',
    'kB',
    'https',
  ],
  ...['NEXTAUTH_URL', 'defineEventType', 'app', 'event-types', 'ts', 'admin', 'notifications', 'poll'],
  ...[
    'action',
    'all',
    'at',
    'audience',
    'callbackUrl',
    'cursor',
    'error',
    'everyone',
    'expiresAt',
    'expiresIn',
  ],
  ...[
    'fieldErrors',
    'group',
    'groupKey',
    'id',
    'ids',
    'limit',
    'name',
    'nextCursor',
    'payload',
    'secret',
    'since',
    'state',
  ],
  ...['targetUserId', 'throughId', 'to', 'topic', 'undo', 'until', 'user', 'users', 'view', 'wait'],
  ...['ada', 'example', 'com', 'ci', 'T12', 'Z', 'Asia', 'Taipei', 'days', 'true', 'false'],
];

describe.each<[string, Catalogue, Catalogue]>([
  ['Belfry', ofBelfry, ofBelfryInChinese],
  ['this app', en, zhTW],
])('what the server of %s says', (_, english, chinese) => {
  const keys = Object.keys(english).filter((key) => key.startsWith('server.'));

  test('is given the same in both languages', () => {
    const valuesOf = (words: Catalogue) => keys.map((key) => ({ key, values: partsOf(words[key]).values }));
    expect(valuesOf(chinese)).toEqual(valuesOf(english));
  });

  test('holds in Chinese no English word but names, and no half-width punctuation', () => {
    const found = keys.map((key) => {
      const text = partsOf(chinese[key]).text.replace(/`[^`]*`/g, '');
      const words = text.match(/[A-Za-z][\w-]*[A-Za-z\d]|[A-Z]/g) ?? [];
      const marks = text.match(/\p{sc=Han} ?[,.:;?!]/gu) ?? [];
      return { key, found: [...words.filter((word) => !NAMES.includes(word)), ...marks] };
    });
    expect(found.filter((one) => one.found.length > 0)).toEqual([]);
  });

  test('is all said somewhere', () => {
    const said = sourceFiles(['lib', 'app'], '.ts')
      .filter((path) => !/language\/(en|zh-TW)\.ts$/.test(path))
      .map((path) => readFileSync(path, 'utf8'))
      .join('\n');
    expect(keys.filter((key) => !said.includes(`'${key}'`))).toEqual([]);
  });
});

/** What a message is given, and its own text, of all that it may choose from. */
function partsOf(message = ''): { values: string[]; text: string } {
  const values = new Set<string>();
  let text = '';
  const lookAt = (part: unknown): void => {
    if (typeof part === 'string') text += part;
    if (!Array.isArray(part)) return;
    const [name, kind = 1, options = {}] = part;
    // As `compile` makes it: a value with its kind, a number above 0, and what it chooses from; or a list of parts.
    if (typeof name === 'string' && /^\w+$/.test(name) && kind > 0) {
      values.add(name);
      for (const option of Object.values(options)) lookAt(option);
    } else for (const one of part) lookAt(one);
  };
  lookAt(compile(message));
  return { values: [...values].sort(), text };
}
