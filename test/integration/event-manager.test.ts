// @module-tag once
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type BusSubscriber, type EventBus, InProcessEventBus } from '../../lib/belfry/bus/event-bus.ts';
import type { EventManager, EventManagerOptions } from '../../lib/belfry/engine/event-manager.ts';
import type { Credentials } from '../../lib/belfry/engine/event-stream.ts';
import { type InboxPage, InboxReader, type ReadPageOptions } from '../../lib/belfry/inbox/inbox-reader.ts';
import { EVERYBODY } from '../../lib/belfry/protocol/event.ts';
import { parseState } from '../../lib/belfry/protocol/inbox-state.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { ON_POSTGRESQL } from '../support/empty-database.ts';
import {
  Clock,
  type ConnectOverrides,
  clearEvents,
  createEngine,
  gate,
  HOUR_MS,
  insertUnannounced,
  type MemorySink,
  Note,
  Other,
  portOf,
  type TestEngine,
  type TestStore,
  until,
} from '../support/engine.ts';
import { dataOf } from '../support/sse.ts';

// Few by default; `npm run test:sequences` takes ten thousand.
const INTERLEAVINGS = Number(process.env.INTERLEAVINGS ?? 100);
const INTERLEAVINGS_LIMIT_MS = 20_000 + INTERLEAVINGS * 200;

const ADA = 1;
const BEN = 2;

let database: TestDatabase;
const running: EventManager[] = [];

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.remove());
beforeEach(() => clearEvents(database.db));
afterEach(async () => {
  await Promise.all(running.splice(0).map((manager) => manager.shutdown()));
});

async function startEngine(
  overrides: Partial<EventManagerOptions> & { clock?: Clock; store?: TestStore } = {},
): Promise<TestEngine> {
  const engine = createEngine(database.db, overrides);
  running.push(engine.manager);
  await engine.manager.start();
  return engine;
}

/** What is sent, and to whom: to everybody, unless told otherwise. */
const note = (text = 'hello', userId: number | null = null) =>
  [{ eventType: 'Note', payload: { text } }, userId === null ? EVERYBODY : only(userId)] as const;
const only = (userId: number) => ({ targetUserId: userId, target: String(userId), topicId: null });
const [hello] = note();

/** Reads inboxes; a page can be held before and after it looks into the database. */
class SlowReader extends InboxReader {
  beforeRead: () => Promise<void> = async () => {};
  afterRead: () => Promise<void> = async () => {};

  override async readPage(options: ReadPageOptions): Promise<InboxPage> {
    await this.beforeRead();
    const page = await super.readPage(options);
    await this.afterRead();
    return page;
  }
}

/** A bus that takes messages and delivers them when it is told to. */
class HeldBus implements EventBus {
  readonly isConnected = true;
  readonly #inner = new InProcessEventBus();
  #held: (() => void)[] | null = null;

  hold(): void {
    this.#held = [];
  }

