import { expect, test } from 'vitest';
import { actionKey } from '../../lib/auth/secret.ts';

test('the key of actions is the same wherever the secret is, is as long as Next wants it, and tells nothing of the secret', () => {
  const secret = 'a secret for this test';
  expect(actionKey(secret)).toBe(actionKey(secret));
  expect(actionKey('another one for this test')).not.toBe(actionKey(secret));
  const bytes = Buffer.from(actionKey(secret), 'base64');
  expect(bytes).toHaveLength(32);
  expect(bytes.toString('latin1')).not.toContain('secret');
});
