import { expect, test } from 'vitest';
import { refusalOf } from '../../components/refused-action.ts';
import { BelfryError } from '../../lib/belfry/protocol/errors.ts';
import { refusalFor } from '../../lib/http/posts-to-pages.ts';

test('what the server says when it refuses an action arrives as its sentence', () => {
  const error = new BelfryError('not_signed_in', 'Nobody is signed in: sign in.');
  const { body, headers } = refusalFor(error, true);
  // Next hands on the text of no other type than this very one.
  expect(headers['Content-Type']).toBe('text/plain');
  expect(refusalOf(new Error(body))).toBe('Nobody is signed in: sign in.');
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