  release(): void {
    for (const deliver of this.#held?.splice(0) ?? []) deliver();
    this.#held = null;
  }

  async publish(message: Parameters<EventBus['publish']>[0]): Promise<void> {
    if (this.#held) this.#held.push(() => void this.#inner.publish(message));
    else await this.#inner.publish(message);
  }

  whoListens(): Promise<number[]> {
    return this.#inner.whoListens();
  }

  subscribe(subscriber: BusSubscriber): () => void {
    return this.#inner.subscribe(subscriber);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

describe('delivery', () => {
  test('an event reaches its addressee alone, one for everybody reaches everybody, in all their tabs', async () => {
    const { manager, connected } = await startEngine();
    const [ada, adaToo, ben] = [await connected(ADA), await connected(ADA), await connected(BEN)];
    const own = await manager.create(...note('own', ADA));
    const all = await manager.create(...note('all'));
    await until(() => ben.sink.ids.length === 1 && ada.sink.ids.length === 2);
    expect([ada.sink.ids, adaToo.sink.ids, ben.sink.ids]).toEqual([
      [own.id, all.id],
      [own.id, all.id],
      [all.id],
    ]);
    expect(ada.sink.events[0]).toMatchObject({
      payload: { text: 'own' },
      isRecovered: false,
      targetUserId: String(ADA),
    });
  });

  test('a stream gets the types that it asked for, and no other', async () => {
    const { manager, connected } = await startEngine();
    const both = await connected(ADA, { eventTypes: ['Note', 'Other'] });
    const one = await connected(ADA, { eventTypes: ['Other'] });
    const first = await manager.create(...note());
    const second = await manager.create({ ...hello, eventType: 'Other' });
    await until(() => one.sink.ids.length > 0);
    expect([both.sink.ids, one.sink.ids]).toEqual([[first.id, second.id], [second.id]]);
  });

  test('a user who was offline gets what they missed, once, and then what is new', async () => {
    const { manager, connected } = await startEngine();
    const missed = await manager.create(...note('missed', ADA));
    const { sink } = await connected(ADA);
    const live = await manager.create(...note('live', ADA));
    await until(() => sink.ids.length === 2);
    expect(sink.events.map(({ id, isRecovered }) => [id, isRecovered])).toEqual([
      [missed.id, true],
      [live.id, false],
    ]);
    expect(sink.inbox[0]).toMatchObject({ kind: 'snapshot', count: 1, unreadTotal: 1, nextCursor: null });
    expect(stateOf(sink)).toMatchObject({ eventId: missed.id, revision: 0 });
  });

  test('a snapshot is the newest 100 without a gap, and what is urgent and further down', async () => {
    const { store, connected } = await startEngine();
    const [critical] = await insertUnannounced(store, 1, { priority: 'CRITICAL' });
    const ids = await insertUnannounced(store, 110, { priority: 'LOW' });
    const { sink } = await connected(ADA);
    expect(sink.ids).toEqual([...ids.toReversed().slice(0, 100), critical]);
    expect(sink.inbox[0]).toMatchObject({
      kind: 'snapshot',
      count: 101,
      pinned: [critical],
      unreadTotal: 111,
      nextCursor: String(ids[10]),
    });
  });

  test('what goes to several people by name reaches each of them, as one message', async () => {
    const { manager, bus, connected } = await startEngine();
    const publish = vi.spyOn(bus, 'publish');
    const [ada, ben, cleo] = [await connected(ADA), await connected(BEN), await connected(3)];
    const events = await manager.createForEach(hello, [only(ADA), only(BEN)]);
    await until(() => ada.sink.ids.length + ben.sink.ids.length === 2);
    expect([ada.sink.ids, ben.sink.ids, cleo.sink.ids]).toEqual([[events[0]?.id], [events[1]?.id], []]);
    expect(publish).toHaveBeenCalledTimes(1);
  });

  test('what goes to a topic reaches those who belonged when it happened, and is one row', async () => {
    const { manager, store, connected } = await startEngine();
    const [ada, ben] = [await store.recipients.idOf('ada'), await store.recipients.idOf('ben')];
    const topicId = await store.topics.idOf('project:7');
    const [atAda, atBen] = [await connected(ada), await connected(ben)];
    const topic = { ...EVERYBODY, topicId };
    await store.topics.subscribe({ userId: 'ada', topic: 'project:7' });
    const first = await manager.create(hello, topic);
    await store.topics.unsubscribe({ userId: 'ada', topic: 'project:7' });
    await store.topics.subscribe({ userId: 'ben', topic: 'project:7' });
    const second = await manager.create(hello, topic);
    const [unannounced] = await insertUnannounced(store, 1, { topicId });
    await manager.catchUp();
    await until(() => atAda.sink.ids.length === 1 && atBen.sink.ids.length === 2);
    const last = await manager.create(...note('last'));
    await until(() => atAda.sink.ids.includes(last.id) && atBen.sink.ids.includes(last.id));
    expect(atAda.sink.ids).toEqual([first.id, last.id]);
    expect(atBen.sink.ids).toEqual([second.id, unannounced, last.id]);
    expect((await connected(ada)).sink.ids).toEqual([last.id, first.id]);
    expect(await database.db.belfryEvent.count()).toBe(4);
  });

  test('with an idempotency key a second send is neither stored nor delivered', async () => {
    const { manager, connected } = await startEngine();
    const { sink } = await connected(ADA);
    const sent = await Promise.all(
      Array.from({ length: 10 }, () => manager.create({ ...hello, idempotencyKey: 'delivery-once' })),
    );
    await until(() => sink.ids.length > 0);
    await manager.create(...note('last'));
    await until(() => sink.events.at(-1)?.id !== sent[0]?.id);
    expect(sink.ids).toHaveLength(2);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
  });

  test('a payload that does not fit, and a type that nobody knows, are refused and not stored', async () => {
    const { manager } = await startEngine();
    await expect(manager.create({ ...hello, payload: { text: 7 } })).rejects.toMatchObject({
      code: 'invalid_input',
      fieldErrors: { text: [expect.any(String)] },
    });
    await expect(manager.create({ ...hello, eventType: 'Nothing' })).rejects.toMatchObject({
      code: 'unknown_event_type',
    });
    expect(await database.db.belfryEvent.count()).toBe(0);
  });

  test('an event that expires between the queue and the stream is not sent', async () => {
    const clock = new Clock();
    const { manager, connected } = await startEngine({ clock });
    const { sink } = await connected(ADA);
    await manager.create({ ...hello, expiresAt: clock.in(50) });
    clock.advance(50);
    const last = await manager.create(...note('in time'));
    await until(() => sink.ids.length > 0);
    expect(sink.ids).toEqual([last.id]);
  });

  test('a burst that is larger than what may wait for a client does not end the streams that read', async () => {
    const { manager, store, connected } = await startEngine({ maxQueuedBytes: 64 * 1024 });
    const { sink, stream } = await connected(ADA);
    const ids = await insertUnannounced(store, 400, { payload: { text: 'x'.repeat(500) } });
    await manager.catchUp();
    await until(() => sink.ids.length === ids.length || stream.closed);
    expect(stream.closed).toBe(false);
    expect(sink.ids).toEqual(ids);
  });

  test('a snapshot that is larger than what may wait for a client is cut to what fits', async () => {
    const { store, connect } = await startEngine({ maxQueuedBytes: 64 * 1024 });
    const ids = await insertUnannounced(store, 100, { payload: { text: 'é'.repeat(1_000) } });
    const { sink, stream } = connect(ADA);
    await until(() => sink.inbox.length > 0 || stream.closed);
    expect(stream.closed).toBe(false);
    const count = sink.ids.length;
    expect(count).toBeGreaterThan(3);
    expect(sink.ids).toEqual(ids.toReversed().slice(0, count));
    expect(sink.inbox[0]).toMatchObject({ count, unreadTotal: 100, nextCursor: String(sink.ids.at(-1)) });
  });

  test('whatever else fails, an event that was stored is not reported as failed: a bus that refuses', async () => {
    const bus = new InProcessEventBus();
    bus.publish = () => Promise.reject(new Error('the bus is down'));
    const { manager, connected } = await startEngine({ bus });
    const { sink } = await connected(ADA);
    const event = await manager.create(...note());
    expect(await database.db.belfryEvent.count()).toBe(1);
    expect(sink.ids).toEqual([]);
    await manager.catchUp();
    await until(() => sink.ids.length > 0);
    expect(sink.ids).toEqual([event.id]);
  });
});

describe('between the backlog and live', () => {
  test.each(['before the backlog is read', 'after it was read', 'while it is on its way'] as const)(
    'an event that is created %s comes once',
    async (when) => {
      const inbox = new SlowReader(portOf(database.db));
      const { manager, connect } = await startEngine({ inbox });
      const [reading, read] = [gate(), gate()];
      const [mayRead, mayReturn] = [gate(), gate()];
      inbox.beforeRead = () => {
        reading.open();
        return mayRead.opened;
      };
      inbox.afterRead = () => {
        read.open();
        return mayReturn.opened;
      };
      const { sink } = connect(ADA);
      await reading.opened;
      const created: number[] = [];
      const create = async () => created.push((await manager.create(...note('in the window', ADA))).id);
      if (when === 'before the backlog is read') await create();
      mayRead.open();
      await read.opened;
      if (when === 'after it was read') await create();
      const arriving = when === 'while it is on its way' ? create() : Promise.resolve();
      mayReturn.open();
      await arriving;
      await until(() => sink.ids.length > 0);
      const last = await manager.create(...note('last', ADA));
      await until(() => sink.ids.includes(last.id));
      expect(sink.ids).toEqual([...created, last.id]);
    },
  );

  test('an event of the backlog whose hint comes late is not sent a second time', async () => {
    const bus = new HeldBus();
    const { manager, connected } = await startEngine({ bus });
    bus.hold();
    const event = await manager.create(...note());
    const { sink } = await connected(ADA);
    expect(sink.ids).toEqual([event.id]);
    bus.release();
    const last = await manager.create(...note('last'));
    await until(() => sink.ids.includes(last.id));
    expect(sink.ids).toEqual([event.id, last.id]);
  });

  test('an event that was dismissed before its hint came is not sent at all', async () => {
    const bus = new HeldBus();
    const { manager, store, connected } = await startEngine({ bus });
    bus.hold();
    const event = await manager.create(...note());
    await store.inbox.dismiss({ userId: ADA, eventIds: [event.id] });
    const { sink } = await connected(ADA);
    bus.release();
    const last = await manager.create(...note('last'));
    await until(() => sink.ids.includes(last.id));
    expect(sink.ids).toEqual([last.id]);
  });

  test('what piles up while a backlog is slow is bounded, and the stream is ended rather than hoard', async () => {
    const inbox = new SlowReader(portOf(database.db));
    const { manager, connect } = await startEngine({ inbox, maxQueuedBytes: 4_096 });
    const mayRead = gate();
    inbox.beforeRead = () => mayRead.opened;
    const { sink, stream } = connect(ADA);
    for (let n = 0; n < 40; n += 1) await manager.create(...note('x'.repeat(100)));
    await until(() => stream.closed);
    expect(sink.ended).toBe('aborted');
    mayRead.open();
    await nextTurn();
    expect(sink.ids).toEqual([]);
  });

  test('a stream that closes before its backlog is there gets nothing more and is forgotten', async () => {
    const inbox = new SlowReader(portOf(database.db));
    const { manager, connect } = await startEngine({ inbox });
    const mayRead = gate();
    inbox.beforeRead = () => mayRead.opened;
    const { sink, stream } = connect(ADA);
    stream.close('client-gone');
    stream.close('client-gone');
    mayRead.open();
    await nextTurn();
    expect([sink.messages, manager.streamCount, sink.ended]).toEqual([[], 0, 'closed']);
  });

  test('a backlog that cannot be read ends the stream and tells the client when to come back', async () => {
    const inbox = new SlowReader(portOf(database.db));
    const { manager, connect, connected } = await startEngine({ inbox });
    inbox.beforeRead = () => Promise.reject(new Error('the disk is on fire'));
    const { sink } = connect(ADA);
    await until(() => sink.ended !== 'no');
    expect(sink.count('reconnect')).toBe(1);
    expect(sink.retries.at(-1)).toBeGreaterThan(0);
    expect(manager.streamCount).toBe(0);
    inbox.beforeRead = async () => {};
    await connected(ADA);
  });

  test(
    'whatever the order of sends, connects, late hints and catch-ups, nothing is lost and nothing comes twice',
    async () => {
      const step = fc.oneof(
        {
          weight: 5,
          arbitrary: fc.record({ do: fc.constant('send' as const), to: fc.constantFrom(null, ADA, BEN) }),
        },
        {
          weight: 2,
          arbitrary: fc.record({ do: fc.constant('connect' as const), user: fc.constantFrom(ADA, BEN) }),
        },
        { weight: 2, arbitrary: fc.record({ do: fc.constant('unannounced' as const) }) },
        { weight: 2, arbitrary: fc.record({ do: fc.constant('catchUp' as const) }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('hold' as const) }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const) }) },
        { weight: 3, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
      );
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 1, maxLength: 30 }),
          fc.integer({ min: 1, max: 6 }),
          async (steps, maxQueuedEvents) => {
            await clearEvents(database.db);
            const bus = new HeldBus();
            const { manager, store, connect } = createEngine(database.db, {
              bus,
              maxQueuedEvents,
              maxStreamsPerUser: 100,
            });
            await manager.start();
            const sinks: { user: number; sink: MemorySink }[] = [];
            const sent: { id: number; to: number | null }[] = [];
            const underWay: Promise<unknown>[] = [];
            for (const current of steps) {
              switch (current.do) {
                case 'send':
                  underWay.push(
                    manager
                      .create(...note('x', current.to))
                      .then(({ id }) => sent.push({ id, to: current.to })),
                  );
                  break;
                case 'connect':
                  sinks.push({ user: current.user, sink: connect(current.user).sink });
                  break;
                case 'unannounced':
                  underWay.push(insertUnannounced(store, 1).then(([id = 0]) => sent.push({ id, to: null })));
                  break;
                case 'catchUp':
                  underWay.push(manager.catchUp());
                  break;
                case 'hold':
                  bus.hold();
                  break;
                case 'release':
                  bus.release();
                  break;
                case 'turn':
                  await nextTurn();
                  break;
              }
            }
            await Promise.all(underWay);
            bus.release();
            const missing = ({ user, sink }: (typeof sinks)[number]) =>
              sent.filter(({ id, to }) => (to === null || to === user) && !sink.ids.includes(id));
            await until(async () => {
              await manager.catchUp();
              return sinks.every((one) => missing(one).length === 0);
            });
            for (const { user, sink } of sinks) {
              const expected = sent.filter(({ to }) => to === null || to === user).map(({ id }) => id);
              expect(sink.ids.toSorted((a, b) => Number(a) - Number(b))).toEqual(
                expected.toSorted((a, b) => a - b),
              );
            }
            await manager.shutdown();
          },
        ),
        { numRuns: INTERLEAVINGS },
      );
    },
    INTERLEAVINGS_LIMIT_MS,
  );
});

