import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PrismaClient } from '../../generated/prisma/client.ts';
import { toBelfryError } from '../../lib/belfry/storage/database-errors.ts';
import type { Database } from '../../lib/database/db.ts';
import { SqliteAdapterFactory } from '../../lib/database/sqlite-adapter.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { fileOf } from '../support/empty-database.ts';
import { gate } from '../support/engine.ts';
import { startSqliteProcess } from '../support/sqlite-process.ts';

const QUICKLY_BUSY_MS = 300;

let database: TestDatabase;
let db: Database;

beforeEach(async () => {
  database = await freshDatabase();
  db = database.db;
});
afterEach(() => database.remove());

const event = (text: string) => ({
  data: { eventType: 'Note', priority: 1, payload: JSON.stringify(text), createdAt: new Date() },
});
const texts = async (from: Pick<Database, 'belfryEvent'> = db) =>
  (await from.belfryEvent.findMany({ orderBy: { id: 'asc' } })).map(({ payload }) => JSON.parse(payload));

function openClient(file: string, busyTimeoutMs = QUICKLY_BUSY_MS): Database {
  return new PrismaClient({ adapter: new SqliteAdapterFactory({ file, busyTimeoutMs }) });
}

test('what was committed is on the disk: write-ahead log, synchronous FULL, foreign keys on', async () => {
  expect(await db.$queryRaw`PRAGMA journal_mode`).toEqual([{ journal_mode: 'wal' }]);
  const pragmas = async (from: Pick<Database, '$queryRaw'>) => [
    ...(await from.$queryRaw<object[]>`PRAGMA synchronous`),
    ...(await from.$queryRaw<object[]>`PRAGMA foreign_keys`),
    ...(await from.$queryRaw<object[]>`PRAGMA busy_timeout`),
  ];
  const expected = [{ synchronous: 2n }, { foreign_keys: 1n }, { timeout: 0n }];
  expect(await pragmas(db)).toEqual(expected);
  expect(await db.$transaction((tx) => pragmas(tx))).toEqual(expected);
});

test('a query beside an open transaction neither sees nor disturbs it', async () => {
  const inserted = gate();
  const looked = gate();
  const transaction = db.$transaction(async (tx) => {
    await tx.belfryEvent.create(event('inside'));
    inserted.open();
    await looked.opened;
    return texts(tx);
  });
  await inserted.opened;
  expect(await texts()).toEqual([]);
  looked.open();
  expect(await transaction).toEqual(['inside']);
  expect(await texts()).toEqual(['inside']);
});

test('a write beside a transaction that is rolled back waits for it, and is not undone with it', async () => {
  const inserted = gate();
  const finish = gate();
  const transaction = db.$transaction(async (tx) => {
    await tx.belfryEvent.create(event('rolled back'));
    inserted.open();
    await finish.opened;
    throw new Error('changed my mind');
  });
  const failed = expect(transaction).rejects.toThrow('changed my mind');
  await inserted.opened;
  const beside = db.belfryEvent.create(event('beside'));
  setTimeout(finish.open, 20);
  await failed;
  await beside;
  expect(await texts()).toEqual(['beside']);
});

test('transactions that are begun at once run one after the other, in the order of asking', async () => {
  const order: string[] = [];
  await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      db.$transaction(async (tx) => {
        order.push(`begin ${n}`);
        const before = await tx.belfryEvent.count();
        await new Promise((resolve) => setImmediate(resolve));
        await tx.belfryEvent.create(event(String(before)));
        order.push(`end ${n}`);
      }),
    ),
  );
  expect(order).toEqual(Array.from({ length: 12 }, (_, n) => [`begin ${n}`, `end ${n}`]).flat());
  expect(await texts()).toEqual(Array.from({ length: 12 }, (_, n) => String(n)));
});

test('a failed statement rolls its whole transaction back, and the next transaction is untouched', async () => {
  const key = { ...event('first').data, idempotencyKey: 'same' };
  await expect(
    db.$transaction(async (tx) => {
      await tx.belfryEvent.create({ data: key });
      await tx.belfryEvent.create({ data: key });
    }),
  ).rejects.toMatchObject({ code: 'P2002' });
  await db.$transaction((tx) => tx.belfryEvent.create(event('second')));
  expect(await texts()).toEqual(['second']);
});

test('a transaction that runs out of time is rolled back, and the next one can begin', async () => {
  const over = gate();
  const slow = db.$transaction(
    async (tx) => {
      await tx.belfryEvent.create(event('too slow'));
      await over.opened;
      await tx.belfryEvent.create(event('even later'));
    },
    { timeout: 60 },
  );
  setTimeout(over.open, 150);
  await expect(slow).rejects.toMatchObject({ code: 'P2028' });
  await db.$transaction((tx) => tx.belfryEvent.create(event('next')));
  expect(await texts()).toEqual(['next']);
});

