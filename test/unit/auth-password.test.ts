import { expect, test } from 'vitest';
import { hashPassword, NO_PASSWORD, verifyPassword } from '../../lib/auth/password.ts';

test('the password that was set is right, any other is wrong', async () => {
  const hash = await hashPassword('correct horse');
  expect(await verifyPassword(hash, 'correct horse')).toBe(true);
  expect(await verifyPassword(hash, 'correct horse ')).toBe(false);
  expect(await verifyPassword(hash, '')).toBe(false);
});

test('passwords are kept as salted argon2id at the recommended cost', async () => {
  const hash = await hashPassword('correct horse');
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await hashPassword('correct horse')).not.toBe(hash);
});

test('an accent counts as the same letter however the keyboard composes it', async () => {
  const hash = await hashPassword('caf\u00e9 au lait');
  expect(await verifyPassword(hash, 'cafe\u0301 au lait')).toBe(true);
});

test('an account that does not exist costs a guesser as much time as a wrong password', async () => {
  const hash = await hashPassword('correct horse');
  await verifyPassword(null, 'warm up');
  const time = async (passwordHash: string | null) => {
    const runs: number[] = [];
    for (let run = 0; run < 7; run += 1) {
      const startedAt = performance.now();
      expect(await verifyPassword(passwordHash, 'a guess')).toBe(false);
      runs.push(performance.now() - startedAt);
    }
    return Math.min(...runs);
  };
  const [known, unknown] = [await time(hash), await time(null)];
  // Without the work for nobody's hash it is a thousandth.
  expect(unknown).toBeGreaterThan(known / 3);
  expect(unknown).toBeLessThan(known * 3);
});

test('an account that no password opens is opened by none', async () => {
  expect(await verifyPassword(NO_PASSWORD, NO_PASSWORD)).toBe(false);
  expect(await verifyPassword('', '')).toBe(false);
});