/** The position that the last statement of a stream ended with. */
const stateOf = ({ inbox }: Pick<MemorySink, 'inbox'>) => parseState(inbox.at(-1)?.state ?? '');

describe('a position', () => {
  test('a client that comes back is told what changed since, and nothing else', async () => {
    const { manager, store, connected } = await startEngine();
    const ids = await insertUnannounced(store, 3);
    const first = await connected(ADA);
    first.stream.close('client-gone');
    await store.inbox.dismiss({ userId: ADA, eventIds: ids.slice(0, 1) });
    const missed = await manager.create(...note('missed'));
    const { sink } = await connected(ADA, { since: first.sink.inbox[0]?.state ?? null });
    expect(sink.inbox[0]).toMatchObject({ kind: 'changes', unreadTotal: 3, removed: [] });
    expect(changedIn(sink)).toEqual([
      [ids[0], true],
      [missed.id, false],
    ]);
    expect(sink.ids).toEqual([]);
    const again = await connected(ADA, { since: sink.inbox[0]?.state ?? null });
    expect(again.sink.inbox[0]).toMatchObject({ kind: 'changes', changed: [], removed: [] });
  });

  test('a position that cannot be gone on from gets everything anew', async () => {
    const { manager, connected } = await startEngine({ maxStreamsPerUser: 100 });
    const { id } = await manager.create(...note());
    const { sink } = await connected(ADA);
    const { history = '' } = stateOf(sink) ?? {};
    for (const since of [
      null,
      '',
      'x',
      '1.2',
      `${history}.${id + 1}.0`,
      `${history}.${id}.7`,
      `other.${id}.0`,
      `${history}.-1.0`,
      'a'.repeat(10_000),
    ]) {
      const opened = await connected(ADA, { since });
      expect([since, opened.sink.inbox[0]?.kind, opened.sink.ids]).toEqual([since, 'snapshot', [id]]);
    }
  });

  test('after a restart a client goes on from where it was', async () => {
    const before = await startEngine();
    const [id] = await insertUnannounced(before.store, 2);
    const { sink } = await before.connected(ADA);
    await before.store.inbox.dismiss({ userId: ADA, eventIds: [id as number] });
    before.manager.shutdown();
    const after = await startEngine();
    const back = await after.connected(ADA, { since: sink.inbox[0]?.state ?? null });
    expect(back.sink.inbox[0]).toMatchObject({ kind: 'changes', unreadTotal: 1 });
    expect(changedIn(back.sink)).toEqual([[id, true]]);
  });

  test.each(['by themselves', 'inside a transaction'] as const)(
    'when ids are used again by events that are sent %s, every stream comes back, and none of them is taken for known',
    async (how) => {
      await idsGoOnFrom(1);
      const { manager, store, connected } = await startEngine();
      await insertUnannounced(store, 3);
      await manager.catchUp();
      const { sink } = await connected(ADA);
      // As when a back-up is put back under the running server; of more than were there the last one would look new.
      await database.db.belfryEvent.deleteMany();
      await idsGoOnFrom(1);
      for (let n = 1; n <= 4; n += 1) {
        const [draft, addressed] = note(`${n} after the restore`);
        if (how === 'by themselves') await manager.create(draft, addressed);
        else await store.database.transaction((tx) => manager.createWithin(tx, draft, 'everyone'));
      }
      await manager.catchUp();
      await until(() => sink.ended === 'closed');
      expect(sink.count('reconnect')).toBe(1);
      const back = await connected(ADA, { since: sink.inbox[0]?.state ?? null });
      expect([back.sink.inbox[0]?.kind, back.sink.ids]).toEqual(['snapshot', [4, 3, 2, 1]]);
    },
  );

  test('what the bus brings late, of before a back-up was put back, is not taken for what has its id now', async () => {
    const bus = new HeldBus();
    const { manager, store, connected } = await startEngine({ bus });
    await insertUnannounced(store, 3);
    await manager.catchUp();
    const { sink } = await connected(ADA);
    bus.hold();
    const lost = await manager.create(...note('lost', BEN));
    await database.db.belfryEvent.deleteMany();
    await until(() => sink.ended === 'closed');
    const back = await connected(ADA);
    await idsGoOnFrom(lost.id);
    const again = await manager.create(...note('after the restore', ADA));
    bus.release();
    await until(() => back.sink.ids.length > 0);
    expect([back.sink.ids, again.id]).toEqual([[lost.id], lost.id]);
  });

  test('a change that is read while a back-up turns out to have been put back is not told as one of before', async () => {
    const reader = new InboxReader(portOf(database.db));
    const found = gate();
    await idsGoOnFrom(1);
    const engine = await startEngine({ inbox: reader, onHistoryEnded: found.open });
    const { manager, store, connected } = engine;
    await insertUnannounced(store, 3);
    await manager.catchUp();
    const { sink } = await connected(ADA);
    await database.db.belfryEvent.deleteMany();
    await idsGoOnFrom(1);
    const readChanges = reader.readChanges.bind(reader);
    vi.spyOn(reader, 'readChanges').mockImplementation(async (options) => {
      const changes = await readChanges(options);
      await found.opened;
      return changes;
    });
    await insertUnannounced(store, 4);
    await store.inbox.dismiss({ userId: ADA, eventIds: [1] });
    manager.announceInboxChange(ADA);
    await until(() => vi.mocked(reader.readChanges).mock.calls.length > 0);
    await until(() => sink.ended === 'closed');
    expect(sink.inbox.map(({ kind }) => kind)).toEqual(['snapshot']);
    const back = await connected(ADA, { since: sink.inbox[0]?.state ?? null });
    expect([back.sink.inbox[0]?.kind, back.sink.ids]).toEqual(['snapshot', [4, 3, 2]]);
  });

  test('what was stored is not reported as failed because the look at the history fails', async () => {
    const { manager, store } = await startEngine();
    await insertUnannounced(store, 3);
    await manager.catchUp();
    await database.db.belfryEvent.deleteMany();
    await idsGoOnFrom(1);
    const transaction = vi.spyOn(store.database, 'transaction').mockRejectedValue(new Error('not now'));
    expect(await manager.create(...note('again'))).toMatchObject({ id: 1 });
    expect(transaction).toHaveBeenCalled();
    transaction.mockRestore();
  });
});