test('whoever waits too long for a turn is told so, and does not block those behind', async () => {
  const finish = gate();
  const first = db.$transaction(() => finish.opened);
  const impatient = db.$transaction((tx) => tx.belfryEvent.create(event('impatient')), { maxWait: 40 });
  const patient = db.$transaction((tx) => tx.belfryEvent.create(event('patient')));
  await expect(impatient.catch((error) => Promise.reject(toBelfryError(error)))).rejects.toMatchObject({
    code: 'database_busy',
  });
  finish.open();
  await first;
  await patient;
  expect(await texts()).toEqual(['patient']);
});

test('a commit that the database refuses leaves nothing behind: the next transaction works', async () => {
  await db.$executeRawUnsafe(
    'CREATE TABLE child (parent INTEGER REFERENCES event(id) DEFERRABLE INITIALLY DEFERRED)',
  );
  const orphan = db.$transaction(async (tx) => {
    await tx.belfryEvent.create(event('with the orphan'));
    await tx.$executeRawUnsafe('INSERT INTO child VALUES (4711)');
  });
  await expect(orphan).rejects.toThrow();
  await db.$transaction((tx) => tx.belfryEvent.create(event('after it')));
  expect(await texts()).toEqual(['after it']);
});

test('a transaction that could not open its connection does not spoil those that come later', async () => {
  expect(await texts()).toEqual([]);
  const aside = `${fileOf(database)}.aside`;
  renameSync(fileOf(database), aside);
  mkdirSync(fileOf(database));
  await expect(db.$transaction((tx) => tx.belfryEvent.create(event('nowhere')))).rejects.toThrow();
  rmSync(fileOf(database), { recursive: true });
  renameSync(aside, fileOf(database));
  await db.$transaction((tx) => tx.belfryEvent.create(event('back again')));
  expect(await texts()).toEqual(['back again']);
});

test("another process's lock is waited for without holding up the event loop", async () => {
  const holder = await startSqliteProcess('hold', fileOf(database));
  let done = false;
  const created = db.belfryEvent.create(event('patient')).finally(() => {
    done = true;
  });
  let longestGap = 0;
  let ticks = 0;
  for (let last = performance.now(); ticks < 40; ticks += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    longestGap = Math.max(longestGap, performance.now() - last);
    last = performance.now();
  }
  expect(done).toBe(false);
  // Far below the 5 s that the driver itself would sleep.
  expect(longestGap).toBeLessThan(500);
  expect(await texts()).toEqual([]);
  await holder.proceed();
  await created;
  expect(await texts()).toEqual(['patient']);
});

test('a lock that stays makes a write fail as database_busy, and nothing is stored later', async () => {
  const client = openClient(fileOf(database));
  const holder = await startSqliteProcess('hold', fileOf(database));
  const refused = async (write: Promise<unknown>) => toBelfryError(await write.catch((error) => error))?.code;
  expect(await refused(client.belfryEvent.create(event('refused')))).toBe('database_busy');
  expect(await refused(client.$transaction((tx) => tx.belfryEvent.create(event('refused too'))))).toBe(
    'database_busy',
  );
  await holder.proceed();
  await client.$transaction((tx) => tx.belfryEvent.create(event('accepted')));
  await client.$disconnect();
  expect(await texts()).toEqual(['accepted']);
});

test('many writers in one process and a second client lose nothing', async () => {
  const second = openClient(fileOf(database), 5_000);
  await Promise.all(
    Array.from({ length: 60 }, (_, n) =>
      n % 3 === 0
        ? db.$transaction((tx) => tx.belfryEvent.create(event(`t${n}`)))
        : (n % 3 === 1 ? db : second).belfryEvent.create(event(`s${n}`)),
    ),
  );
  await second.$disconnect();
  const stored = await texts();
  expect(stored).toHaveLength(60);
  expect(new Set(stored).size).toBe(60);
});

test('a file that is no database makes every query fail as database_unusable', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-test-'));
  const file = join(folder, 'notes.txt');
  writeFileSync(file, 'this is not a database, and long enough to be looked at'.repeat(40));
  const client = openClient(file);
  const thrown: unknown = await client.belfryEvent.count().catch((error) => error);
  expect(String(thrown)).toContain('DATABASE_URL');
  expect(toBelfryError(thrown)).toMatchObject({ code: 'database_unusable', status: 503 });
  await client.$disconnect();
  rmSync(folder, { recursive: true });
});

test('a folder that is missing is made', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-test-'));
  const client = openClient(join(folder, 'a', 'b', 'belfry.db'));
  expect(await client.$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1n }]);
  await client.$disconnect();
  rmSync(folder, { recursive: true });
});

test('times are kept to the millisecond, and compare as numbers', async () => {
  const createdAt = new Date(Date.UTC(2030, 5, 1, 12, 0, 0, 123));
  await db.belfryEvent.create({ data: { ...event('x').data, createdAt } });
  expect((await db.belfryEvent.findFirstOrThrow()).createdAt).toEqual(createdAt);
  expect(
    await db.belfryEvent.count({ where: { createdAt: { gt: new Date(createdAt.getTime() - 1) } } }),
  ).toBe(1);
  expect(await db.belfryEvent.count({ where: { createdAt: { gt: createdAt } } })).toBe(0);
  expect(await db.$queryRaw`SELECT typeof(created_at) AS type FROM belfry_event`).toEqual([
    { type: 'integer' },
  ]);
});
