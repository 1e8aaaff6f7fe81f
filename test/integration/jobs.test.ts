import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { JobHandler, NewJob } from '../../lib/belfry/jobs/job.ts';
import { JobQueue, type JobQueueOptions } from '../../lib/belfry/jobs/job-queue.ts';
import { LEASE_MS } from '../../lib/belfry/jobs/job-table.ts';
import { type SqlDatabase, type SqlRunner, sql } from '../../lib/belfry/storage/database.ts';
import { openDatabase } from '../../lib/database/db.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { ON_POSTGRESQL } from '../support/empty-database.ts';
import { portOf } from '../support/engine.ts';

const HOUR_MS = 60 * 60_000;
const WORKER = fileURLToPath(new URL('../support/job-worker.ts', import.meta.url));

interface Logged {
  code: string;
  [field: string]: unknown;
}

let testDatabase: TestDatabase;
let database: SqlDatabase;
let time: number;
let logged: Logged[];
let queues: JobQueue[];

beforeEach(async () => {
  testDatabase = await freshDatabase();
  database = portOf(testDatabase.db);
  time = Date.UTC(2030, 0, 1);
  logged = [];
  queues = [];
  // What handlers do, where it can be counted.
  await database.execute(sql`CREATE TABLE effect (payload INTEGER)`);
});

afterEach(async () => {
  await Promise.all(queues.map((one) => one.stop({ limitMs: 100 })));
  await testDatabase.remove();
});

/** One instance. Its clock is the test's. */
function instance(options: Partial<JobQueueOptions> = {}): JobQueue {
  const note = (fields: object) => void logged.push(fields as Logged);
  const queue = new JobQueue({
    database,
    now: () => new Date(time),
    log: { warn: note, error: note },
    ...options,
  });
  queues.push(queue);
  return queue;
}

const at = (milliseconds: number) => new Date(time + milliseconds);
const codes = () => logged.map(({ code }) => code);
const effect: JobHandler<number> = {
  transact: async ({ payload, tx }) => {
    await tx.execute(sql`INSERT INTO effect (payload) VALUES (${payload})`);
  },
};

async function effects(): Promise<number[]> {
  const rows = await database.query<{ payload: number }>(sql`SELECT payload FROM effect ORDER BY payload`);
  return rows.map(({ payload }) => Number(payload));
}