const changedIn = (sink: MemorySink) => {
  const frame = sink.inbox.at(-1);
  return frame?.kind === 'changes' ? frame.changed.map(({ id, doneAt }) => [id, doneAt !== null]) : null;
};

/** The next event gets this id. */
async function idsGoOnFrom(id: number): Promise<void> {
  if (ON_POSTGRESQL) {
    await database.db.$queryRaw`SELECT setval('belfry_event_id_seq', ${id}::bigint, false)::text`;
  } else
    await database.db.$executeRaw`UPDATE sqlite_sequence SET seq = ${id - 1} WHERE name = 'belfry_event'`;
}

describe('catching up', () => {
  test("another process's rows are picked up, in order, each once", async () => {
    const { manager, store, connected } = await startEngine();
    const { sink } = await connected(ADA);
    const ids = await insertUnannounced(store, 5);
    await Promise.all([manager.catchUp(), manager.catchUp()]);
    await manager.catchUp();
    const last = await manager.create(...note('last'));
    await until(() => sink.ids.includes(last.id));
    expect(sink.ids).toEqual([...ids, last.id]);
  });

  test('what does not fit into the queue is read from the database: nothing is sent twice or out of order', async () => {
    const { manager, connected } = await startEngine({ maxQueuedEvents: 5 });
    const { sink } = await connected(ADA);
    const created = await Promise.all(
      Array.from({ length: 60 }, (_, n) => manager.create(...note(String(n)))),
    );
    await until(async () => {
      await manager.catchUp();
      return sink.ids.length >= 60;
    });
    await manager.catchUp();
    expect(sink.ids).toEqual(created.map(({ id }) => id).toSorted((a, b) => a - b));
  });

  test('more than one batch of missed rows is picked up in one go', async () => {
    const { manager, connected } = await startEngine();
    const { sink } = await connected(ADA);
    const data = Array.from({ length: 1_200 }, () => ({
      eventType: 'Note',
      priority: 1,
      payload: '{"text":"x"}',
      createdAt: new Date(),
    }));
    await database.db.belfryEvent.createMany({ data });
    await manager.catchUp();
    await until(() => sink.ids.length === 1_200);
    expect(new Set(sink.ids).size).toBe(1_200);
  });

  test('what was stored before the start is backlog, not news', async () => {
    const before = await startEngine();
    await insertUnannounced(before.store, 3);
    const { manager, connected } = await startEngine();
    const { sink } = await connected(ADA);
    await manager.catchUp();
    await nextTurn();
    expect(sink.events.map(({ isRecovered }) => isRecovered)).toEqual([true, true, true]);
  });

  test('two instances on one database: whichever stored it, both tell their streams, once', async () => {
    const [one, two] = [await startEngine(), await startEngine()];
    const [atOne, atTwo] = [await one.connected(ADA), await two.connected(ADA)];
    const ids = [(await one.manager.create(...note())).id, (await two.manager.create(...note())).id];
    await Promise.all([one.manager.catchUp(), two.manager.catchUp()]);
    await until(() => atOne.sink.ids.length === 2 && atTwo.sink.ids.length === 2);
    expect([atOne.sink.ids.toSorted(), atTwo.sink.ids.toSorted()]).toEqual([ids, ids]);
  });
});

