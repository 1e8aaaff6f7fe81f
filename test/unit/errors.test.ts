import {
  getAccessFallbackHTTPStatus,
  isHTTPAccessFallbackError,
} from 'next/dist/client/components/http-access-fallback/http-access-fallback.js';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Languages } from '../../lib/belfry/language/languages.ts';
import { createToMessage } from '../../lib/belfry/language/message.ts';
import { deliverySchema } from '../../lib/belfry/notifications/sending.ts';
import {
  BelfryError,
  errorBody,
  invalidInput,
  isBelfryError,
  parseInput,
} from '../../lib/belfry/protocol/errors.ts';
import { toBelfryError, toDatabaseTrouble } from '../../lib/belfry/storage/database-errors.ts';

test('an error of another copy of the module is known by its code', () => {
  const fromElsewhere = Object.assign(new Error('The server is restarting.'), {
    code: 'shutting_down',
    status: 503,
  });
  expect(isBelfryError(fromElsewhere)).toBe(true);
  expect(isBelfryError(fromElsewhere, 'shutting_down')).toBe(true);
  expect(isBelfryError(fromElsewhere, 'not_found')).toBe(false);
});

test.each([
  null,
  undefined,
  'not_found',
  new Error('x'),
  { code: 'ENOENT', status: 404 },
  { code: 'P2002' },
  { code: 'not_found' },
  { code: 'toString', status: 200 },
  { code: 'constructor', status: 500 },
])('what is not one of ours is not taken for one: %j', (error) => {
  expect(isBelfryError(error)).toBe(false);
});

test('each code has its status', () => {
  expect(new BelfryError('not_signed_in', 'x').status).toBe(401);
  expect(new BelfryError('too_many_streams', 'x').status).toBe(429);
  expect(new BelfryError('database_busy', 'x').status).toBe(503);
});

test('the body of a refusal holds the code and the sentence, and nothing of the inside', () => {
  const error = new BelfryError('database_busy', 'Try again.', {
    cause: new Error('/var/secret'),
    retryAfterSeconds: 2,
  });
  expect(errorBody(error)).toStrictEqual({ error: { code: 'database_busy', message: 'Try again.' } });
});

test('what zod found is told for each field, nested ones by their path, and the rest under body', () => {
  const schema = z.strictObject({ a: z.string(), list: z.array(z.number()) });
  const parsed = schema.safeParse({ a: 1, list: [1, 'x'], more: true });
  const error = invalidInput(parsed.error as z.ZodError, 'See the fields.');
  expect(Object.keys(error.fieldErrors ?? {}).sort()).toEqual(['a', 'body', 'list.1']);
});

describe('sentences of a schema', () => {
  const words = {
    'server.shop.kilos': 'Order {minimum, number} kg or more of {field}.',
    'server.shop.closed': 'We are closed on {day}.',
  } as const;
  const german = { 'server.shop.kilos': 'Bestellen Sie mindestens {minimum, number} kg.' };
  const languages = new Languages({ en: words, 'zh-TW': {}, de: { ...words, ...german } });
  const schema = z.strictObject({
    tea: z.number().min(1_500, 'server.shop.kilos'),
    day: z.string().refine(() => false, { error: 'server.shop.closed', params: { day: 'Sunday' } }),
    milk: z.literal('oat', 'Oat or none.'),
    cups: z.array(z.string().max(3)).min(1),
  });

  function refusalOf(input: unknown): BelfryError {
    try {
      parseInput(schema, input, 'See the fields.', { toMessage: createToMessage(words) });
    } catch (error) {
      return error as BelfryError;
    }
    throw new Error('It was taken.');
  }

  test('a key is its message, given what was found, in the language of the reader; any other text stays', () => {
    const error = refusalOf({ tea: 7, day: 'x', milk: 'cow', cups: ['mug'] });
    expect(error.fieldErrors).toEqual({
      tea: ['Order 1,500 kg or more of tea.'],
      day: ['We are closed on Sunday.'],
      milk: ['Oat or none.'],
    });
    const reader = languages.readerOf({ acceptLanguage: 'de' });
    expect(errorBody(error, languages.translate(reader)).error).toMatchObject({
      code: 'invalid_input',
      message: 'See the fields.',
      fieldErrors: { tea: ['Bestellen Sie mindestens 1.500 kg.'], milk: ['Oat or none.'] },
    });
  });

  test('where a schema says nothing, Belfry has a sentence', () => {
    const own = (input: unknown) => {
      try {
        return parseInput(schema, input, null);
      } catch (error) {
        const reader = languages.readerOf({ acceptLanguage: 'zh-TW' });
        return errorBody(error as BelfryError, languages.translate(reader)).error.fieldErrors;
      }
    };
    expect(own({ tea: 'x', milk: 'oat', cups: ['teapot'], pot: 1 })).toMatchObject({
      tea: ['tea 必須是數字。'],
      day: ['缺少 day。'],
      'cups.0': ['最多 3 個字元。'],
      body: ['請移除這裡不認得的欄位：pot。'],
    });
    expect(own({ tea: 2_000, day: 7, milk: 'oat', cups: [] })).toEqual({
      day: ['day 必須是文字。'],
      cups: ['至少 1 項。'],
    });
  });
});

test('a field called like a part of every object is told like any other', () => {
  const schema = z.record(z.string(), z.number());
  const parsed = schema.safeParse(JSON.parse('{"constructor":"x","toString":"y"}'));
  const error = invalidInput(parsed.error as z.ZodError, 'See the fields.');
  expect(error.fieldErrors).toMatchObject({
    constructor: [expect.any(String)],
    toString: [expect.any(String)],
  });
});

