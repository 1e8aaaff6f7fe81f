import { hkdfSync } from 'node:crypto';
import { EncryptJWT } from 'jose';
import { encode } from 'next-auth/jwt';
import { expect, test, vi } from 'vitest';
import { decodeDirectly, decodeSession, decodeWithJose } from '@/lib/auth/session-decoder.ts';

const { SECRET } = vi.hoisted(() => {
  const SECRET = 'a secret for these tests alone';
  process.env.NEXTAUTH_SECRET = SECRET;
  return { SECRET };
});

const KEY = new Uint8Array(hkdfSync('sha256', SECRET, '', 'NextAuth.js Generated Encryption Key', 32));
const CLAIMS = { sessionId: 'of a browser' };
const now = () => Math.floor(Date.now() / 1_000);

const usual = () => encode({ token: CLAIMS, secret: SECRET, maxAge: 600 });
const made = (claims: Record<string, unknown>, header: Record<string, unknown> = {}) =>
  new EncryptJWT(claims).setProtectedHeader({ alg: 'dir', enc: 'A256GCM', ...header }).encrypt(KEY);

/** What both ways make of a token: its claims, or that it is refused. */
async function bothWays(token: string): Promise<unknown> {
  const [one, other] = await Promise.all(
    [decodeSession, decodeWithJose].map((decode) => decode(token).catch(() => 'refused')),
  );
  expect(one).toEqual(other);
  return one;
}

test('a session as next-auth makes it is decrypted without jose', async () => {
  expect(decodeDirectly(await usual())).toMatchObject(CLAIMS);
});

test('whichever way, the claims of a session that is good are the same', async () => {
  const text = { ...CLAIMS, name: 'Zoë 鐘 🔔 "\\' };
  for (const token of [
    await usual(),
    await made({ ...text, iat: now(), exp: now() + 60 }),
    await made(text),
    await made({ ...text, nbf: now() - 60 }),
    await made({ ...text, iat: now() + 600, exp: now() + 900 }),
    // Clocks may differ by 15 s.
    await made({ ...text, iat: now() - 60, exp: now() - 5 }),
    await made({ ...text, iat: now(), exp: now() + 60 }, { typ: 'JWT' }),
    await made({ ...text, iat: now(), exp: now() + 60 }, { zip: 'DEF' }),
  ]) {
    expect(await bothWays(token)).toMatchObject(CLAIMS);
  }
});

test('whichever way, what was changed, is over or is of another key is refused', async () => {
  const token = await usual();
  const [header, , iv, text, tag] = token.split('.') as [string, string, string, string, string];
  const changed = (part: string) => `${part.startsWith('A') ? 'B' : 'A'}${part.slice(1)}`;
  for (const refused of [
    '',
    'not a token',
    '....',
    `${token}.`,
    token.slice(0, -1),
    token.slice(1),
    [header, '', changed(iv), text, tag].join('.'),
    [header, '', iv, changed(text), tag].join('.'),
    [header, '', iv, text, changed(tag)].join('.'),
    [header, '', iv, text, tag.slice(0, 12)].join('.'),
    [header, '', iv.slice(0, 8), text, tag].join('.'),
    [header, '', iv, '', tag].join('.'),
    [header, 'AAAA', iv, text, tag].join('.'),
    [changed(header), '', iv, text, tag].join('.'),
    await encode({ token: CLAIMS, secret: 'another', maxAge: 600 }),
    await encode({ token: CLAIMS, secret: SECRET, salt: 'for something else', maxAge: 600 }),
    await made({ ...CLAIMS, iat: now() - 60, exp: now() - 16 }),
    await made({ ...CLAIMS, iat: now(), exp: 'soon' }),
    await made({ ...CLAIMS, iat: 'lately', exp: now() + 60 }),
    await made({ ...CLAIMS, iat: now(), exp: now() + 900, nbf: now() + 600 }),
  ]) {
    expect(await bothWays(refused)).toBe('refused');
  }
});