describe('ephemeral events', () => {
  test('the answer says whether anybody was there, and nothing is kept', async () => {
    const { manager, connected } = await startEngine();
    expect(await manager.sendEphemeral(Note, only(ADA), { text: 'anyone?' })).toBe(false);
    const { sink } = await connected(ADA);
    expect(await manager.sendEphemeral(Note, only(ADA), { text: 'hello' })).toBe(true);
    expect(await manager.sendEphemeral(Note, only(BEN), { text: 'Ben?' })).toBe(false);
    expect(await manager.sendEphemeral(Other, only(ADA), { text: 'another type' })).toBe(false);
    await until(() => sink.events.length > 0);
    expect(sink.events).toMatchObject([{ id: null, payload: { text: 'hello' }, isRecovered: false }]);
    expect(sink.messages.find(({ event }) => event === 'Note')).not.toHaveProperty('id', expect.any(String));
    expect(await database.db.belfryEvent.count()).toBe(0);
  });

  test('a payload that does not fit is refused', async () => {
    const { manager } = await startEngine();
    await expect(
      manager.sendEphemeral(Note, only(ADA), { text: 7 as unknown as string }),
    ).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });
});

describe('who is connected', () => {
  test('each listener to a type counts once, however many streams they have, and is gone with the last', async () => {
    const { manager, connected } = await startEngine();
    const [one, two] = [await connected(ADA), await connected(ADA, { eventTypes: ['Note', 'Other'] })];
    await connected(BEN);
    expect([await manager.connectedUsers(Note), await manager.connectedUsers(Other)]).toEqual([
      [ADA, BEN],
      [ADA],
    ]);
    one.stream.close('client-gone');
    expect(await manager.connectedUsers(Note)).toEqual([ADA, BEN]);
    two.stream.close('client-gone');
    expect([
      await manager.connectedUsers(Note),
      await manager.connectedUsers(Other),
      manager.streamCount,
    ]).toEqual([[BEN], [], 1]);
  });

  test('a user may hold so many streams, and others are not affected; a closed one makes room', async () => {
    const { manager, connected, connect } = await startEngine({ maxStreamsPerUser: 2 });
    const [first] = [await connected(ADA), await connected(ADA)];
    expect(() => connect(ADA)).toThrow(
      expect.objectContaining({
        code: 'too_many_streams',
        status: 429,
        retryAfterSeconds: expect.any(Number),
      }),
    );
    await connected(BEN);
    first.stream.close('client-gone');
    first.stream.close('client-gone');
    await connected(ADA);
    expect(() => connect(ADA)).toThrow();
    expect(manager.streamCount).toBe(3);
  });

  test.each([{ eventTypes: [] }, { eventTypes: ['Nothing'] }, { eventTypes: ['Note', 'Nothing'] }])(
    'types that nobody registered open no stream: %j',
    async (overrides: ConnectOverrides) => {
      const { manager, connect } = await startEngine();
      expect(() => connect(ADA, overrides)).toThrow(expect.objectContaining({ code: 'unknown_event_type' }));
      expect(manager.streamCount).toBe(0);
    },
  );

  test('asking whether a stream could be opened opens none', async () => {
    const { manager } = await startEngine();
    for (let n = 0; n < 50; n += 1) manager.assertCanConnect({ userId: ADA, eventTypes: ['Note'] });
    expect(manager.streamCount).toBe(0);
  });
});

