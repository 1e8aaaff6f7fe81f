import { expect, test } from 'vitest';
import { oneAtATime } from '../../lib/belfry/engine/one-at-a-time.ts';

/** Work whose runs end when they are told to, in their order. */
function heldWork() {
  const runs: PromiseWithResolvers<void>[] = [];
  const work = async () => {
    const run = Promise.withResolvers<void>();
    runs.push(run);
    await run.promise;
  };
  return { runs, ask: oneAtATime(work) };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test('whoever asks while a run is under way gets the one that begins after it, and shares it', async () => {
  const { runs, ask } = heldWork();
  const done: string[] = [];
  const first = ask().then(() => done.push('first'));
  const later = [ask(), ask(), ask()].map((one) => one.then(() => done.push('later')));
  await settled();
  expect(runs).toHaveLength(1);
  runs[0]?.resolve();
  await first;
  await settled();
  expect([runs.length, done]).toEqual([2, ['first']]);
  runs[1]?.resolve();
  await Promise.all(later);
  expect(runs).toHaveLength(2);
});

test('whoever asks when a run has just ended, or after all of them, never makes two run at once', async () => {
  let underWay = 0;
  let most = 0;
  let runs = 0;
  const ask = oneAtATime(async () => {
    underWay += 1;
    runs += 1;
    most = Math.max(most, underWay);
    await settled();
    underWay -= 1;
  });
  const asked: Promise<void>[] = [];
  for (let turn = 0; turn < 20; turn += 1) {
    asked.push(ask().then(() => ask()));
    await Promise.resolve();
    asked.push(ask());
    await settled();
  }
  await Promise.all(asked);
  expect(most).toBe(1);
  const before = runs;
  await ask();
  expect(runs).toBe(before + 1);
});

test('a run that fails tells those who asked for it, and the next one begins all the same', async () => {
  const { runs, ask } = heldWork();
  const [first, second] = [ask(), ask()];
  runs[0]?.reject(new Error('the database is away'));
  await expect(first).rejects.toThrow('the database is away');
  await settled();
  runs[1]?.resolve();
  await second;
});
