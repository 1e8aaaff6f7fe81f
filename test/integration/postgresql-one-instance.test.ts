/** Background work is done by one instance at a time, whatever becomes of the instance that does it. */
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../lib/database/db.ts';
import { oneInstance } from '../../lib/database/one-instance.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { gate, until } from '../support/engine.ts';

const LOCK = 4711;

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.remove());

test('while one instance is at it another does nothing, and afterwards it may; other work is not held up', async () => {
  const other = openDatabase(database.url);
  const [begun, held] = [gate(), gate()];
  const done: string[] = [];
  const first = oneInstance(
    LOCK,
    async () => {
      begun.open();
      await held.opened;
      done.push('first');
    },
    database.db,
  );
  await begun.opened;
  await oneInstance(LOCK, async () => done.push('too early'), other);
  await oneInstance(LOCK + 1, async () => done.push('other work'), other);
  held.open();
  await first;
  await oneInstance(LOCK, async () => done.push('second'), other);
  await other.$disconnect();
  expect(done).toEqual(['other work', 'first', 'second']);
});

test('work that fails, and an instance that dies, leave the lock to the next', async () => {
  const failing = oneInstance(
    LOCK,
    async () => {
      throw new Error('no space left');
    },
    database.db,
  );
  await expect(failing).rejects.toThrow('no space left');
  const dying = new Client({ connectionString: database.url });
  dying.on('error', () => {});
  await dying.connect();
  await dying.query('BEGIN');
  await dying.query('SELECT pg_try_advisory_xact_lock($1)', [LOCK]);
  let ran = 0;
  const work = async () => {
    ran += 1;
  };
  await oneInstance(LOCK, work, database.db);
  expect(ran).toBe(0);
  await database.db
    .$queryRaw`SELECT pg_terminate_backend(pid)::text FROM pg_locks WHERE locktype = 'advisory' AND objid = ${LOCK}`;
  await until(async () => {
    await oneInstance(LOCK, work, database.db);
    return ran === 1;
  });
});
