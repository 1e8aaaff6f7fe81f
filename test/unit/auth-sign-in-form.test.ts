import { expect, test } from 'vitest';
import { pathAfterSignIn, signInSentence } from '../../lib/auth/sign-in-form.ts';

test('every refusal becomes a sentence that says how to go on', () => {
  expect(signInSentence('CredentialsSignin')).toMatch(/Check both/);
  expect(signInSentence('too_many_requests:61')).toBe('Too many tries. Wait 61 seconds, then try again.');
  expect(signInSentence('too_many_requests:812')).toBe('Too many tries. Wait 14 minutes, then try again.');
  expect(signInSentence('internal_error')).toMatch(/Try again/);
});

test('nothing is said when nothing went wrong, and nothing of what a link says is repeated', () => {
  expect(signInSentence(null)).toBeNull();
  expect(signInSentence('')).toBeNull();
  expect(signInSentence('Call +1 555 0100 to unlock your account')).not.toContain('555');
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
