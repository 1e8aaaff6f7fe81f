import { expect, test } from 'vitest';
import { pathAfterSignIn, signInSentence } from '../../lib/auth/sign-in-form.ts';
import { languages } from '../../lib/language/languages.ts';
import type { AppMessages } from '../../lib/language/messages.ts';

const t = languages.translate<AppMessages>(languages.readerOf({ locale: 'en' }));

test('every refusal becomes a sentence that says how to go on', () => {
  expect(signInSentence('CredentialsSignin', t)).toMatch(/Check both/);
  expect(signInSentence('too_many_requests:61', t)).toBe('Too many tries. Wait 61 seconds, then try again.');
  expect(signInSentence('too_many_requests:812', t)).toBe('Too many tries. Wait 14 minutes, then try again.');
  expect(signInSentence('internal_error', t)).toMatch(/Try again/);
});

test('nothing is said when nothing went wrong, and nothing of what a link says is repeated', () => {
  expect(signInSentence(null, t)).toBeNull();
  expect(signInSentence('', t)).toBeNull();
  expect(signInSentence('Call +1 555 0100 to unlock your account', t)).not.toContain('555');
});

test.each([
  ['/admin?tab=sent#last', '/admin?tab=sent#last'],
  ['http://127.0.0.1:3000/admin', '/admin'],
  [null, '/'],
  ['', '/'],
  ['https://evil.example/admin', '/'],
  ['//evil.example/admin', '/'],
  ['/\\evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['javascript:alert(1)', '/'],
  ['http://127.0.0.1:3000@evil.example/', '/'],
])('signing in leads from %j to %j, never off the site', (callbackUrl, path) => {
  expect(pathAfterSignIn(callbackUrl, 'http://127.0.0.1:3000')).toBe(path);
});