describe('slow and broken clients', () => {
  test('a client that does not read is ended at its bound, and everybody else gets everything', async () => {
    const { manager, connected } = await startEngine({ maxQueuedBytes: 8_192 });
    const [slow, quick] = [await connected(ADA), await connected(BEN)];
    slow.sink.reads = false;
    const ids: number[] = [];
    for (let n = 0; n < 60; n += 1) {
      ids.push((await manager.create(...note('x'.repeat(200)))).id);
      await nextTurn();
    }
    await until(() => quick.sink.ids.length === 60);
    expect(slow.sink.ended).toBe('aborted');
    expect(slow.sink.queuedBytes).toBeLessThanOrEqual(8_192);
    expect([quick.sink.ids, quick.stream.closed]).toEqual([ids, false]);
    expect(await manager.connectedUsers(Note)).toEqual([BEN]);
  });

  test('a connection that breaks while it is written to ends that stream, and nobody else notices', async () => {
    const { manager, connected } = await startEngine();
    const broken = await connected(ADA);
    const [own, other] = [await connected(ADA), await connected(BEN)];
    broken.sink.write = broken.sink.close = () => {
      throw new Error('write after end');
    };
    const first = await manager.create(...note());
    const second = await manager.create(...note());
    await until(() => other.sink.ids.length === 2 && own.sink.ids.length === 2);
    expect([own.sink.ids, other.sink.ids]).toEqual([
      [first.id, second.id],
      [first.id, second.id],
    ]);
    expect([broken.stream.closed, manager.streamCount]).toEqual([true, 2]);
  });
});

describe('sessions', () => {
  test('a session that has run out ends its streams; others of the user stay', async () => {
    const clock = new Clock();
    const { manager, connected } = await startEngine({ clock });
    const ending = await connected(ADA, { credentials: { expiresAt: clock.in(HOUR_MS) } });
    const lasting = await connected(ADA, { credentials: { expiresAt: clock.in(2 * HOUR_MS) } });
    clock.advance(HOUR_MS - 1);
    await manager.endRevokedStreams();
    expect(ending.stream.closed).toBe(false);
    clock.advance(1);
    await manager.endRevokedStreams();
    expect([ending.sink.ended, lasting.sink.ended]).toEqual(['closed', 'no']);
  });

  test('streams of a revoked session are ended, with one question for all sessions', async () => {
    const revalidate = vi.fn(async (open: Credentials[]) => ({
      ended: open.filter(({ key }) => key === 'phone'),
      changed: open.filter(({ info }) => info === 'ADMIN'),
    }));
    const { manager, connected } = await startEngine({ revalidate });
    const [phone, laptop, desk, ben] = [
      await connected(ADA, { credentials: { key: 'phone', info: 'USER' } }),
      await connected(ADA, { credentials: { key: 'laptop' } }),
      await connected(ADA, { credentials: { key: 'desk', info: 'ADMIN' } }),
      await connected(BEN),
    ];
    await manager.endRevokedStreams();
    const closed = [phone, laptop, desk, ben].map(({ stream }) => stream.closed);
    expect(closed).toEqual([true, false, true, false]);
    // Whoever became something else is still signed in.
    const said = [phone, desk].map(({ sink }) => sink.messages.at(-1)?.event);
    expect(said).toEqual(['session-ended', 'reconnect']);
    expect(revalidate).toHaveBeenCalledTimes(1);
    expect(revalidate.mock.calls[0]?.[0]).toEqual(
      [phone, laptop, desk, ben].map(({ stream }) => stream.credentials),
    );
  });

  test('disconnecting a session ends all its streams, and neither the user’s others nor anybody else’s', async () => {
    const { manager, connected } = await startEngine();
    const phone = { credentials: { key: 'phone' } };
    const [one, two] = [await connected(ADA, phone), await connected(ADA, phone)];
    const [laptop, ben] = [
      await connected(ADA, { credentials: { key: 'laptop' } }),
      await connected(BEN, phone),
    ];
    manager.disconnect({ userId: ADA, keys: ['phone', 'tablet'] });
    const closed = [one, two, laptop, ben].map(({ stream }) => stream.closed);
    expect(closed).toEqual([true, true, false, false]);
  });
});

