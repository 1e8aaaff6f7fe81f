/**
 * Decrypts a session as next-auth's own `decode` does, with the key kept: next-auth derives it anew for
 * every request, on a thread of its own, which takes longer than the decryption.
 */
import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { jwtDecrypt } from 'jose';
import type { JWT } from 'next-auth/jwt';
import { processSingleton } from '../config/process-singleton.ts';
import { authSecret } from './secret.ts';

// What `encode` of next-auth 4 uses; a test signs in through it and reads the session here.
const KEY_INFO = 'NextAuth.js Generated Encryption Key';
const KEY_BYTES = 32;
const ALGORITHMS = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] };
// Clocks of several machines differ a little.
const CLOCK_TOLERANCE_SECONDS = 15;

/**
 * The claims of a session.
 *
 * @throws When it was not encrypted with our secret, or has expired.
 */
export async function decodeSession(token: string): Promise<JWT> {
  const { payload } = await jwtDecrypt(token, key(), {
    ...ALGORITHMS,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
  });
  return payload;
}

function key(): KeyObject {
  return processSingleton('session-key', () =>
    createSecretKey(new Uint8Array(hkdfSync('sha256', authSecret(), '', KEY_INFO, KEY_BYTES))),
  );
}
