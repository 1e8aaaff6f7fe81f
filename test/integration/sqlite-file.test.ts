/** What becomes of writes when something happens to the files of the embedded database while they are open. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toDatabaseTrouble } from '../../lib/belfry/storage/database-errors.ts';
import type { Database } from '../../lib/database/db.ts';
import { migrate } from '../../lib/database/migrations.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { fileOf } from '../support/empty-database.ts';
import { createStore, newSending, type TestStore, until } from '../support/engine.ts';

let database: TestDatabase;
let db: Database;
let file: string;
let store: TestStore;

beforeEach(async () => {
  database = await freshDatabase();
  db = database.db;
  file = fileOf(database);
  store = createStore(db);
  await store.append();
});
afterEach(() => database.remove());

/** The code of the trouble for each of our ways to write; `stored` when it was. */
async function writes(): Promise<string[]> {
  const ways = [
    store.append(),
    store.append({ idempotencyKey: `key ${Math.random()}` }),
    db.$transaction((tx) => store.eventLog.appendWithin(store.database.within(tx), newSending())),
    store.eventLog.proveStorable(),
  ];
  const outcomes = await Promise.allSettled(ways);
  return outcomes.map((one) =>
    one.status === 'fulfilled' ? 'stored' : (toDatabaseTrouble(one.reason)?.code ?? String(one.reason)),
  );
}

const all = (code: string) => [code, code, code, code];
const count = (at: string) => {
  const connection = new BetterSqlite3(at, { fileMustExist: true });
  const rows = connection.prepare('SELECT count(*) FROM belfry_event').pluck().get();
  connection.close();
  return rows;
};

describe('a file that was removed', () => {
  test('is not written to any more, nor made anew; reading goes on; put back, it goes on', async () => {
    const aside = `${file}.aside`;
    renameSync(file, aside);
    expect(await writes()).toEqual(all('removed'));
    expect(existsSync(file)).toBe(false);
    expect(await store.eventLog.lastId()).toBe(1);
    renameSync(aside, file);
    expect(await writes()).toEqual(all('stored'));
  });

  test('holds all that was acknowledged, wherever it is now, also without its log', async () => {
    const aside = `${file}.aside`;
    renameSync(file, aside);
    expect(await writes()).toEqual(all('removed'));
    await db.$disconnect();
    rmSync(`${file}-wal`, { force: true });
    expect(count(aside)).toBe(1);
  });
});

describe('a file in whose place another one stands', () => {
  test('is not written to, nor is the other one, until the server is started again', async () => {
    renameSync(file, `${file}.aside`);
    const other = new BetterSqlite3(file);
    other.exec('CREATE TABLE other (id INTEGER)');
    other.close();
    const before = readFileSync(file);
    expect(await writes()).toEqual(all('replaced'));
    expect(readFileSync(file)).toEqual(before);
  });

  test('leaves it no log that it would take for its own: a restored back-up is whole', async () => {
    const backup = `${file}.backup`;
    await db.$executeRawUnsafe(`VACUUM INTO '${backup}'`);
    for (let sent = 0; sent < 30; sent += 1) await store.append();
    renameSync(file, `${file}.aside`);
    renameSync(backup, file);
    await db.$disconnect();
    await migrate(database.url);
    const restored = new BetterSqlite3(file);
    expect(restored.pragma('integrity_check', { simple: true })).toBe('ok');
    restored.close();
    expect(count(file)).toBe(1);
    expect(count(`${file}.aside`)).toBe(31);
  });
});

test('without its log nothing is written; what was acknowledged is there after a restart', async () => {
  rmSync(`${file}-wal`);
  expect(await writes()).toEqual(all('replaced'));
  await db.$disconnect();
  expect(count(file)).toBe(1);
});

test('a file that may only be read is only read, and written to again once it may be', async () => {
  // Root may write whatever the mode says, but not to what cannot be changed.
  const isRoot = process.getuid?.() === 0;
  const close = () => (isRoot ? execFileSync('chattr', ['+i', file]) : chmodSync(file, 0o400));
  const open = () => (isRoot ? execFileSync('chattr', ['-i', file]) : chmodSync(file, 0o600));
  close();
  try {
    expect(await writes()).toEqual(all('read_only'));
    expect(await store.eventLog.lastId()).toBe(1);
  } finally {
    open();
  }
  expect(await writes()).toEqual(all('stored'));
});