test.each([
  [{ code: 'P2028' }, 'database_busy'],
  [{ code: 'P1008' }, 'database_busy'],
  [{ code: 'P2010', meta: { driverAdapterError: { cause: { kind: 'SocketTimeout' } } } }, 'database_busy'],
  [{ message: 'x', cause: { originalCode: 'SQLITE_FULL' } }, 'database_unusable'],
  [{ message: 'database or disk is full' }, 'database_unusable'],
  [{ code: 'P1017' }, 'database_unusable'],
])('a failure of the database becomes a sentence that says how to go on: %j', (error, code) => {
  const known = toBelfryError(error);
  expect(known?.code).toBe(code);
  expect(known?.retryAfterSeconds).toBeGreaterThan(0);
});

test.each([
  ['SQLITE_READONLY_DBMOVED', 'read_only'],
  ['SQLITE_CORRUPT_INDEX', 'damaged'],
  ['SQLITE_NOTADB', 'damaged'],
  ['SQLITE_IOERR_WRITE', 'disk_failed'],
  ['SQLITE_CANTOPEN', 'disk_failed'],
  ['SQLITE_BUSY_SNAPSHOT', 'busy'],
  ['DATABASE_REMOVED', 'removed'],
  ['DATABASE_REPLACED', 'replaced'],
  ['25006', 'read_only'],
  ['53100', 'disk_full'],
  ['57P03', 'unreachable'],
  ['3D000', 'unreachable'],
  ['28P01', 'not_allowed'],
  ['42501', 'not_allowed'],
  ['XX001', 'damaged'],
])('what the database calls %s is a trouble that is told as %s', (originalCode, trouble) => {
  const error = { code: 'P2010', meta: { driverAdapterError: { cause: { originalCode } } } };
  expect(toDatabaseTrouble(error)?.code).toBe(trouble);
  expect(toBelfryError(error)).toMatchObject({ status: 503, message: toDatabaseTrouble(error)?.sentence });
});

test('a constraint, and a statement that cannot be, are no troubles of the database', () => {
  for (const originalCode of ['SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_ERROR', '23505', '42P01', '42601'])
    expect(toDatabaseTrouble({ code: 'P2010', cause: { originalCode } })).toBeNull();
});

test('one of ours is found under whatever wraps it', () => {
  const inner = new BelfryError('database_unusable', 'Full.');
  expect(toBelfryError(new Error('outer', { cause: new Error('middle', { cause: inner }) }))).toBe(inner);
});

test.each([new Error('bug'), 'text', null, undefined, { code: 'P2002' }])(
  'a defect stays a defect: %j',
  (error) => {
    expect(toBelfryError(error)).toBeNull();
  },
);

test('an error that is its own cause is not followed for ever', () => {
  const error = new Error('loop');
  error.cause = error;
  expect(toBelfryError(error)).toBeNull();
});

test.each([
  ['not_signed_in', 401],
  ['not_allowed', 403],
  ['not_found', 404],
] as const)('Next answers %s with %i where a plain handler or a page throws it', (code, status) => {
  const error = new BelfryError(code, 'Not like this.');
  expect(isHTTPAccessFallbackError(error) && getAccessFallbackHTTPStatus(error)).toBe(status);
});

test('Next is told nothing of an error that it has no answer for', () => {
  expect(isHTTPAccessFallbackError(new BelfryError('database_busy', 'Try again.'))).toBe(false);
});

describe('a field of which its schema says nothing', () => {
  const sentenceOf = (schema: z.ZodType, value: unknown): string | undefined => {
    try {
      parseInput(z.object({ when: schema }), { when: value }, null);
      return undefined;
    } catch (error) {
      return (error as BelfryError).message;
    }
  };

  test.each([
    [
      z.iso.datetime(),
      '2030-01-31',
      'Give when as an ISO 8601 time with its zone, such as 2030-01-31T12:00:00Z.',
    ],
    [z.iso.date(), 'soon', 'Give when as a date, such as 2030-01-31.'],
    [z.email(), 'ada', 'Give when as an email address, such as ada@example.com.'],
    [z.url(), 'here', 'Give when as a whole address, such as https://example.com/.'],
    [z.string().regex(/^a$/), 'b', 'when does not have the form that is asked for.'],
    [z.cuid2(), '-', 'when does not have the form that is asked for (cuid2).'],
    [z.string(), 1, 'Give when as text.'],
    [z.array(z.string()), 'a', 'Give when as a list.'],
    [z.object({}), 'a', 'Give when as an object.'],
    [z.boolean(), 'a', 'Give when as true or false.'],
  ])('is refused by a sentence that says what to give: %#', (schema, value, sentence) => {
    expect(sentenceOf(schema, value)).toBe(sentence);
  });
});

test('what is wrong as a whole may say with how many fields', () => {
  const schema = z.object({ a: z.string(), b: z.string() });
  const refusal = () => parseInput(schema, {}, (fields) => `Check ${fields}.`);
  expect(refusal).toThrow('Check 2.');
});

test.each(['at', 'expiresAt'])(
  'a day without a time is refused as %s by a sentence with an example',
  (field) => {
    expect(() => parseInput(deliverySchema, { [field]: '2030-01-31' }, null)).toThrow(
      `Give ${field} as an ISO 8601 time with its zone, such as 2030-01-31T12:00:00Z.`,
    );
  },
);
