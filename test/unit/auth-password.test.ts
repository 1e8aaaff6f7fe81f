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

test('an account that does not exist costs as much work as a wrong password, so that a guesser cannot tell it by the time', async () => {
  const hash = await hashPassword('correct horse');
  await verifyPassword(null, 'warm up');
  const work = async (passwordHash: string | null) => {
    const runs: number[] = [];
    for (let run = 0; run < 7; run += 1) {
      // Of all threads: what else the machine does is not counted.
      const before = process.cpuUsage();
      expect(await verifyPassword(passwordHash, 'a guess')).toBe(false);
      const { user, system } = process.cpuUsage(before);
      runs.push(user + system);
    }
    return Math.min(...runs);
  };
  const [known, unknown] = [await work(hash), await work(null)];
  // Without the work for nobody's hash it is a thousandth.
  expect(unknown).toBeGreaterThan(known / 3);
  expect(unknown).toBeLessThan(known * 3);
});

test('an account that no password opens is opened by none', async () => {
  expect(await verifyPassword(NO_PASSWORD, NO_PASSWORD)).toBe(false);
  expect(await verifyPassword('', '')).toBe(false);
});
