/** The app behind PgBouncer in transaction mode: a connection of ours has another one of the server's each time. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { EventStore } from '../../lib/belfry/storage/event-store.ts';
import { type Database, openDatabase } from '../../lib/database/db.ts';
import { migrate } from '../../lib/database/migrations.ts';
import { oneInstance } from '../../lib/database/one-instance.ts';
import { createEngine, gate, insertUnannounced, newEvent, until } from '../support/engine.ts';
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
  let store: EventStore;

  beforeAll(async () => {
    bouncer = await startPgBouncer(server, {
      ignore_startup_parameters: 'lock_timeout,statement_timeout',
    });
    url = bouncer.through(await createDatabase(server));
    await Promise.all([migrate(url), migrate(url), migrate(url)]);
    [db, other] = [openDatabase(url), openDatabase(url)];
    store = new EventStore(db);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([db?.$disconnect(), other?.$disconnect()]);
    await bouncer?.remove();
  });

  test('starts at once apply each migration once', async () => {
    expect(await migrate(url)).toEqual({ applied: [], created: false });
  });

  test('many writers at once lose nothing, and ids become visible in their order', async () => {
    const stores = [store, new EventStore(other)];
    const writes = Array.from({ length: 100 }, (_, n) => {
      const one = stores[n % 2] as EventStore;
      return one.append(newEvent(n % 5 === 0 ? { idempotencyKey: `key ${n % 20}` } : {}));
    });
    let seen: number[] = [];
    let cameLate = 0;
    let isWriting = true;
    const reading = (async () => {
      while (isWriting) {
        const ids = (await store.readAfter({ afterId: 0, limit: 1_000 })).map(({ id }) => id);
        const known = new Set(seen);
        cameLate += ids.filter((id) => id < (seen.at(-1) ?? 0) && !known.has(id)).length;
        seen = ids;
      }
    })();
    const ids = (await Promise.all(writes)).map(({ event }) => event.id);
    isWriting = false;
    await reading;
    expect(cameLate).toBe(0);
    // Eighty without a key, and one for each of the four keys.
    expect(new Set(ids).size).toBe(84);
    expect(await db.event.count()).toBe(84);
  });

  test('a transaction of the caller, the outbox, dismissals and health work as ever', async () => {
    const before = await store.lastId();
    await db.$transaction((tx) => store.appendWithin(tx, newEvent({ targetUserId: ADA })));
    const [event] = await store.publishOutbox();
    expect(event?.id).toBeGreaterThan(before);
    expect(await store.dismiss({ userId: ADA, eventIds: [event?.id ?? 0] })).toEqual({
      dismissed: [event?.id],
      revision: 1,
    });
    await store.proveStorable();
    expect((await store.clear(ADA)).revision).toBe(2);
    expect((await store.readInboxState(ADA)).unreadTotal).toBe(0);
  });

  test('what another instance stores reaches a stream here', async () => {
    const engine = createEngine(db);
    await engine.manager.start();
    const { sink } = await engine.connected(ADA);
    const [id] = await insertUnannounced(new EventStore(other), 1);
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
