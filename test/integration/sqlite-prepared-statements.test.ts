import { rmSync } from 'node:fs';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepPrepared } from '../../lib/belfry/storage/kept-statements.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { fileOf } from '../support/empty-database.ts';

let database: TestDatabase;
let plain: SqlDriverAdapter;
let keeping: SqlDriverAdapter;

beforeEach(async () => {
  database = await freshDatabase();
  const factory = new PrismaBetterSqlite3({ url: fileOf(database) }, { timestampFormat: 'unixepoch-ms' });
  plain = await factory.connect();
  keeping = await factory.connect();
  expect(keepPrepared(keeping)).toBe(true);
});
afterEach(async () => {
  await plain.dispose();
  await keeping.dispose();
  await database.remove();
});

const query = (sql: string, args: unknown[] = []) => ({
  sql,
  args,
  argTypes: args.map((arg) => ({
    scalarType:
      arg instanceof Date
        ? ('datetime' as const)
        : typeof arg === 'number'
          ? ('int' as const)
          : ('string' as const),
    arity: 'scalar' as const,
  })),
});

const INSERT =
  'INSERT INTO belfry_event (event_type, priority, payload, created_at, target_userid) VALUES (?, ?, ?, ?, ?)';
const values = (n: number) => ['Note', n % 4, JSON.stringify(`text ${n}`), new Date(1_000 * n), n];

test('a statement that is run again gives what a fresh one gives, value for value and type for type', async () => {
  for (let n = 0; n < 5; n += 1) expect(await keeping.executeRaw(query(INSERT, values(n)))).toBe(1);
  const select =
    'SELECT *, target_userid * 1.5 AS product, max(id) OVER () FROM belfry_event WHERE id > ? LIMIT ? OFFSET ?';
  for (const args of [
    [0, 9, 0],
    [2, 1, 1],
    [9, 9, 0],
    [0, 9, 0],
  ]) {
    expect(await keeping.queryRaw(query(select, args))).toEqual(await plain.queryRaw(query(select, args)));
  }
});

test('a statement whose run failed can be run again', async () => {
  const bad = query(INSERT, ['Note', 9, '"x"', new Date(), 1]);
  await expect(keeping.executeRaw(bad)).rejects.toMatchObject(
    await plain.executeRaw(bad).catch((error) => error),
  );
  expect(await keeping.executeRaw(query(INSERT, values(1)))).toBe(1);
});

test.each([
  'SELECT * FROM "belfry_inbox" WHERE user_id = ?',
  'SELECT DISTINCT * FROM "belfry_inbox" WHERE user_id = ?',
  'SELECT\n  *\nFROM "belfry_inbox" WHERE user_id = ?',
  'SELECT user_id AS own, inbox . * FROM "belfry_inbox" inbox WHERE user_id = ?',
])('a table that another connection changes meanwhile is read as it is now: %j', async (text) => {
  const select = query(text, [1]);
  await plain.executeScript('INSERT INTO belfry_inbox (user_id) VALUES (1)');
  const before = await keeping.queryRaw(select);
  await plain.executeScript(`ALTER TABLE belfry_inbox ADD COLUMN note TEXT DEFAULT 'new'`);
  const after = await keeping.queryRaw(select);
  expect(after.columnNames).toEqual([...before.columnNames, 'note']);
  expect(after).toEqual(await plain.queryRaw(select));
});

test('a statement that names its columns is right after a table was changed by another connection', async () => {
  const select = query(
    'SELECT user_id, revision, seen_at AS seen, COUNT(*) AS rows_found FROM "belfry_inbox" WHERE user_id = ? GROUP BY 1',
    [1],
  );
  await plain.executeScript('INSERT INTO belfry_inbox (user_id, seen_at) VALUES (1, 1000)');
  expect(await keeping.queryRaw(select)).toEqual(await plain.queryRaw(select));
  await plain.executeScript(`
    ALTER TABLE belfry_inbox ADD COLUMN note TEXT DEFAULT 'new'; UPDATE belfry_inbox SET revision = 9, seen_at = NULL`);
  const after = await keeping.queryRaw(select);
  expect(after).toEqual(await plain.queryRaw(select));
  expect(after.rows).toEqual([[1, 9, null, 1]]);
});

test('words in quotes stay as they are', async () => {
  const { rows } = await keeping.queryRaw(query(`SELECT 'LIMIT ?' AS words, ? AS value`, ['OFFSET ?']));
  expect(rows).toEqual([['LIMIT ?', 'OFFSET ?']]);
});

test('more different statements than are kept still work, and no statement holds the file', async () => {
  for (let n = 1; n <= 500; n += 1) {
    const { rows } = await keeping.queryRaw(query(`SELECT ${n} AS value`));
    expect(rows).toEqual([[n]]);
  }
  await keeping.dispose();
  await plain.dispose();
  const other = new BetterSqlite3(fileOf(database));
  other.pragma('journal_mode = DELETE');
  other.close();
  rmSync(fileOf(database));
});

test('an adapter that is made otherwise is left as it is', () => {
  const other = { client: { query: () => null } };
  expect(keepPrepared(other as unknown as SqlDriverAdapter)).toBe(false);
  expect(Object.keys(other)).toEqual(['client']);
});
