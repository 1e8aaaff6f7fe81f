/**
 * Jobs: our queue beside pg-boss, on one PostgreSQL, in one run, and ours on the embedded database. The work itself
 * is nothing, so that what is measured is the queue.
 *
 *     node bench/run.ts --only jobs
 *
 * They take turns, round by round, and the median of the rounds counts. pg-boss runs as fast as it can be asked to:
 * batches of the same size, the next one fetched at once while they come full.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PgBoss } from 'pg-boss';
import { JobQueue } from '../lib/belfry/jobs/job-queue.ts';
import { prismaDatabase } from '../lib/belfry/storage/prisma-database.ts';
import { openDatabase } from '../lib/database/db.ts';
import { migrate } from '../lib/database/migrations.ts';
import { isPostgresql } from '../lib/database/postgresql.ts';
import { createDatabase, startPostgresql } from '../test/support/postgresql.ts';
import { median } from './median.ts';

const ROUNDS = 5;
const WARM_UP_ROUNDS = 1;
const JOBS = 4_000;
const CALLERS = 32;
const BATCH = 100;
// pg-boss has as many connections as it wants by default, 10; so has Prisma's pool.
const WORKERS = 4;
const PAYLOAD = { userId: 7, notificationId: 123_456 };

/** All in jobs a second. */
export interface JobFigures {
  name: string;
  /** Added one by one, by 32 callers at once. */
  enqueued: number;
  /** Added in one call. */
  enqueuedTogether: number;
  /** Run: with their end in the transaction of their work, where that is possible; else under a lease. */
  transacted: number | null;
  run: number;
}

interface Contestant {
  name: string;
  enqueue: () => Promise<unknown>;
  enqueueTogether: (count: number) => Promise<unknown>;
  /** Runs all that waits; resolves when `count` have been run, and their ends are stored. */
  runAll: (count: number, way: 'transact' | 'run') => Promise<void>;
  transacts: boolean;
  close: () => Promise<void>;
}

/** Throughput of both queues. */
export async function measureJobs(): Promise<JobFigures[]> {
  const postgresql = await startPostgresql();
  const folder = mkdtempSync(join(tmpdir(), 'belfry-bench-'));
  const contestants: Contestant[] = [];
  try {
    contestants.push(await ours('Belfry, PostgreSQL', await createDatabase(postgresql.url)));
    for (const workers of [1, WORKERS])
      contestants.push(await pgBoss(await createDatabase(postgresql.url), workers));
    contestants.push(await ours('Belfry, SQLite', `file:${join(folder, 'jobs.db')}`));
    const rounds = contestants.map((): Omit<JobFigures, 'name'>[] => []);
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
      for (const [index, one] of contestants.entries()) {
        const figures = await measure(one);
        if (round >= 0) rounds[index]?.push(figures);
      }
    }
    return contestants.map(({ name, transacts }, index) => {
      const of = (key: keyof Omit<JobFigures, 'name'>) =>
        median((rounds[index] ?? []).map((one) => one[key] ?? 0));
      return {
        name,
        enqueued: of('enqueued'),
        enqueuedTogether: of('enqueuedTogether'),
        transacted: transacts ? of('transacted') : null,
        run: of('run'),
      };
    });
  } finally {
    for (const one of contestants) await one.close();
    await postgresql.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure({ enqueue, enqueueTogether, runAll, transacts }: Contestant) {
  let added = 0;
  const caller = async () => {
    while (added++ < JOBS) await enqueue();
  };
  const enqueued = await perSecond(() => Promise.all(Array.from({ length: CALLERS }, caller)));
  const run = await perSecond(() => runAll(JOBS, 'run'));
  const enqueuedTogether = await perSecond(() => enqueueTogether(JOBS));
  const transacted = await perSecond(() => runAll(JOBS, transacts ? 'transact' : 'run'));
  return { enqueued, enqueuedTogether, transacted, run };
}

async function perSecond(work: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  await work();
  return JOBS / ((performance.now() - since) / 1_000);
}

async function ours(name: string, url: string): Promise<Contestant> {
  await migrate(url);
  const db = openDatabase(url);
  const fail = (fields: object) => {
    throw new Error(JSON.stringify(fields));
  };
  const kind = 'nothing';
  let queue: JobQueue;
  const open = (onDone = () => {}) => {
    queue = new JobQueue({
      database: prismaDatabase(db, { provider: isPostgresql(db) ? 'postgresql' : 'sqlite' }),
      log: { warn: fail, error: fail },
      observe: { ended: onDone },
    });
  };
  open();
  return {
    name,
    transacts: true,
    enqueue: () => queue.enqueue({ kind, payload: PAYLOAD }),
    enqueueTogether: (count) =>
      queue.enqueueMany(Array.from({ length: count }, () => ({ kind, payload: PAYLOAD }))),
    runAll: async (count, way) => {
      let left = count;
      const { promise: all, resolve } = Promise.withResolvers<void>();
      open(() => {
        left -= 1;
        if (left === 0) resolve();
      });
      queue.define(kind, { [way]: async () => {}, concurrency: BATCH });
      queue.start();
      // What the queue waits by keeps no process alive.
      const alive = setInterval(() => {}, 1_000);
      await all;
      clearInterval(alive);
      await queue.stop();
    },
    close: () => db.$disconnect(),
  };
}

async function pgBoss(url: string, workers: number): Promise<Contestant> {
  const boss = new PgBoss({ connectionString: url, supervise: false, schedule: false });
  boss.on('error', (error) => {
    throw error;
  });
  await boss.start();
  await boss.createQueue('nothing');
  return {
    name: `pg-boss, ${workers === 1 ? 'one worker' : `${workers} workers`}`,
    transacts: false,
    enqueue: () => boss.send('nothing', PAYLOAD),
    enqueueTogether: (count) =>
      boss.insert(
        'nothing',
        Array.from({ length: count }, () => ({ data: PAYLOAD })),
      ),
    runAll: async (count) => {
      let left = count;
      const { promise: all, resolve } = Promise.withResolvers<void>();
      const options = { batchSize: BATCH, burstWhenBatchFull: true, localConcurrency: workers };
      await boss.work('nothing', options, async (jobs) => {
        left -= jobs.length;
        if (left === 0) resolve();
      });
      await all;
      // Waits until the end of the last batch is stored.
      await boss.offWork('nothing', { wait: true });
    },
    close: () => boss.stop({ graceful: false }),
  };
}

/** As it stands in the record of the decision. */
export function jobsTable(figures: readonly JobFigures[]): string {
  const rows = figures.map(({ name, enqueued, enqueuedTogether, transacted, run }) =>
    [name, enqueued, enqueuedTogether, run, transacted]
      .map((one) => (typeof one === 'number' ? Math.round(one).toLocaleString('en') : (one ?? 'none')))
      .join(' | '),
  );
  return [
    '| jobs a second | added one by one | in one call | run under a lease | run in a transaction |',
    '| --- | --: | --: | --: | --: |',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}
