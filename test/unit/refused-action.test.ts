import { expect, test } from 'vitest';
import { refusalOf } from '../../components/refused-action.ts';
import { toMessage } from '../../lib/belfry/language/message.ts';
import { BelfryError } from '../../lib/belfry/protocol/errors.ts';
import { refusalFor } from '../../lib/http/posts-to-pages.ts';

test.each([
  ['en', 'Nobody is signed in. Sign in, then try again.'],
  ['zh-TW', '你尚未登入。請登入後再試一次。'],
])('what the server says in %s when it refuses an action arrives as its sentence', (language, sentence) => {
  const error = new BelfryError('not_signed_in', toMessage('server.belfry.not-signed-in'));
  const asked = { 'Next-Action': '0a', 'Accept-Language': language };
  const { body, headers } = refusalFor(error, new Headers(asked));
  // Next hands on the text of no other type than this very one.
  expect(headers['Content-Type']).toBe('text/plain');
  expect(headers['Content-Language']).toBe(language);
  expect(refusalOf(new Error(body))).toBe(sentence);
});

test.each([
  new TypeError('Failed to fetch'),
  new Error('An unexpected response was received from the server.'),
  new Error('Minified React error #441; visit https://react.dev/errors/441 for the full message'),
  'not_signed_in: x',
  undefined,
])('%s is no refusal', (error) => {
  expect(refusalOf(error)).toBeNull();
});
