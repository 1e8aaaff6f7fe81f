/** What of a long job is told, and when. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Progress } from '../../lib/belfry/definitions/progress-type.ts';
import { RunningJob } from '../../lib/belfry/progress/running-job.ts';

const HOUR_MS = 60 * 60_000;

let told: { at: number; progress: Progress }[];
let renewed: number[];
let ended: Progress[];
let failures: unknown[];
/** What the next calls do. */
let telling: () => Promise<void>;
let ending: () => Promise<void>;
let job: RunningJob<number>;

beforeEach(() => {
  vi.useFakeTimers();
  [told, renewed, ended, failures] = [[], [], [], []];
  telling = async () => {};
  ending = async () => {};
  const since = performance.now();
  job = new RunningJob({
    key: 'may',
    silentAfterMs: 60_000,
    isOver: false,
    send(progress) {
      told.push({ at: performance.now() - since, progress });
      return telling();
    },
    renew: async () => void renewed.push(performance.now() - since),
    async end(progress) {
      await ending();
      ended.push(progress);
    },
    onError: (error) => failures.push(error),
    onStop() {},
  });
});
afterEach(() => {
  job.stop();
  vi.useRealTimers();
});

const fractions = () => told.map(({ progress }) => progress.state === 'running' && progress.fraction);

test('the first report goes out at once; of many in a row a few do, and the last', async () => {
  job.report(0);
  await vi.advanceTimersByTimeAsync(0);
  expect(fractions()).toEqual([0]);
  for (let n = 1; n <= 100; n += 1) {
    job.report(n / 100);
    await vi.advanceTimersByTimeAsync(10);
  }
  await vi.advanceTimersByTimeAsync(200);
  expect(told.length).toBeGreaterThan(3);
  expect(told.length).toBeLessThanOrEqual(7);
  expect(fractions().at(-1)).toBe(1);
});

test('what was told last is told again every 5 s, and three times within the time that it may be silent it says that it is alive', async () => {
  job.report(0.5, 'Half');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told.map(({ at }) => at)).toEqual(Array.from({ length: 13 }, (_, n) => n * 5_000));
  expect(told.at(-1)?.progress).toEqual({ state: 'running', fraction: 0.5, note: 'Half' });
  expect(renewed).toEqual([20_000, 40_000, 60_000]);
});

test('one that reports nothing for an hour is left to be lost', async () => {
  await vi.advanceTimersByTimeAsync(HOUR_MS / 2);
  job.report(0.5);
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  const known = [told.length, renewed.length];
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  expect(told.length - (known[0] ?? 0)).toBeLessThanOrEqual(5);
  expect(renewed.length).toBe(known[1]);
});

test('the end waits for what is being told, and nothing is told after it', async () => {
  const held = Promise.withResolvers<void>();
  telling = () => held.promise;
  job.report(0.5);
  await vi.advanceTimersByTimeAsync(0);
  job.report(0.6);
  const done = job.done(7);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ended).toEqual([]);
  held.resolve();
  await done;
  job.report(0.7);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ended).toEqual([{ state: 'done', result: 7 }]);
  expect(fractions()).toEqual([0.5]);
  expect(renewed).toEqual([]);
});

test('what cannot be told is told of, and the job goes on; an end that cannot be stored can be said again', async () => {
  telling = async () => {
    throw new Error('Gone');
  };
  job.report(0.5);
  await vi.advanceTimersByTimeAsync(0);
  expect(failures).toEqual([new Error('Gone')]);
  ending = telling;
  await expect(job.done(7)).rejects.toThrow('Gone');
  ending = async () => {};
  await job.fail('Late');
  await job.done(7);
  expect(ended).toEqual([{ state: 'failed', reason: 'Late' }]);
});