describe('what every tab agrees on', () => {
  test('a dismissal is told to all tabs of its user, with the new totals, and to nobody else', async () => {
    const { manager, store, connected } = await startEngine();
    const [id = 0] = await insertUnannounced(store, 2);
    const [one, two, ben] = [await connected(ADA), await connected(ADA), await connected(BEN)];
    const change = await store.inbox.dismiss({ userId: ADA, eventIds: [id] });
    manager.announceInboxChange(ADA);
    await until(() => one.sink.inbox.length === 2 && two.sink.inbox.length === 2);
    for (const { sink } of [one, two]) {
      expect(sink.inbox[1]).toMatchObject({ kind: 'changes', unreadTotal: 1, totals: { done: 1 } });
      expect(changedIn(sink)).toEqual([[id, true]]);
      expect(stateOf(sink)?.revision).toBe(change?.revision);
    }
    expect(ben.sink.inbox).toHaveLength(1);
  });

  test('a clear of a few is told as what changed, and one of many as how things stand now', async () => {
    const { manager, store, connected } = await startEngine();
    const ids = await insertUnannounced(store, 3);
    const { sink } = await connected(ADA);
    await store.inbox.clear({ userId: ADA });
    manager.announceInboxChange(ADA);
    await until(() => sink.inbox.length === 2);
    expect(changedIn(sink)).toEqual(ids.map((id) => [id, true]));
    await insertUnannounced(store, 110);
    await store.inbox.clear({ userId: ADA });
    manager.announceInboxChange(ADA);
    await until(() => sink.inbox.length === 3);
    expect(sink.inbox[2]).toMatchObject({ kind: 'snapshot', count: 0, unreadTotal: 0 });
  });

  test('the undo of a clear brings everything back in every tab', async () => {
    const { manager, store, connected } = await startEngine();
    const ids = await insertUnannounced(store, 110);
    const { undo } = await store.inbox.clear({ userId: ADA });
    const { sink } = await connected(ADA);
    expect(sink.ids).toEqual([]);
    await store.inbox.undo({ userId: ADA, undo: undo ?? '' });
    manager.announceInboxChange(ADA);
    await until(() => sink.inbox.length === 2);
    expect(sink.inbox[1]).toMatchObject({ kind: 'snapshot', count: 100, unreadTotal: 110 });
    await until(() => sink.ids.length === 100);
    expect(sink.ids).toEqual(ids.toReversed().slice(0, 100));
  });

  test('a change while a stream is being opened is told it all the same', async () => {
    const inbox = new SlowReader(portOf(database.db));
    const { manager, store, connect } = await startEngine({ inbox });
    const [id = 0] = await insertUnannounced(store, 1);
    const [read, mayReturn] = [gate(), gate()];
    inbox.afterRead = () => {
      read.open();
      return mayReturn.opened;
    };
    const { sink } = connect(ADA);
    await read.opened;
    inbox.afterRead = async () => {};
    await store.inbox.dismiss({ userId: ADA, eventIds: [id] });
    manager.announceInboxChange(ADA);
    mayReturn.open();
    await until(() => sink.inbox.length === 2);
    expect([sink.ids, changedIn(sink)]).toEqual([[id], [[id, true]]]);
  });

  test('a change that cannot be read makes the tabs come back for it', async () => {
    const inbox = new SlowReader(portOf(database.db));
    const { manager, connected } = await startEngine({ inbox });
    const { sink } = await connected(ADA);
    inbox.readChanges = () => Promise.reject(new Error('the disk is on fire'));
    manager.announceInboxChange(ADA);
    await until(() => sink.ended !== 'no');
    expect(sink.count('reconnect')).toBe(1);
  });
});

describe('stopping', () => {
  test('shutting down delivers what is queued, tells every stream to come back, and ends it', async () => {
    const { manager, connected } = await startEngine();
    const [ada, ben] = [await connected(ADA), await connected(BEN)];
    const event = await manager.create(...note('last words'));
    await manager.shutdown();
    for (const { sink } of [ada, ben]) {
      expect([sink.ids, sink.ended]).toEqual([[event.id], 'closed']);
      const [told] = dataOf<{ afterMs: number }>(sink.messages, 'reconnect');
      expect(told?.afterMs).toBeGreaterThanOrEqual(500);
      expect(told?.afterMs).toBeLessThanOrEqual(3_000);
      expect(sink.retries.at(-1)).toBe(told?.afterMs);
      expect(sink.messages.at(-1)?.event).toBe('reconnect');
    }
    expect(manager.streamCount).toBe(0);
  });

  test('not all are told to come back in the same instant', async () => {
    const { manager, connected } = await startEngine({ maxStreamsPerUser: 30 });
    const streams = await Promise.all(Array.from({ length: 20 }, () => connected(ADA)));
    await manager.shutdown();
    expect(new Set(streams.map(({ sink }) => sink.retries.at(-1))).size).toBeGreaterThan(10);
  });

  test('afterwards no stream is opened, and one whose backlog is still on its way is ended too', async () => {
    const inbox = new SlowReader(portOf(database.db));
    const { manager, connect } = await startEngine({ inbox });
    const mayRead = gate();
    inbox.beforeRead = () => mayRead.opened;
    const { sink } = connect(ADA);
    await manager.shutdown();
    await manager.shutdown();
    mayRead.open();
    await nextTurn();
    expect([sink.ended, sink.count('reconnect'), sink.inbox]).toEqual(['closed', 1, []]);
    expect(() => connect(ADA)).toThrow(expect.objectContaining({ code: 'shutting_down', status: 503 }));
  });

  test('an event sent while it stops is stored all the same', async () => {
    const { manager } = await startEngine();
    const stopping = manager.shutdown();
    const event = await manager.create(...note());
    await stopping;
    expect(await database.db.belfryEvent.count({ where: { id: event.id } })).toBe(1);
  });

  test('before the start no stream is opened', () => {
    const { connect } = createEngine(database.db);
    expect(() => connect(ADA)).toThrow(expect.objectContaining({ code: 'shutting_down' }));
  });
});

