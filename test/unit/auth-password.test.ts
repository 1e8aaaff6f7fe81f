import { expect, test } from 'vitest';
import { hashPassword, inPasswordTurn, verifyPassword } from '../../lib/auth/password.ts';

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

test('a crowd is served in turn, two at a time, and who comes when the line is full is told to come back', async () => {
  let running = 0;
  let most = 0;
  const turn = async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((done) => setTimeout(done, 1));
    running -= 1;
  };
  const answers = await Promise.allSettled(Array.from({ length: 110 }, () => inPasswordTurn(turn)));
  const refused = answers.filter((answer) => answer.status === 'rejected');
  expect(most).toBe(2);
  expect(refused).toHaveLength(8);
  expect(refused[0]?.reason).toMatchObject({
    code: 'too_many_requests',
    retryAfterSeconds: expect.any(Number),
  });
});

test('a turn that fails makes room for the next', async () => {
  const failing = () => inPasswordTurn(() => Promise.reject(new Error('the disk is full')));
  await Promise.allSettled([failing(), failing(), failing()]);
  expect(await inPasswordTurn(async () => 'served')).toBe('served');
});
