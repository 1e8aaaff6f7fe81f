/** Ids become visible in their order, however many write at once; and a transaction that is held holds up nobody. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../../lib/database/db.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { clearEvents, createEngine, createStore, gate, until } from '../support/engine.ts';

const ADA = 1;

let database: TestDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.remove());
beforeEach(() => clearEvents(database.db));

test('whoever has seen an id has seen all below it, with 8 instances that send at once', async () => {
  const instances = Array.from({ length: 8 }, () => openDatabase(database.url));
  const { eventLog: reader } = createStore(database.db);
  let seen: number[] = [];
  let cameLate = 0;
  let isSending = true;
  const reading = (async () => {
    while (isSending) {
      const ids = (await reader.readAfter({ afterId: 0, limit: 10_000 })).map(({ id }) => id);
      const highest = seen.at(-1) ?? 0;
      const known = new Set(seen);
      cameLate += ids.filter((id) => id < highest && !known.has(id)).length;
      seen = ids;
    }
  })();
  await Promise.all(
    instances.map(async (db) => {
      const store = createStore(db);
      for (let burst = 0; burst < 25; burst += 1) {
        await Promise.all(Array.from({ length: 4 }, () => store.append()));
      }
    }),
  );
  isSending = false;
  await reading;
  await Promise.all(instances.map((db) => db.$disconnect()));
  expect(await database.db.belfryEvent.count()).toBe(800);
  expect(cameLate).toBe(0);
});

test('a transaction is held, a later notification is committed, then the first: both arrive, and clearing in between loses neither', async () => {
  const { manager, store, connected } = createEngine(database.db);
  await manager.start();
  const { sink } = await connected(ADA);
  const sent = gate();
  const held = gate();
  const draft = (text: string) => ({ eventType: 'Note', payload: { text } });
  const ada = { targetUserId: ADA, target: 'ada', topicId: null };
  const transaction = database.db.$transaction(async (tx) => {
    await manager.createWithin(store.database.within(tx), draft('first'), { user: 'ada' });
    sent.open();
    await held.opened;
  });
  await sent.opened;
  await manager.create(draft('later'), ada);
  await until(() => sink.ids.length === 1);
  await store.inbox.clear({ userId: ADA });
  // Long enough for the looks that follow a send inside a transaction to find nothing.
  await sleep(150);
  held.open();
  await transaction;
  await until(() => sink.ids.length === 2, 5_000);
  expect(sink.events.map(({ payload }) => payload)).toEqual([{ text: 'later' }, { text: 'first' }]);
  const { items, totals } = await store.reader.readPage({ userId: ADA, limit: 10 });
  expect(items.map(({ payload }) => payload)).toEqual([{ text: 'first' }]);
  expect(totals.unread).toBe(1);
  await manager.shutdown();
});