describe('as time goes by', () => {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'Date', 'performance'],
    });
    return () => vi.useRealTimers();
  });

  /** As `until`, by turns of the event loop and the one clock that is not replaced. */
  async function turnsUntil(holds: () => boolean): Promise<void> {
    const [start] = process.hrtime();
    while (!holds() && process.hrtime()[0] - start < 5) await nextTurn();
  }

  async function opened(engine: TestEngine, userId: number, overrides: ConnectOverrides = {}) {
    const open = engine.connect(userId, overrides);
    await turnsUntil(() => open.sink.inbox.length > 0);
    return open;
  }

  test('a heartbeat comes every 15 s, as an event that a page can hear', async () => {
    const engine = await startEngine();
    const { sink } = await opened(engine, ADA);
    await vi.advanceTimersByTimeAsync(14_999);
    expect(sink.count('heartbeat')).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(sink.count('heartbeat')).toBe(1);
    await vi.advanceTimersByTimeAsync(45_000);
    expect(sink.count('heartbeat')).toBe(4);
  });

  test('in a burst, what comes while streams are written to leaves together, after half of that time again', async () => {
    const engine = await startEngine();
    const { sink } = await opened(engine, ADA);
    const write = sink.write.bind(sink);
    let writes = 0;
    sink.write = (chunk) => {
      writes += 1;
      vi.advanceTimersByTime(100);
      write(chunk);
    };
    const send = (texts: string[]) => Promise.all(texts.map((text) => engine.manager.create(...note(text))));
    await send(['a', 'burst']);
    await turnsUntil(() => sink.ids.length === 2);
    await send(['another']);
    await vi.advanceTimersByTimeAsync(30);
    await send(['and', 'what belongs to it']);
    await vi.advanceTimersByTimeAsync(19);
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    expect([sink.ids.length, writes]).toEqual([2, 1]);
    await vi.advanceTimersByTimeAsync(1);
    expect([sink.ids.length, writes]).toEqual([5, 2]);
    await vi.advanceTimersByTimeAsync(50);
    await send(['alone']);
    await turnsUntil(() => sink.ids.length === 6);
    await send(['alone again']);
    await turnsUntil(() => sink.ids.length === 7);
    expect([sink.ids.length, writes]).toEqual([7, 4]);
  });

  test('a lost hint is made up for within 2 s, and a revoked session ends within 10 s, without being asked', async () => {
    const engine = await startEngine({
      revalidate: async (open) => ({
        ended: open.filter(({ key }) => key === `session of ${BEN}`),
        changed: [],
      }),
    });
    const [ada, ben] = [await opened(engine, ADA), await opened(engine, BEN)];
    const [id] = await insertUnannounced(engine.store, 1, { targetUserId: ADA });
    await vi.advanceTimersByTimeAsync(2_000);
    await turnsUntil(() => ada.sink.ids.length > 0);
    expect(ada.sink.ids).toEqual([id]);
    await vi.advanceTimersByTimeAsync(8_000);
    expect(ben.stream.closed).toBe(true);
  });

  test('a session that was ended elsewhere loses its streams within a second, without a message', async () => {
    const lately: string[] = [];
    const findEnded = vi.fn(async () => lately);
    const engine = await startEngine({ findEnded });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(findEnded).not.toHaveBeenCalled();
    const [ada, ben] = [await opened(engine, ADA), await opened(engine, BEN)];
    lately.push('another browser', ben.stream.credentials.key);
    await vi.advanceTimersByTimeAsync(1_000);
    expect([ada.stream.closed, ben.stream.closed]).toEqual([false, true]);
  });

  test('a change that this instance was not told of is told to the client within 10 s', async () => {
    const engine = await startEngine();
    const [id = 0] = await insertUnannounced(engine.store, 2);
    const { sink, stream } = await opened(engine, ADA);
    await engine.store.inbox.dismiss({ userId: ADA, eventIds: [id] });
    await vi.advanceTimersByTimeAsync(10_000);
    await turnsUntil(() => sink.inbox.length === 2);
    expect([changedIn(sink), stream.closed]).toEqual([[[id, true]], false]);
  });

  test('a client that was told of every change is left alone', async () => {
    const engine = await startEngine();
    const ids = await insertUnannounced(engine.store, 3);
    const { sink, stream } = await opened(engine, ADA);
    await Promise.all(ids.map((id) => engine.store.inbox.dismiss({ userId: ADA, eventIds: [id] })));
    engine.manager.announceInboxChange(ADA);
    await turnsUntil(() => sink.inbox.length === 2);
    await vi.advanceTimersByTimeAsync(20_000);
    await engine.store.eventLog.lastId();
    await nextTurn();
    expect([sink.inbox.length, stream.closed]).toEqual([2, false]);
  });

  test('work that fails in the background is tried again at its next turn', async () => {
    let tries = 0;
    const engine = await startEngine({
      revalidate: async (open) => {
        tries += 1;
        if (tries === 1) throw new Error('the database is away');
        return { ended: open, changed: [] };
      },
    });
    const { stream } = await opened(engine, ADA);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(stream.closed).toBe(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect([stream.closed, tries]).toEqual([true, 2]);
  });

  test.each([3 * HOUR_MS, -3 * HOUR_MS, 24 * HOUR_MS, -24 * HOUR_MS])(
    "a jump of the server's clock by %i ms holds nothing up and ends nothing, and what expires follows it",
    async (jump) => {
      const clock = new Clock();
      const engine = await startEngine({ clock });
      const { sink, stream } = await opened(engine, ADA);
      const { id } = await engine.manager.create({ ...note()[0], expiresAt: clock.in(HOUR_MS) });
      const unread = async () => (await engine.store.reader.readSummary(ADA)).totals.unread;
      await turnsUntil(() => sink.ids.length === 1);
      expect([sink.ids, await unread()]).toEqual([[id], 1]);

      clock.advance(jump);
      vi.setSystemTime(Date.now() + jump);
      const second = await engine.manager.create(...note('after the jump'));
      // It waits for company.
      await vi.advanceTimersByTimeAsync(10);
      await turnsUntil(() => sink.ids.length === 2);
      const [missed] = await insertUnannounced(engine.store, 1);
      await vi.advanceTimersByTimeAsync(2_000);
      await turnsUntil(() => sink.ids.length === 3);
      expect(sink.ids).toEqual([id, second.id, missed]);
      await vi.advanceTimersByTimeAsync(12_990);
      const [beat] = dataOf<{ now: string }>(sink.messages, 'heartbeat');
      expect([beat?.now, sink.count('heartbeat'), stream.closed]).toEqual([
        clock.now().toISOString(),
        1,
        false,
      ]);
      expect(await unread()).toBe(jump > 0 ? 2 : 3);

      clock.advance(-jump);
      expect(await unread()).toBe(3);
      const later = await opened(engine, ADA, { since: sink.inbox[0]?.state ?? null });
      expect(changedIn(later.sink)?.map(([changed]) => changed)).toEqual([id, second.id, missed]);
    },
  );

  test('after a shutdown no timer is left', async () => {
    const engine = createEngine(database.db);
    await engine.manager.start();
    await engine.manager.start();
    await engine.manager.shutdown();
    // PostgreSQL's pool keeps one of its own for every connection that is idle, and opens what it needs.
    await database.disconnect();
    expect(vi.getTimerCount()).toBe(0);
  });
});