async function waiting(): Promise<number> {
  const rows = await database.query<{ n: bigint }>(
    sql`SELECT COUNT(*) AS n FROM belfry_job WHERE failed_at IS NULL`,
  );
  return Number(rows[0]?.n);
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const effectsOf = (count: number): NewJob[] => numbers(count).map((payload) => ({ kind: 'effect', payload }));

describe('what is due', () => {
  test('is run in the order of its time, and is gone afterwards', async () => {
    const jobs = instance();
    const ran: unknown[] = [];
    jobs.define('note', { transact: async ({ payload }) => void ran.push(payload) });
    await jobs.enqueue({ kind: 'note', payload: 'third', dueAt: at(2_000) });
    await jobs.enqueue({ kind: 'note', payload: 'second', dueAt: at(1_000) });
    await jobs.enqueue({ kind: 'note', payload: 'first' });
    await jobs.enqueue({ kind: 'note', payload: 'later', dueAt: at(HOUR_MS) });
    time += 5_000;
    await jobs.runDue();
    expect(ran).toEqual(['first', 'second', 'third']);
    expect(await waiting()).toBe(1);
    time += HOUR_MS;
    await jobs.runDue();
    expect(ran.at(-1)).toBe('later');
    expect(await waiting()).toBe(0);
  });

  test.each(['transact', 'run'] as const)(
    'comes with its payload and what is known of it (%s)',
    async (way) => {
      const jobs = instance();
      const seen: unknown[] = [];
      jobs.define('note', { [way]: async ({ payload, job }: never) => void seen.push([payload, job]) });
      const id = await jobs.enqueue({ kind: 'note', payload: { text: "it's", list: [1, null] } });
      await jobs.enqueue({ kind: 'note' });
      await jobs.runDue();
      expect(seen).toEqual([
        [
          { text: "it's", list: [1, null] },
          expect.objectContaining({ id, kind: 'note', attempts: 0, createdAt: at(0), dueAt: at(0) }),
        ],
        [null, expect.anything()],
      ]);
    },
  );

  test('is run at once by an instance that has started, and by another when its time has come', {
    tags: 'once',
  }, async () => {
    const jobs = instance({ now: () => new Date() });
    jobs.define('effect', effect);
    jobs.start();
    jobs.start();
    await jobs.enqueue({ kind: 'effect', payload: 1 });
    await vi.waitFor(async () => expect(await effects()).toEqual([1]));
    await instance({ now: () => new Date() }).enqueue({
      kind: 'effect',
      payload: 2,
      dueAt: new Date(Date.now() + 50),
    });
    await vi.waitFor(async () => expect(await effects()).toEqual([1, 2]), { timeout: 10_000 });
  });

  test('is told of as done, retried or failed', async () => {
    const ended: string[] = [];
    const jobs = instance({
      observe: { ended: ({ kind, outcome, lateMs }) => ended.push(`${kind} ${outcome} ${lateMs}`) },
    });
    jobs.define('effect', effect);
    jobs.define('outside', { run: async () => ({ reason: 'no', giveUp: true }) });
    jobs.define('failing', { run: async () => Promise.reject(new Error('no')) });
    await jobs.enqueueMany([{ kind: 'effect', payload: 1 }, { kind: 'outside' }, { kind: 'failing' }]);
    time += 7;
    await jobs.runDue();
    expect(ended.sort()).toEqual(['effect done 7', 'failing retried 7', 'outside failed 7']);
  });

  test('of a kind that this instance does not know is left to others', async () => {
    const old = instance();
    old.define('effect', effect);
    await old.enqueueMany([{ kind: 'of a newer version' }, { kind: 'effect', payload: 1 }]);
    await old.runDue();
    expect(await effects()).toEqual([1]);
    const newer = instance();
    newer.define('of a newer version', { run: async () => {} });
    await newer.runDue();
    expect(await waiting()).toBe(0);
    expect(logged).toEqual([]);
  });
});

describe('adding', () => {
  test('many at once gives their ids in order, and all are run', async () => {
    const jobs = instance();
    jobs.define('effect', effect);
    const ids = await jobs.enqueueMany(effectsOf(2_500));
    expect(ids).toEqual((ids as number[]).toSorted((a, b) => a - b));
    expect(new Set(ids).size).toBe(2_500);
    await jobs.runDue();
    expect(await effects()).toEqual(numbers(2_500));
  });

  test('the same key twice adds nothing while the first waits, also both at once', async () => {
    const jobs = instance();
    jobs.define('effect', effect);
    const one = (payload: number) => jobs.enqueue({ kind: 'effect', payload, uniqueKey: 'key' });
    const ids = await Promise.all([one(1), one(2), jobs.enqueue({ kind: 'effect', payload: 9 }), one(3)]);
    expect(ids).toEqual([expect.any(Number), null, expect.any(Number), null]);
    expect(await one(4)).toBeNull();
    await jobs.runDue();
    expect(await effects()).toEqual([1, 9]);
    expect(await one(5)).toEqual(expect.any(Number));
  });

  test('the same keys from two instances at once, in whatever order, are each added once', async () => {
    const other = openDatabase(testDatabase.url);
    const both = [instance(), instance({ database: portOf(other) })];
    const keyed = numbers(500).map((payload) => ({ kind: 'effect', payload, uniqueKey: `key ${payload}` }));
    const orders = [keyed, keyed.toReversed()];
    const ids = await Promise.all(orders.flatMap((jobs) => both.map((one) => one.enqueueMany(jobs))));
    expect(new Set(ids.flat().filter((id) => id !== null)).size).toBe(500);
    expect(ids.flat().filter((id) => id !== null)).toHaveLength(500);
    await other.$disconnect();
  });

  test('a key can be moved to another time and payload, and taken back', async () => {
    const jobs = instance();
    jobs.define('effect', effect);
    const id = await jobs.replace({ kind: 'effect', payload: 1, uniqueKey: 'key', dueAt: at(HOUR_MS) });
    expect(await jobs.replace({ kind: 'effect', payload: 2, uniqueKey: 'key' })).toBe(id);
    await jobs.enqueue({ kind: 'effect', payload: 3, uniqueKey: 'another' });
    expect(await jobs.cancel('another')).toBe(true);
    expect(await jobs.cancel('another')).toBe(false);
    await jobs.runDue();
    expect(await effects()).toEqual([2]);
  });

  test("inside the caller's transaction it counts when that commits, and not when it rolls back", async () => {
    const jobs = instance();
    jobs.define('effect', effect);
    await jobs.enqueue({ kind: 'effect', payload: 0, uniqueKey: 'cancelled', dueAt: at(HOUR_MS) });
    const work = async (tx: SqlRunner) => {
      await jobs.enqueue({ kind: 'effect', payload: 1 }, { tx });
      await jobs.enqueueMany([{ kind: 'effect', payload: 2 }], { tx });
      await jobs.replace({ kind: 'effect', payload: 3, uniqueKey: 'key' }, { tx });
      expect(await jobs.cancel('cancelled', { tx })).toBe(true);
    };
    const failing = database.transaction(async (tx) => {
      await work(tx);
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    await jobs.runDue();
    expect(await effects()).toEqual([]);
    expect(await waiting()).toBe(1);
    await database.transaction(work);
    await jobs.runDue();
    expect(await effects()).toEqual([1, 2, 3]);
    expect(await waiting()).toBe(0);
  });
});

describe('two instances at once', () => {
  test('run each job once, and lose none', async () => {
    const other = openDatabase(testDatabase.url);
    const both = [instance(), instance({ database: portOf(other) })];
    const ran: number[] = [];
    for (const one of both) {
      one.define('effect', effect);
      one.define<number>('outside', { run: async ({ payload }) => void ran.push(payload), concurrency: 7 });
    }
    await both[0]?.enqueueMany(
      numbers(600).flatMap((payload) => [
        { kind: 'effect', payload },
        { kind: 'outside', payload },
      ]),
    );
    for (const one of both) one.start();
    await vi.waitFor(async () => expect(await waiting()).toBe(0), { timeout: 15_000 });
    await Promise.all(both.map((one) => one.stop()));
    await other.$disconnect();
    expect(await effects()).toEqual(numbers(600));
    expect(ran.sort((a, b) => a - b)).toEqual(numbers(600));
    expect(logged).toEqual([]);
  });

  test('leave each what it has under way, until it has not been heard of for as long as a lease', async () => {
    const [first, second] = [instance(), instance()];
    const ran: string[] = [];
    const firstEnd = Promise.withResolvers<void>();
    const secondEnd = Promise.withResolvers<void>();
    for (const [name, one, { promise }] of [
      ['first', first, firstEnd],
      ['second', second, secondEnd],
    ] as const) {
      one.define('slow', {
        run: async () => {
          ran.push(name);
          await promise;
        },
      });
    }
    await first.enqueue({ kind: 'slow' });
    const firstRuns = first.runDue();
    await vi.waitFor(() => expect(ran).toEqual(['first']));
    await second.runDue();
    expect(ran).toEqual(['first']);
    time += LEASE_MS + 1;
    const secondRuns = second.runDue();
    await vi.waitFor(() => expect(ran).toEqual(['first', 'second']));
    // It is the other's by now: an end of the first changes nothing.
    firstEnd.resolve();
    await firstRuns;
    expect(await waiting()).toBe(1);
    secondEnd.resolve();
    await secondRuns;
    expect(await waiting()).toBe(0);
  });

  test('renew the lease of what takes long', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const [first, second] = [instance(), instance()];
      const ran: string[] = [];
      const { promise: end, resolve } = Promise.withResolvers<void>();
      first.define('slow', {
        run: async () => {
          ran.push('first');
          await end;
        },
      });
      second.define('slow', { run: async () => void ran.push('second') });
      await first.enqueue({ kind: 'slow' });
      first.start();
      await vi.waitFor(() => expect(ran).toEqual(['first']));
      for (const _ of numbers(6)) {
        time += LEASE_MS / 2;
        vi.advanceTimersByTime(LEASE_MS / 2);
        const renewed = sql`SELECT id FROM belfry_job WHERE lease_until >= ${at(LEASE_MS)}`;
        await vi.waitFor(async () => expect(await database.query(renewed)).toHaveLength(1));
        await second.runDue();
      }
      resolve();
      await vi.waitFor(async () => expect(await waiting()).toBe(0));
      expect(ran).toEqual(['first']);
    } finally {
      vi.useRealTimers();
    }
  });

  test('do what recurs once for each interval', async () => {
    const both = [instance(), instance()];
    for (const one of both) {
      one.define('effect', {
        transact: async ({ tx }) => void (await effect.transact?.({ payload: 1, tx } as never)),
      });
      one.define('outside', { run: async () => {} });
      one.every('effect', 60);
      one.every('outside', 60);
    }
    await Promise.all(both.map((one) => one.runDue()));
    expect(await effects()).toHaveLength(1);
    time += 59_000;
    await Promise.all(both.map((one) => one.runDue()));
    expect(await effects()).toHaveLength(1);
    time += 1_000;
    await Promise.all(both.map((one) => one.runDue()));
    expect(await effects()).toHaveLength(2);
    expect(await waiting()).toBe(2);
  });
});

describe('a worker that is killed', () => {
  async function startWorker(stopAt: number) {
    const child = spawn(process.execPath, [WORKER, testDatabase.url, String(stopAt)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    return {
      says: (text: string) => vi.waitFor(() => expect(output).toContain(text), { timeout: 15_000 }),
      standStill: () => child.kill('SIGSTOP'),
      kill: async () => {
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      },
    };
  }

  describe.each([
    [1, ['long']],
    [37, []],
    [333, ['long']],
  ])('in the midst of effect %i of 500', (stopAt, tags) => {
    test('loses none, and none happens twice', { tags }, async () => {
      time = Date.now();
      const jobs = instance();
      jobs.define('effect', effect);
      await jobs.enqueueMany(effectsOf(500));
      const worker = await startWorker(stopAt);
      await worker.says('standing still');
      await worker.kill();
      expect((await effects()).length).toBeLessThan(stopAt);
      // PostgreSQL may take a moment to see that the connection is gone.
      await vi.waitFor(
        async () => {
          await jobs.runDue();
          expect(await waiting()).toBe(0);
        },
        { timeout: 10_000 },
      );
      expect(await effects()).toEqual(numbers(500));
    });
  });

  // On SQLite it would hold the lock of all who write.
  test.runIf(ON_POSTGRESQL)(
    'and one that stands still in the midst of it lets go within seconds',
    async () => {
      time = Date.now();
      const jobs = instance();
      jobs.define('effect', effect);
      await jobs.enqueueMany(effectsOf(200));
      const worker = await startWorker(50);
      await worker.says('standing still');
      worker.standStill();
      try {
        await vi.waitFor(
          async () => {
            await jobs.runDue();
            expect(await waiting()).toBe(0);
          },
          { timeout: 15_000, interval: 250 },
        );
      } finally {
        await worker.kill();
      }
      expect(await effects()).toEqual(numbers(200));
    },
  );

  test('while it reached outside leaves its jobs to others, when its leases have run out', async () => {
    time = Date.now();
    const jobs = instance();
    const ran: number[] = [];
    jobs.define('outside', { run: async ({ job }) => void ran.push(job.id) });
    const ids = await jobs.enqueueMany(numbers(10).map(() => ({ kind: 'outside' })));
    const worker = await startWorker(0);
    await worker.says(`outside ${ids.at(-1)}`);
    await worker.kill();
    await jobs.runDue();
    expect(ran).toEqual([]);
    time = Date.now() + LEASE_MS + 1;
    await jobs.runDue();
    expect(ran.sort((a, b) => a - b)).toEqual(ids);
  });
});

describe('a job that fails', () => {
  test.each(['transact', 'run'] as const)(
    'is tried again after growing pauses, then given up, and stays (%s)',
    async (way) => {
      const jobs = instance();
      let runs = 0;
      const fail = async () => {
        runs += 1;
        throw new Error(`refused ${runs}`);
      };
      jobs.define('failing', { [way]: fail, maxAttempts: 3, firstRetryMs: 1_000 });
      const id = await jobs.enqueue({ kind: 'failing', payload: 7, uniqueKey: 'key' });
      for (const { longestMs, after } of [
        { longestMs: 1_000, after: 1 },
        { longestMs: 2_000, after: 2 },
      ]) {
        await jobs.runDue();
        expect(runs).toBe(after);
        time += longestMs / 2 - 1;
        await jobs.runDue();
        expect(runs).toBe(after);
        time += longestMs / 2 + 1;
      }
      await jobs.runDue();
      time += HOUR_MS;
      await jobs.runDue();
      expect(runs).toBe(3);
      expect(codes()).toEqual(['job_failed', 'job_failed', 'job_given_up']);
      expect(logged.at(-1)).toMatchObject({
        jobId: id,
        kind: 'failing',
        attempts: 3,
        reason: 'Error: refused 3',
      });
      expect(await jobs.failed()).toMatchObject([
        { id, kind: 'failing', payload: '7', lastError: 'Error: refused 3' },
      ]);
      // Its key is free.
      expect(await jobs.enqueue({ kind: 'other', uniqueKey: 'key' })).not.toBeNull();
      expect(await jobs.retry(id as number)).toBe(false);
      await jobs.cancel('key');
      jobs.define('failing', { run: async () => {} });
      expect(await jobs.retry(id as number)).toBe(true);
      expect(await jobs.retry(id as number)).toBe(false);
      await jobs.runDue();
      expect(await jobs.failed()).toEqual([]);
      expect(await waiting()).toBe(0);
    },
  );

  test('takes nothing of what it did to the database along, and holds up none of its neighbours', async () => {
    const jobs = instance();
    const runs = new Map<number, number>();
    jobs.define<number>('effect', {
      transact: async ({ payload, tx }) => {
        runs.set(payload, (runs.get(payload) ?? 0) + 1);
        await tx.execute(sql`INSERT INTO effect (payload) VALUES (${payload})`);
        if (payload === 5) await tx.execute(sql`INSERT INTO nowhere VALUES (1)`);
        if (payload === 6) throw new Error('refused');
      },
    });
    await jobs.enqueueMany(effectsOf(20));
    await jobs.runDue();
    expect(await effects()).toEqual(numbers(20).filter((one) => one !== 5 && one !== 6));
    time += 10_000;
    await jobs.runDue();
    expect([runs.get(5), runs.get(6)]).toEqual([2, 2]);
    expect(await waiting()).toBe(2);
  });

  test('is recorded whatever its error says', async () => {
    const jobs = instance();
    const reasons = ['\0', '\uD800', "it's", 'long'.repeat(1_000), ''];
    const fail = async ({ payload }: { payload: number }) => Promise.reject(new Error(reasons[payload]));
    jobs.define('transacting', { transact: fail, maxAttempts: 1 });
    jobs.define('running', { run: fail, maxAttempts: 1 });
    const kinds = ['transacting', 'running'];
    await jobs.enqueueMany(reasons.flatMap((_, payload) => kinds.map((kind) => ({ kind, payload }))));
    await jobs.runDue();
    expect(await jobs.failed()).toHaveLength(2 * reasons.length);
  });

  test('says itself when to try again, and when that is of no use', async () => {
    const jobs = instance();
    const ran: string[] = [];
    jobs.define<string>('outside', {
      run: async ({ payload }) => {
        ran.push(payload);
        return payload === 'later'
          ? { reason: 'busy', retryAfterMs: HOUR_MS }
          : { reason: 'gone', giveUp: true };
      },
    });
    await jobs.enqueueMany([
      { kind: 'outside', payload: 'later' },
      { kind: 'outside', payload: 'never' },
    ]);
    await jobs.runDue();
    expect(await jobs.failed()).toMatchObject([{ payload: '"never"', lastError: 'gone' }]);
    time += HOUR_MS - 1;
    await jobs.runDue();
    expect(ran).toEqual(['later', 'never']);
    time += 1;
    await jobs.runDue();
    expect(ran).toEqual(['later', 'never', 'later']);
    time += 30 * 24 * HOUR_MS;
    expect(await jobs.removeFailed(at(0))).toBe(1);
  });

  test('and recurs goes on with its next time', async () => {
    const jobs = instance();
    let runs = 0;
    jobs.define('clean-up', { run: async () => Promise.reject(new Error(`${++runs}`)), maxAttempts: 1 });
    jobs.every('clean-up', 60);
    await jobs.runDue();
    time += 60_000;
    await jobs.runDue();
    expect(runs).toBe(2);
    expect(codes()).toEqual(['job_given_up', 'job_given_up']);
    expect(await jobs.failed()).toEqual([]);
  });

  test('in a transaction because it takes too long is to blame itself', { tags: 'long' }, async () => {
    const jobs = instance();
    jobs.define('effect', effect);
    jobs.define('hanging', { transact: () => new Promise(() => {}), maxAttempts: 1 });
    await jobs.enqueueMany([
      { kind: 'effect', payload: 1 },
      { kind: 'hanging' },
      { kind: 'effect', payload: 2 },
    ]);
    await jobs.runDue();
    expect(await effects()).toEqual([1, 2]);
    expect(await jobs.failed()).toMatchObject([{ kind: 'hanging' }]);
  });
});

describe('a database that is away', () => {
  class Away extends Error {}
  let away = false;
  beforeEach(() => {
    away = false;
  });

  /** The port, as it is when the server behind it comes and goes. */
  function comingAndGoing(): SqlDatabase {
    const refuse =
      <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) =>
      async (...args: Args): Promise<T> => {
        if (away) throw new Away('away');
        return call(...args);
      };
    return {
      ...database,
      query: refuse(database.query) as SqlDatabase['query'],
      execute: refuse(database.execute),
      transaction: refuse(database.transaction) as SqlDatabase['transaction'],
      isUnavailable: (error) => error instanceof Away || database.isUnavailable(error),
    };
  }

  test("is no job's fault: nothing counts as an attempt, and it goes on when it is back", async () => {
    const jobs = instance({ database: comingAndGoing(), now: () => new Date() });
    jobs.define<number>('effect', {
      transact: async (work) => {
        if (away) throw new Away('in the midst of it');
        await effect.transact?.(work);
      },
      maxAttempts: 1,
    });
    let outside = 0;
    jobs.define('outside', {
      run: async () => {
        outside += 1;
        away = true;
        if (outside === 1) throw new Away('in the midst of it');
      },
      maxAttempts: 1,
    });
    await jobs.enqueueMany([{ kind: 'outside' }, ...effectsOf(3)]);
    jobs.start();
    await vi.waitFor(() => expect(codes()).toEqual(['jobs_held_up']));
    away = false;
    // What it had done when the database went away is not done again, if it is back soon.
    await vi.waitFor(() => expect(outside).toBe(2), { timeout: 10_000 });
    away = false;
    await vi.waitFor(async () => expect(await waiting()).toBe(0), { timeout: 10_000 });
    expect(outside).toBe(2);
    expect(await effects()).toEqual([0, 1, 2]);
    expect(await jobs.failed()).toEqual([]);
    expect(new Set(codes())).toEqual(new Set(['jobs_held_up']));
  });

  test('when an instance starts or stops is no failure of either', async () => {
    const jobs = instance({ database: comingAndGoing(), now: () => new Date() });
    jobs.define('effect', effect);
    away = true;
    jobs.start();
    await vi.waitFor(() => expect(codes()).toEqual(['jobs_held_up']));
    await jobs.stop();
    expect(codes()).toEqual(['jobs_held_up']);
  });
});

describe('a stop', () => {
  test('lets what is under way come to its end, and takes nothing more', async () => {
    const jobs = instance();
    const { promise: end, resolve } = Promise.withResolvers<void>();
    let begun = 0;
    jobs.define('slow', {
      run: async () => {
        begun += 1;
        await end;
      },
      concurrency: 1,
    });
    await jobs.enqueueMany([{ kind: 'slow' }, { kind: 'slow' }]);
    jobs.start();
    await vi.waitFor(() => expect(begun).toBe(1));
    const stopped = jobs.stop({ limitMs: 10_000 });
    resolve();
    await stopped;
    expect(begun).toBe(1);
    expect(await waiting()).toBe(1);
  });

  test('tells what does not, and others can have it at once', async () => {
    const jobs = instance();
    let told = false;
    jobs.define('slow', {
      run: ({ signal }) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            told = true;
          });
        }),
    });
    await jobs.enqueue({ kind: 'slow' });
    jobs.start();
    await vi.waitFor(async () =>
      expect(await database.query(sql`SELECT id FROM belfry_job WHERE leased_by IS NOT NULL`)).toHaveLength(
        1,
      ),
    );
    await jobs.stop({ limitMs: 10 });
    expect(told).toBe(true);
    const other = instance();
    let ran = 0;
    other.define('slow', {
      run: async () => {
        ran += 1;
      },
    });
    await other.runDue();
    expect(ran).toBe(1);
    expect(await waiting()).toBe(0);
  });
});

