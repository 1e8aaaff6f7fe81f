import { expect, test } from 'vitest';
import { actionKey } from '../../lib/auth/secret.ts';
import { setActionKey } from '../../lib/config/env.ts';

test('the key of actions is the same wherever the secret is, is as long as Next wants it, and tells nothing of the secret', () => {
  const secret = 'a secret for this test';
  expect(actionKey(secret)).toBe(actionKey(secret));
  expect(actionKey('another one for this test')).not.toBe(actionKey(secret));
  const bytes = Buffer.from(actionKey(secret), 'base64');
  expect(bytes).toHaveLength(32);
  expect(bytes.toString('latin1')).not.toContain('secret');
});

test('Next encrypts what an action is bound to with that key, and not with the one that every build has', async () => {
  const { setManifestsSingleton } = await import('next/dist/server/app-render/manifests-singleton.js');
  const { getActionEncryptionKey } = await import('next/dist/server/app-render/encryption-utils.js');
  const ofEveryBuild = Buffer.alloc(32, 'names of actions').toString('base64');
  setManifestsSingleton({
    page: '/',
    clientReferenceManifest: {},
    serverActionsManifest: { node: {}, edge: {}, encryptionKey: ofEveryBuild },
  } as never);
  const key = actionKey('a secret for this test');
  setActionKey(key);
  const used = await crypto.subtle.exportKey('raw', await getActionEncryptionKey());
  expect(Buffer.from(used).toString('base64')).toBe(key);
});
