/** The app behind PgBouncer in transaction mode: a connection of ours has another one of the server's each time. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Database, openDatabase } from '../../lib/database/db.ts';
import { migrate } from '../../lib/database/migrations.ts';
import { oneInstance } from '../../lib/database/one-instance.ts';
import {
  createEngine,
  createStore,
  gate,
  insertUnannounced,
  newEvent,
  newSending,
  type TestStore,
  until,
} from '../support/engine.ts';
import { HAS_PGBOUNCER, type PgBouncer, startPgBouncer } from '../support/pgbouncer.ts';
import { createDatabase } from '../support/postgresql.ts';

const ADA = 1;
const LOCK = 4_299_999;

describe.skipIf(!HAS_PGBOUNCER)('behind PgBouncer in transaction mode', () => {
  const server = inject('postgresqlUrl') as string;
  let bouncer: PgBouncer;
  let url: string;
  let db: Database;
  let other: Database;
  let store: TestStore;

  beforeAll(async () => {
    bouncer = await startPgBouncer(server, {
      ignore_startup_parameters: 'lock_timeout,statement_timeout',
    });
    url = bouncer.through(await createDatabase(server));
    await Promise.all([migrate(url), migrate(url), migrate(url)]);
    [db, other] = [openDatabase(url), openDatabase(url)];
    store = createStore(db);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([db?.$disconnect(), other?.$disconnect()]);
    await bouncer?.remove();
  });

  test('starts at once apply each migration once', async () => {
    expect(await migrate(url)).toEqual({ applied: [], created: false });
  });

  test('many writers at once lose nothing, and ids become visible in their order', async () => {
    const stores = [store, createStore(other)];
    const writes = Array.from({ length: 100 }, (_, n) => {
      const { eventLog } = stores[n % 2] as TestStore;
      return eventLog.append([newEvent(n % 5 === 0 ? { idempotencyKey: `key ${n % 20}` } : {})]);
    });
    let seen: number[] = [];
    let cameLate = 0;
    let isWriting = true;
    const reading = (async () => {
      while (isWriting) {
        const ids = (await store.eventLog.readAfter({ afterId: 0, limit: 1_000 })).map(({ id }) => id);
        const known = new Set(seen);
        cameLate += ids.filter((id) => id < (seen.at(-1) ?? 0) && !known.has(id)).length;
        seen = ids;
      }
    })();
    const ids = (await Promise.all(writes)).map(({ events }) => events[0]?.id);
    isWriting = false;
    await reading;
    expect(cameLate).toBe(0);
    // Eighty without a key, and one for each of the four keys.
    expect(new Set(ids).size).toBe(84);
    expect(await db.belfryEvent.count()).toBe(84);
  });

  test('a transaction of the caller, the outbox, dismissals and health work as ever', async () => {
    const { eventLog, inbox, reader, database } = store;
    const before = await eventLog.lastId();
    await db.$transaction((tx) => eventLog.appendWithin(database.within(tx), newSending()));
    const [event] = await eventLog.publishOutbox();
    expect(event?.id).toBeGreaterThan(before);
    const dismissal = await inbox.dismiss({ userId: ADA, eventIds: [event?.id ?? 0] });
    await eventLog.proveStorable();
    expect((await inbox.clear({ userId: ADA })).revision).toBeGreaterThan(dismissal?.revision ?? 0);
    expect((await reader.readSummary(ADA)).totals.unread).toBe(0);
  });

  test('what another instance stores reaches a stream here', async () => {
    const engine = createEngine(db);
    await engine.manager.start();
    const { sink } = await engine.connected(ADA);
    const [id] = await insertUnannounced(createStore(other), 1);
    await engine.manager.catchUp();
    await until(() => sink.ids.includes(id as number));
    engine.manager.shutdown();
  });

  test('work that one instance at a time does is done by one', async () => {
    const working = gate();
    const finish = gate();
    const first = oneInstance(
      LOCK,
      async () => {
        working.open();
        await finish.opened;
      },
      db,
    );
    await working.opened;
    let isDone = false;
    await oneInstance(
      LOCK,
      async () => {
        isDone = true;
      },
      other,
    );
    expect(isDone).toBe(false);
    finish.open();
    await first;
  });
});

test.skipIf(!HAS_PGBOUNCER)(
  'one that does not take our limits on time is refused with a sentence',
  async () => {
    const server = inject('postgresqlUrl') as string;
    const bouncer = await startPgBouncer(server);
    await expect(migrate(bouncer.through(await createDatabase(server)))).rejects.toThrow(
      /\(PgBouncer does not take our limits on time\)\. Set ignore_startup_parameters = lock_timeout,statement_timeout/,
    );
    await bouncer.remove();
  },
);