describe('a file that is damaged', () => {
  // By another process: what this one opens and closes takes SQLite's locks along.
  const DAMAGES: [string, string][] = [
    ['overwritten from the beginning', 'dd if=/dev/urandom of="$FILE" bs=4096 count=8 conv=notrunc'],
    // To its end: pages that the log has anew, or that nothing needs, would hide a smaller damage.
    [
      'overwritten from the third page on',
      'dd if=/dev/urandom of="$FILE" bs=4096 seek=2 count=$(($(stat -c %s "$FILE") / 4096 - 2)) conv=notrunc',
    ],
    ['cut off', 'truncate -s 5000 "$FILE"'],
    ['emptied', 'truncate -s 0 "$FILE"'],
    ['replaced by text, in place', 'echo gone > "$FILE"'],
  ];
  const run = (command: string) =>
    execFileSync('sh', ['-c', command], { env: { ...process.env, FILE: file }, stdio: 'ignore' });

  test.each(DAMAGES)('%s: nothing is written, and once it is mended it goes on', async (_, damage) => {
    await db.$queryRawUnsafe('PRAGMA wal_checkpoint(TRUNCATE)');
    run('cp "$FILE" "$FILE.good"');
    run(damage);
    expect(await writes()).toEqual(all('damaged'));
    run('cat "$FILE.good" > "$FILE"');
    await until(async () => (await writes()).every((code) => code === 'stored'), 5_000);
  });

  test.each(DAMAGES)(
    '%s while a transaction of ours is open: the next write is refused',
    async (_, damage) => {
      // All is in the file, and known: it has not been read through a moment ago, after which it would rest.
      await db.$disconnect();
      // What it needs of the file is in the log from here on: no statement of ours comes upon the damage.
      expect(await writes()).toEqual(all('stored'));
      await db.$transaction(async (tx) => {
        await store.eventLog.appendWithin(store.database.within(tx), newSending());
        run(damage);
      });
      expect(await writes()).toEqual(all('damaged'));
    },
  );
});

test('what was written is brought from the log into the file, so that the log stays short', async () => {
  for (let sent = 0; sent < 300; sent += 1) await store.append();
  const [{ log, checkpointed }] = await db.$queryRawUnsafe<[{ log: bigint; checkpointed: bigint }]>(
    'PRAGMA wal_checkpoint(NOOP)',
  );
  expect(Number(log)).toBeLessThan(300);
  expect(statSync(`${file}-wal`).size).toBeLessThan(300 * 4_120);
  expect(count(file)).toBe(301);
  expect(Number(checkpointed)).toBeLessThanOrEqual(Number(log));
});

test('what another process writes, and brings from the log into the file, disturbs nothing', async () => {
  const other = new BetterSqlite3(file, { timeout: 5_000 });
  for (let turn = 0; turn < 5; turn += 1) {
    other.exec(
      `INSERT INTO belfry_event (event_type, priority, payload, created_at) VALUES ('Note', 1, '{}', ${turn})`,
    );
    other.pragma('wal_checkpoint(PASSIVE)');
    expect(await writes()).toEqual(all('stored'));
  }
  other.close();
});

test('the database, its log and what is beside them are for their owner alone, whatever the folder allows', async () => {
  const folder = dirname(file);
  const modes = () =>
    readdirSync(folder).map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]);
  const names = ['belfry.db', 'belfry.db-shm', 'belfry.db-wal'];
  expect(modes().sort()).toEqual(names.map((name) => [name, '600']));
  await db.$disconnect();
  chmodSync(folder, 0o777);
  chmodSync(file, 0o644);
  await migrate(database.url);
  expect(modes()).toEqual([['belfry.db', '600']]);
  rmSync(file);
  await migrate(database.url);
  expect(modes()).toEqual([['belfry.db', '600']]);
});
