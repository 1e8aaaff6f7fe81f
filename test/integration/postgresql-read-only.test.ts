/** A server that may only be read for a while: what our connections to it know afterwards. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { toDatabaseTrouble } from '../../lib/belfry/storage/database-errors.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { clearEvents, createStore, newSending, type TestStore } from '../support/engine.ts';
import { ask } from '../support/postgresql.ts';

// As many as the pool has connections, so that each has to do its part.
const AT_ONCE = 10;

let database: TestDatabase;
let store: TestStore;
let name: string;
beforeAll(async () => {
  database = await freshDatabase();
  store = createStore(database.db);
  name = new URL(database.url).pathname.slice(1);
});
afterAll(() => database.remove());
beforeEach(() => clearEvents(database.db));

const many = (work: () => Promise<unknown>) =>
  Promise.allSettled(Array.from({ length: AT_ONCE }, async () => work()));
const ways = [
  () => store.append({ idempotencyKey: `${Math.random()}` }),
  () =>
    database.db.$transaction((tx) => store.eventLog.appendWithin(store.database.within(tx), newSending())),
];
const reads = () => database.db.$transaction((tx) => tx.belfryEvent.count());

/** Made so for new sessions, and the old ones ended, as by a failover. */
async function makeReadOnly(isOn: boolean): Promise<void> {
  // By a session that is not of this database, or it would be read-only itself.
  const server = Object.assign(new URL(database.url), { pathname: '/postgres' }).href;
  await ask(server, `ALTER DATABASE ${name} SET default_transaction_read_only = ${isOn ? 'on' : 'off'}`);
  if (!isOn) return;
  await ask(server, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
}

test('writes are refused with a reason, reading goes on, and once it may be written no connection remembers', async () => {
  await makeReadOnly(true);
  // What was ended is found out by whoever uses it next.
  await many(reads);
  for (const write of ways) {
    const outcomes = await many(write);
    const reasons = outcomes.map((one) => one.status === 'rejected' && toDatabaseTrouble(one.reason)?.code);
    expect(reasons).toEqual(Array.from({ length: AT_ONCE }, () => 'read_only'));
  }
  expect((await many(reads)).every(({ status }) => status === 'fulfilled')).toBe(true);
  await makeReadOnly(false);
  for (const write of ways) {
    expect((await many(write)).filter(({ status }) => status === 'rejected')).toEqual([]);
  }
});
