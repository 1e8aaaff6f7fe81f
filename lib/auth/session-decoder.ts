/**
 * Decrypts a session as next-auth's own `decode` does, with the key kept: next-auth derives it anew for
 * every request, on a thread of its own, which takes longer than the decryption.
 *
 * A session in the form that next-auth gives it is decrypted by Node itself: every stream that is opened needs one.
 * `decodeWithJose` is the plain path, and whatever is not as expected is left to it; one suite holds both. See
 * docs/decisions/039-sessions-decrypted-directly.md.
 */
import { createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { jwtDecrypt } from 'jose';
import type { JWT } from 'next-auth/jwt';
import { authSecret } from './secret.ts';

// What `encode` of next-auth 4 uses; a test signs in through it and reads the session here.
const KEY_INFO = 'NextAuth.js Generated Encryption Key';
const KEY_BYTES = 32;
const ALGORITHMS = { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] };
// Clocks of several machines differ a little.
const CLOCK_TOLERANCE_SECONDS = 15;
// What a token begins with (RFC 7516, 7.1). It is authenticated as it is written there.
const HEADER = Buffer.from(JSON.stringify({ alg: 'dir', enc: 'A256GCM' })).toString('base64url');
const AUTHENTICATED = Buffer.from(HEADER);
// 12 and 16 bytes in base64url (RFC 7518, 5.3).
const IV_LENGTH = 16;
const TAG_LENGTH = 22;
const TAG_BYTES = 16;

/**
 * The claims of a session.
 *
 * @throws When it was not encrypted with our secret, or has expired.
 */
export async function decodeSession(token: string): Promise<JWT> {
  return decodeDirectly(token) ?? (await decodeWithJose(token));
}

/** As `decodeSession`. */
export async function decodeWithJose(token: string): Promise<JWT> {
  const { payload } = await jwtDecrypt(token, key(), {
    ...ALGORITHMS,
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
  });
  return payload;
}

/** The claims of a session that is good and in the form that next-auth gives it; null of anything else. */
export function decodeDirectly(token: string): JWT | null {
  const [header, wrappedKey, iv = '', encrypted = '', tag = '', ...more] = token.split('.');
  if (header !== HEADER || wrappedKey !== '' || more.length > 0) return null;
  if (iv.length !== IV_LENGTH || tag.length !== TAG_LENGTH) return null;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key(), Buffer.from(iv, 'base64url'), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(AUTHENTICATED).setAuthTag(Buffer.from(tag, 'base64url'));
    const text = decipher.update(encrypted, 'base64url', 'utf8') + decipher.final('utf8');
    const claims: JWT = JSON.parse(text);
    return isGood(claims) ? claims : null;
  } catch {
    return null;
  }
}

function isGood({ iat, exp, nbf }: JWT): boolean {
  const now = Math.floor(Date.now() / 1_000);
  return (
    typeof iat === 'number' &&
    typeof exp === 'number' &&
    exp > now - CLOCK_TOLERANCE_SECONDS &&
    nbf === undefined
  );
}

function key(): KeyObject {
  kept ??= createSecretKey(new Uint8Array(hkdfSync('sha256', authSecret(), '', KEY_INFO, KEY_BYTES)));
  return kept;
}

let kept: KeyObject | undefined;
