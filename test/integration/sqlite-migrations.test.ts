import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Migration, migrate, readMigrations } from '../../lib/database/migrations.ts';
import { startSqliteProcess } from '../support/sqlite-process.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belfry-test-'));
  file = join(folder, 'belfry.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function migration(name: string, sql: string): Migration {
  return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
}

const FIRST = migration('001_first', 'CREATE TABLE first (id INTEGER); INSERT INTO first VALUES (1);');
const SECOND = migration(
  '002_second',
  'CREATE TABLE second (id INTEGER); INSERT INTO second SELECT id FROM first;',
);
const BROKEN = migration('003_broken', 'CREATE TABLE third (id INTEGER); INSERT INTO nowhere VALUES (1);');

function query<Row>(sql: string): Row[] {
  const connection = new BetterSqlite3(file, { readonly: true });
  try {
    return connection.prepare<[], Row>(sql).all();
  } finally {
    connection.close();
  }
}

const tables = () =>
  query<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").map(
    ({ name }) => name,
  );
const applied = () =>
  query<{ name: string }>(
    'SELECT migration_name AS name FROM _prisma_migrations ORDER BY started_at, rowid',
  ).map(({ name }) => name);

test('a new database gets every migration, in order, and is in write-ahead mode', async () => {
  expect(await migrate(`file:${file}`, [FIRST, SECOND])).toEqual({
    applied: [FIRST.name, SECOND.name],
    created: true,
  });
  expect(query('SELECT id FROM second')).toEqual([{ id: 1 }]);
  expect(query('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
});

test('a second start applies nothing, and a later version only what is new', async () => {
  await migrate(`file:${file}`, [FIRST]);
  expect(await migrate(`file:${file}`, [FIRST])).toEqual({ applied: [], created: false });
  expect(await migrate(`file:${file}`, [FIRST, SECOND])).toEqual({ applied: [SECOND.name], created: false });
  expect(applied()).toEqual([FIRST.name, SECOND.name]);
});

test('the committed migrations make the tables that the app uses', async () => {
  await migrate(`file:${file}`);
  expect(tables()).toEqual(
    expect.arrayContaining(['_prisma_migrations', 'api_token', 'belfry_event', 'belfry_inbox', 'user']),
  );
  expect(query('PRAGMA foreign_key_list(belfry_event)')).toEqual([]);
});

test('two calls at once apply each migration once', async () => {
  const outcomes = await Promise.all([
    migrate(`file:${file}`, [FIRST, SECOND]),
    migrate(`file:${file}`, [FIRST, SECOND]),
  ]);
  expect(outcomes.flatMap((outcome) => outcome.applied)).toEqual([FIRST.name, SECOND.name]);
  expect(outcomes.filter(({ created }) => created)).toHaveLength(1);
  expect(applied()).toEqual([FIRST.name, SECOND.name]);
});

test('four processes that start at once on a new file apply each migration once, and none fails', async () => {
  const processes = await Promise.all(Array.from({ length: 4 }, () => startSqliteProcess('migrate', file)));
  const outcomes = (await Promise.all(processes.map(({ proceed }) => proceed()))).map(
    (line): { applied?: string[]; error?: string } => JSON.parse(line),
  );
  expect(outcomes.map(({ error }) => error)).toEqual([undefined, undefined, undefined, undefined]);
  expect(outcomes.flatMap((outcome) => outcome.applied ?? [])).toEqual(
    readMigrations('sqlite').map(({ name }) => name),
  );
  expect(applied()).toEqual(readMigrations('sqlite').map(({ name }) => name));
});

test('a start waits while another process writes, and then goes on', async () => {
  await migrate(`file:${file}`, [FIRST]);
  const holder = await startSqliteProcess('hold', file);
  let done = false;
  const waiting = migrate(`file:${file}`, [FIRST, SECOND]).finally(() => {
    done = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(done).toBe(false);
  await holder.proceed();
  expect((await waiting).applied).toEqual([SECOND.name]);
});

test('a database of a newer version is refused, and left as it is', async () => {
  await migrate(`file:${file}`, [FIRST, SECOND]);
  await expect(migrate(`file:${file}`, [FIRST])).rejects.toMatchObject({
    code: 'database_unusable',
    message: expect.stringMatching(/newer version.*002_second/),
  });
  expect(applied()).toEqual([FIRST.name, SECOND.name]);
});

test('a migration that was edited after it was applied is refused, before anything new is applied', async () => {
  await migrate(`file:${file}`, [FIRST]);
  const edited = migration(FIRST.name, `${FIRST.sql} `);
  await expect(migrate(`file:${file}`, [edited, SECOND])).rejects.toMatchObject({
    code: 'database_unusable',
    message: expect.stringContaining('001_first was changed'),
  });
  expect(applied()).toEqual([FIRST.name]);
  expect(tables()).not.toContain('second');
});

test('a migration that fails half-way leaves nothing of this start behind, and can be mended', async () => {
  await migrate(`file:${file}`, [FIRST]);
  await expect(migrate(`file:${file}`, [FIRST, SECOND, BROKEN])).rejects.toThrow(/nowhere/);
  expect(applied()).toEqual([FIRST.name]);
  expect(tables()).toEqual(['_prisma_migrations', 'first']);
  const mended = migration(BROKEN.name, 'CREATE TABLE third (id INTEGER);');
  expect((await migrate(`file:${file}`, [FIRST, SECOND, mended])).applied).toEqual([
    SECOND.name,
    BROKEN.name,
  ]);
});

test('what was interrupted on a new database is a new database still', async () => {
  await expect(migrate(`file:${file}`, [FIRST, BROKEN])).rejects.toThrow();
  expect(tables()).toEqual([]);
  expect((await migrate(`file:${file}`, [FIRST])).created).toBe(true);
});

test("a migration that Prisma's own command began and did not finish is not taken for applied", async () => {
  await migrate(`file:${file}`, [FIRST]);
  const connection = new BetterSqlite3(file);
  connection
    .prepare('INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at) VALUES (?, ?, ?, ?)')
    .run('x', SECOND.checksum, SECOND.name, Date.now());
  connection.close();
  await expect(migrate(`file:${file}`, [FIRST, SECOND])).rejects.toMatchObject({
    code: 'database_unusable',
    message: expect.stringContaining('002_second'),
  });
});

test('a migration that was marked as rolled back is applied again', async () => {
  await migrate(`file:${file}`, [FIRST]);
  const connection = new BetterSqlite3(file);
  connection
    .prepare(
      'INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, rolled_back_at) VALUES (?, ?, ?, ?, ?)',
    )
    .run('x', 'other', SECOND.name, Date.now(), Date.now());
  connection.close();
  expect((await migrate(`file:${file}`, [FIRST, SECOND])).applied).toEqual([SECOND.name]);
});

test("each row is one that Prisma's command line accepts", async () => {
  const before = Date.now();
  await migrate(`file:${file}`);
  const rows = query<Record<string, unknown>>('SELECT * FROM _prisma_migrations');
  expect(rows).toEqual(
    readMigrations('sqlite').map(({ name, checksum }) => ({
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      checksum,
      migration_name: name,
      started_at: expect.any(Number),
      finished_at: expect.any(Number),
      applied_steps_count: 1,
      logs: null,
      rolled_back_at: null,
    })),
  );
  for (const { started_at, finished_at } of rows) {
    expect(Number(started_at)).toBeGreaterThanOrEqual(before);
    expect(Number(finished_at)).toBeGreaterThanOrEqual(Number(started_at));
  }
  const columns = query<{ name: string; type: string }>('PRAGMA table_info(_prisma_migrations)');
  expect(columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
    'id TEXT',
    'checksum TEXT',
    'finished_at DATETIME',
    'migration_name TEXT',
    'logs TEXT',
    'rolled_back_at DATETIME',
    'started_at DATETIME',
    'applied_steps_count INTEGER UNSIGNED',
  ]);
});

test('a folder that is missing is made; a file that is no database is refused and kept', async () => {
  await migrate(`file:${join(folder, 'a', 'b', 'belfry.db')}`, [FIRST]);
  expect(existsSync(join(folder, 'a', 'b', 'belfry.db'))).toBe(true);
  writeFileSync(file, 'my diary '.repeat(500));
  await expect(migrate(`file:${file}`, [FIRST])).rejects.toMatchObject({
    code: 'database_unusable',
    message: expect.stringContaining('DATABASE_URL'),
  });
});

test('a path that is a folder is refused with a sentence', async () => {
  mkdirSync(file);
  await expect(migrate(`file:${file}`, [FIRST])).rejects.toMatchObject({ code: 'database_unusable' });
});

test('migrations are read in the order of their names, files beside the folders are left out', () => {
  for (const name of ['20300101_b', '20290101_a']) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'migration.sql'), `-- ${name}`);
  }
  writeFileSync(join(folder, 'migration_lock.toml'), '');
  expect(readMigrations('sqlite', folder)).toEqual([
    migration('20290101_a', '-- 20290101_a'),
    migration('20300101_b', '-- 20300101_b'),
  ]);
});