describe('a key that is replaced while its job is under way', () => {
  test('is run anew, and the end of the first does not count', async () => {
    const jobs = instance();
    const ran: string[] = [];
    const ends = { first: Promise.withResolvers<void>(), second: Promise.withResolvers<void>() };
    jobs.define('effect', effect);
    jobs.define<'first' | 'second'>('slow', {
      run: async ({ payload }) => {
        ran.push(payload);
        await ends[payload].promise;
      },
    });
    await jobs.enqueue({ kind: 'slow', payload: 'first', uniqueKey: 'key' });
    jobs.start();
    await vi.waitFor(() => expect(ran).toEqual(['first']));
    await jobs.replace({ kind: 'slow', payload: 'second', uniqueKey: 'key' });
    await vi.waitFor(() => expect(ran).toEqual(['first', 'second']));
    ends.first.resolve();
    // What ended before is written before anything else is taken.
    await jobs.enqueue({ kind: 'effect', payload: 1 });
    await vi.waitFor(async () => expect(await effects()).toEqual([1]));
    expect(await waiting()).toBe(1);
    ends.second.resolve();
    await vi.waitFor(async () => expect(await waiting()).toBe(0));
  });
});

describe.each([
  ['3 h', 3 * HOUR_MS],
  ['a day', 24 * HOUR_MS],
])("the server's clock, %s ahead for a while,", (_, jump) => {
  test('brings nothing twice, and holds up nothing when it is right again', async () => {
    const jobs = instance();
    jobs.define('effect', effect);
    jobs.define('clean-up', { run: async () => {} });
    jobs.every('clean-up', HOUR_MS / 1_000);
    jobs.define<number>('failing', {
      run: async () => Promise.reject(new Error('no')),
      firstRetryMs: HOUR_MS,
    });
    await jobs.enqueue({ kind: 'effect', payload: 1, dueAt: at(2 * jump) });
    await jobs.runDue();
    time += jump;
    await jobs.enqueue({ kind: 'effect', payload: 2 });
    await jobs.enqueue({ kind: 'failing' });
    const others = instance();
    others.define('never', { run: async () => {} });
    time -= jump;
    await jobs.runDue();
    // What was to be done at once is done, whatever the time was then; what has a time waits for it.
    expect(await effects()).toEqual([2]);
    const rows = await database.query<{ kind: string; due_at: Date }>(
      sql`SELECT kind, due_at FROM belfry_job WHERE kind <> 'effect'`,
    );
    for (const { due_at } of rows) expect(new Date(due_at).getTime()).toBeLessThanOrEqual(time + HOUR_MS);
    time += 2 * jump;
    await jobs.runDue();
    expect(await effects()).toEqual([1, 2]);
  });

  test("takes no job away from those who are at it, and a killed one's lease is not as long as the jump", async () => {
    const [first, second] = [instance(), instance()];
    const ran: string[] = [];
    for (const [name, one] of [
      ['first', first],
      ['second', second],
    ] as const) {
      one.define('slow', {
        run: async () => {
          ran.push(name);
          if (name === 'first') await new Promise(() => {});
        },
      });
    }
    time += jump;
    await first.enqueue({ kind: 'slow' });
    first.start();
    await vi.waitFor(() => expect(ran).toEqual(['first']));
    time += jump;
    first.wake();
    await first.enqueue({ kind: 'unknown' });
    time -= 2 * jump;
    await second.runDue();
    expect(ran).toEqual(['first', 'second']);
  });
});
