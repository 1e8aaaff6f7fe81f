/** What becomes of items: states, marks, undo, positions. Against a model that knows nothing of SQL, at the end. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Item } from '../../lib/belfry/inbox/item.ts';
import { EVERYBODY } from '../../lib/belfry/protocol/event.ts';
import type { View } from '../../lib/belfry/protocol/item.ts';
import { PRIORITIES, type Priority } from '../../lib/belfry/protocol/priority.ts';
import { keepMutes } from '../../lib/belfry/settings/mutes.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import {
  Clock,
  clearEvents,
  createStore,
  HOUR_MS,
  insertUnannounced,
  type TestStore,
} from '../support/engine.ts';

// Few by default; `npm run test:sequences` takes ten thousand.
const SEQUENCES = Number(process.env.SEQUENCES ?? 60);
// Of those that somebody knew, from which what changed is asked for.
const MOST_POSITIONS = 4;

const ADA = 1;
const BEN = 2;

let database: TestDatabase;
let clock: Clock;
let store: TestStore;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.remove());
beforeEach(async () => {
  await clearEvents(database.db);
  clock = new Clock();
  store = createStore(database.db, clock.now);
});

const idsOf = async (userId: number, view: View = 'inbox') =>
  (await store.reader.readPage({ userId, limit: 100, view })).items.map(({ id }) => id);
const totalsOf = async (userId: number) => (await store.reader.readSummary(userId)).totals;
const positionOf = async (userId: number) => {
  const { eventId, revision } = await store.reader.readSummary(userId);
  return { eventId, revision };
};
const send = async (count: number, overrides?: Parameters<TestStore['append']>[0]) =>
  (await insertUnannounced(store, count, overrides)) as [number, number, number, ...number[]];

describe('dismiss and restore', () => {
  test('what is dismissed is done, for this person alone, and can be put back', async () => {
    const [first, second] = await send(2);
    await store.inbox.dismiss({ userId: ADA, eventIds: [first] });
    expect([await idsOf(ADA), await idsOf(ADA, 'done'), await idsOf(BEN)]).toEqual([
      [second],
      [first],
      [second, first],
    ]);
    expect(await totalsOf(ADA)).toEqual({ unread: 1, inbox: 1, done: 1, snoozed: 0 });
    await store.inbox.restore({ userId: ADA, eventIds: [first] });
    expect([await idsOf(ADA), await idsOf(ADA, 'done')]).toEqual([[second, first], []]);
  });

  test("somebody else's id, an unknown one and an absurd one do nothing, and are not told of", async () => {
    const { id: foreign } = await store.append({ targetUserId: BEN });
    const eventIds = [foreign, foreign + 1, 0, -5, 2 ** 31, 2 ** 53 - 1, 1.5];
    for (const change of [
      await store.inbox.dismiss({ userId: ADA, eventIds }),
      await store.inbox.read({ userId: ADA, eventIds }),
      await store.inbox.snooze({ userId: ADA, eventIds, until: clock.in(HOUR_MS) }),
      await store.database.transaction((tx) =>
        store.inbox.act(tx, { userId: ADA, eventId: foreign, action: 'accept' }),
      ),
    ]) {
      expect(change).toBeNull();
    }
    expect(await idsOf(BEN)).toEqual([foreign]);
    expect(await database.db.belfryEventReceipt.count()).toBe(0);
    expect(await positionOf(ADA)).toEqual({ eventId: foreign, revision: 0 });
  });

  test('two devices that dismiss the same at once: one of them did it, and nothing fails', async () => {
    const ids = await send(10);
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => store.inbox.dismiss({ userId: ADA, eventIds: ids })),
    );
    expect(outcomes.filter((outcome) => outcome !== null)).toHaveLength(1);
    expect(await totalsOf(ADA)).toMatchObject({ inbox: 0, done: 10 });
  });

  test('a thousand at once are dismissed in one call, and put back in one', async () => {
    const ids = (
      await store.eventLog.append(
        Array.from({ length: 1_000 }, () => ({
          ...EVERYBODY,
          id: null,
          eventType: 'Note',
          priority: 'NORMAL' as const,
          createdAt: clock.now(),
          expiresAt: null,
          payload: {},
        })),
      )
    ).events.map(({ id }) => id);
    const change = await store.inbox.dismiss({ userId: ADA, eventIds: ids });
    expect(await totalsOf(ADA)).toMatchObject({ inbox: 0, done: 1_000 });
    await store.inbox.undo({ userId: ADA, undo: change?.undo ?? '' });
    expect(await totalsOf(ADA)).toMatchObject({ inbox: 1_000, unread: 1_000, done: 0 });
  });
});

describe('clear and read all', () => {
  test('a clear reaches what was seen and nothing beyond, in one row, and its undo brings all of it back', async () => {
    const ids = await send(30);
    const seen = ids[19] as number;
    const change = await store.inbox.clear({ userId: ADA, throughId: seen });
    expect(change.throughId).toBe(seen);
    expect(await idsOf(ADA)).toEqual(ids.slice(20).reverse());
    expect(await idsOf(ADA, 'done')).toEqual(ids.slice(0, 20).reverse());
    expect(await database.db.belfryEventReceipt.count()).toBe(0);
    await store.inbox.undo({ userId: ADA, undo: change.undo ?? '' });
    expect(await idsOf(ADA)).toEqual(ids.toReversed());
    expect(await totalsOf(ADA)).toEqual({ unread: 30, inbox: 30, done: 0, snoozed: 0 });
  });

  test('without an id, or with one above all, it reaches the newest there is', async () => {
    const ids = await send(3);
    expect((await store.inbox.clear({ userId: ADA })).throughId).toBe(ids[2]);
    expect((await store.inbox.clear({ userId: ADA, throughId: 2 ** 50 })).throughId).toBe(ids[2]);
  });

  test('what was put back stays below an earlier mark, and a later clear takes it again', async () => {
    const [first, second, third] = await send(3);
    await store.inbox.clear({ userId: ADA });
    await store.inbox.restore({ userId: ADA, eventIds: [second] });
    expect(await idsOf(ADA)).toEqual([second]);
    const again = await store.inbox.clear({ userId: ADA });
    expect([await idsOf(ADA), await idsOf(ADA, 'done')]).toEqual([[], [third, second, first]]);
    await store.inbox.undo({ userId: ADA, undo: again.undo ?? '' });
    expect(await idsOf(ADA)).toEqual([second]);
  });

  test('of two clears, undoing one leaves what the other covers', async () => {
    const ids = await send(4);
    const small = await store.inbox.clear({ userId: ADA, throughId: ids[0] });
    const large = await store.inbox.clear({ userId: ADA, throughId: ids[2] });
    await store.inbox.undo({ userId: ADA, undo: small.undo ?? '' });
    expect(await idsOf(ADA)).toEqual([ids[3]]);
    await store.inbox.undo({ userId: ADA, undo: large.undo ?? '' });
    expect(await idsOf(ADA)).toEqual(ids.toReversed());
  });

  test('read all keeps the list and empties the badge; unread by name outranks it', async () => {
    const ids = await send(3);
    const change = await store.inbox.readAll({ userId: ADA, throughId: ids[1] });
    expect(await totalsOf(ADA)).toMatchObject({ unread: 1, inbox: 3 });
    await store.inbox.unread({ userId: ADA, eventIds: [ids[0]] });
    expect(await idsOf(ADA, 'unread')).toEqual([ids[2], ids[0]]);
    await store.inbox.undo({ userId: ADA, undo: change.undo ?? '' });
    expect(await idsOf(ADA, 'unread')).toEqual(ids.toReversed());
  });
});

describe('seen', () => {
  /** When each of these was seen. */
  const seenAt = async (ids: readonly number[]) => {
    const { items } = await store.reader.readPage({ userId: ADA, limit: 100, view: 'all' });
    return ids.map((id) => items.find((item) => item.id === id)?.seenAt);
  };

  test('up to an event only grows, and is told with each item', async () => {
    const ids = await send(3);
    expect(await store.inbox.seeAll({ userId: ADA, throughId: ids[1] })).not.toBeNull();
    expect(await store.inbox.seeAll({ userId: ADA, throughId: ids[0] })).toBeNull();
    expect(await seenAt(ids)).toEqual([clock.now(), clock.now(), null]);
  });

  test('what was on the screen is noted once, without a row for what is known to be seen', async () => {
    const [first, second, third] = await send(3);
    await store.inbox.seeAll({ userId: ADA, throughId: first });
    const at = clock.now();
    const since = await positionOf(ADA);
    expect(await store.inbox.see({ userId: ADA, eventIds: [first, second] })).toMatchObject({ undo: null });
    clock.advance(HOUR_MS);
    expect(await store.inbox.see({ userId: ADA, eventIds: [first, second] })).toBeNull();
    expect(await seenAt([first, second, third])).toEqual([at, at, null]);
    expect(await database.db.belfryEventReceipt.count()).toBe(1);
    const changes = await store.reader.readChanges({ userId: ADA, since });
    expect(changes?.changed.map(({ id }) => id)).toEqual([second]);
    expect(await totalsOf(ADA)).toMatchObject({ unread: 3, inbox: 3 });
  });

  test("somebody else's id and an unknown one are not seen", async () => {
    const { id: foreign } = await store.append({ targetUserId: BEN });
    expect(await store.inbox.see({ userId: ADA, eventIds: [foreign, foreign + 1] })).toBeNull();
    expect(await database.db.belfryEventReceipt.count()).toBe(0);
  });

  test('whoever does something with an item has seen it, also when they take that back', async () => {
    const [dismissed, read, snoozed, untouched] = (await send(4)) as [number, number, number, number];
    const at = clock.now();
    const { undo } = (await store.inbox.dismiss({ userId: ADA, eventIds: [dismissed] })) ?? {};
    await store.inbox.read({ userId: ADA, eventIds: [read] });
    await store.inbox.snooze({ userId: ADA, eventIds: [snoozed], until: clock.in(HOUR_MS) });
    clock.advance(1_000);
    await store.inbox.undo({ userId: ADA, undo: undo ?? '' });
    await store.inbox.unread({ userId: ADA, eventIds: [read] });
    expect(await seenAt([dismissed, read, snoozed, untouched])).toEqual([at, at, at, null]);
  });

  test('what is cleared unseen counts as seen for as long as that stands', async () => {
    const ids = await send(2);
    const { undo } = await store.inbox.clear({ userId: ADA });
    expect(await seenAt(ids)).toEqual([clock.now(), clock.now()]);
    expect(await store.inbox.see({ userId: ADA, eventIds: ids })).toBeNull();
    await store.inbox.undo({ userId: ADA, undo: undo ?? '' });
    expect(await seenAt(ids)).toEqual([null, null]);
  });
});

describe('snooze', () => {
  const snooze = (eventIds: number[], until = clock.in(HOUR_MS)) =>
    store.inbox.snooze({ userId: ADA, eventIds, until });
  const wake = (eventIds: number[], until: Date) =>
    store.database.transaction((tx) => store.inbox.wake(tx, { userId: ADA, eventIds, until }));

  test('what is put off is out of the way, a clear leaves it, and it comes back as new, on top, once', async () => {
    const [first, second, third] = await send(3);
    await store.inbox.read({ userId: ADA, eventIds: [first] });
    const until = clock.in(HOUR_MS);
    await snooze([first], until);
    expect([await idsOf(ADA), await idsOf(ADA, 'snoozed')]).toEqual([[third, second], [first]]);
    expect(await totalsOf(ADA)).toEqual({ unread: 2, inbox: 2, done: 0, snoozed: 1 });
    await store.inbox.clear({ userId: ADA });
    const { id: later } = await store.append();
    expect(await wake([first], until)).not.toBeNull();
    expect(await wake([first], until)).toBeNull();
    expect(await idsOf(ADA)).toEqual([first, later]);
    expect(await totalsOf(ADA)).toMatchObject({ unread: 2, snoozed: 0 });
    const { items, nextCursor } = await store.reader.readPage({ userId: ADA, limit: 1 });
    expect([items[0]?.id, nextCursor]).toEqual([first, `${later + 1}-${first}`]);
    const { id: next } = await store.append();
    expect(await idsOf(ADA)).toEqual([next, first, later]);
  });

  test('what was put off anew, dismissed or put back meanwhile is not woken by the first time', async () => {
    const ids = await send(3);
    const until = clock.in(HOUR_MS);
    await snooze(ids, until);
    await snooze([ids[0]], clock.in(2 * HOUR_MS));
    await store.inbox.dismiss({ userId: ADA, eventIds: [ids[1]] });
    await store.inbox.restore({ userId: ADA, eventIds: [ids[2]] });
    expect(await wake(ids, until)).toBeNull();
    expect([await idsOf(ADA), await idsOf(ADA, 'done'), await idsOf(ADA, 'snoozed')]).toEqual([
      [ids[2]],
      [ids[1]],
      [ids[0]],
    ]);
  });

  test('undo of a snooze puts it where it was', async () => {
    const [first, second] = await send(2);
    await store.inbox.dismiss({ userId: ADA, eventIds: [first] });
    const change = await snooze([first, second]);
    await store.inbox.undo({ userId: ADA, undo: change?.undo ?? '' });
    expect([await idsOf(ADA), await idsOf(ADA, 'done'), await idsOf(ADA, 'snoozed')]).toEqual([
      [second],
      [first],
      [],
    ]);
  });
});

describe('undo', () => {
  test('it reverses its own change alone: what was done since stays', async () => {
    const [first, second] = await send(2);
    const read = await store.inbox.read({ userId: ADA, eventIds: [first, second] });
    await store.inbox.unread({ userId: ADA, eventIds: [first] });
    await store.inbox.read({ userId: ADA, eventIds: [first] });
    await store.inbox.dismiss({ userId: ADA, eventIds: [second] });
    await store.inbox.undo({ userId: ADA, undo: read?.undo ?? '' });
    const { items } = await store.reader.readPage({ userId: ADA, limit: 2, view: 'all' });
    expect(items.map(({ id, readAt, doneAt }) => [id, readAt !== null, doneAt !== null])).toEqual([
      [second, false, true],
      [first, true, false],
    ]);
  });

  test("a token that is somebody else's, used, too old or none is refused, and changes nothing", async () => {
    const [id] = await send(1);
    const change = await store.inbox.dismiss({ userId: ADA, eventIds: [id] });
    const undo = change?.undo ?? '';
    const refused = (userId: number, token: string) =>
      expect(store.inbox.undo({ userId, undo: token })).rejects.toMatchObject({ code: 'cannot_undo' });
    await refused(BEN, undo);
    for (const token of ['', '1', 'x', `${undo}x`, `9${undo}`]) await refused(ADA, token);
    await store.inbox.undo({ userId: ADA, undo });
    await refused(ADA, undo);
    const again = await store.inbox.dismiss({ userId: ADA, eventIds: [id] });
    clock.advance(8 * 24 * HOUR_MS);
    await refused(ADA, again?.undo ?? '');
    expect(await idsOf(ADA)).toEqual([]);
  });
});

describe('what changed', () => {
  test.each(['clear', 'readAll'] as const)(
    'what a %s covered is told also when that was undone: whoever asks may have seen it covered',
    async (mark) => {
      const [first, second] = await send(2);
      const { eventId, revision } = await store.reader.readSummary(ADA);
      const { undo } = await store.inbox[mark]({ userId: ADA });
      await store.inbox.undo({ userId: ADA, undo: undo ?? '' });
      const changes = await store.reader.readChanges({ userId: ADA, since: { eventId, revision } });
      expect(changes?.changed.map(({ id, doneAt, readAt }) => [id, doneAt, readAt])).toEqual([
        [first, null, null],
        [second, null, null],
      ]);
    },
  );
});

describe('act', () => {
  test('the first action counts, whoever presses again', async () => {
    const [id] = await send(1);
    const outcomes = await Promise.all(
      ['accept', 'decline'].map((action) =>
        store.database.transaction((tx) => store.inbox.act(tx, { userId: ADA, eventId: id, action })),
      ),
    );
    expect(outcomes.filter((outcome) => outcome !== null)).toHaveLength(1);
    const { items } = await store.reader.readPage({ userId: ADA, limit: 1 });
    expect(items[0]?.actedWith).toMatch(/accept|decline/);
    expect(items[0]?.readAt).not.toBeNull();
  });
});

describe('pages', () => {
  test('urgent items that nobody has read stand beside the first page, wherever they are', async () => {
    const { id: critical } = await store.append({ priority: 'CRITICAL' });
    const { id: high } = await store.append({ priority: 'HIGH', targetUserId: ADA });
    const ids = await send(5);
    const page = await store.reader.readPage({ userId: ADA, limit: 3 });
    expect(page.items.map(({ id }) => id)).toEqual(ids.slice(2).reverse());
    expect(page.pinned.map(({ id }) => id)).toEqual([high, critical]);
    await store.inbox.read({ userId: ADA, eventIds: [critical] });
    expect((await store.reader.readPage({ userId: ADA, limit: 3 })).pinned.map(({ id }) => id)).toEqual([
      high,
    ]);
    expect((await store.reader.readPage({ userId: ADA, limit: 6 })).pinned.map(({ id }) => id)).toEqual([]);
  });

  test.each(['inbox', 'done', 'all', 'unread'] as const)(
    'pages of %s cover everything once',
    async (view) => {
      const ids = await send(23);
      const until = clock.in(1);
      if (view === 'done' || view === 'all') {
        await store.inbox.dismiss({ userId: ADA, eventIds: ids.slice(12, 15) });
        await store.inbox.clear({ userId: ADA, throughId: ids[9] });
        await store.inbox.dismiss({ userId: ADA, eventIds: ids.slice(10) });
      } else {
        await store.inbox.snooze({ userId: ADA, eventIds: ids.slice(3, 6), until });
        await store.database.transaction((tx) =>
          store.inbox.wake(tx, { userId: ADA, eventIds: ids.slice(3, 6), until }),
        );
      }
      const whole = await idsOf(ADA, view);
      expect(whole).toHaveLength(23);
      const seen: number[] = [];
      let cursor: { orderId: number; id: number } | undefined;
      do {
        const page = await store.reader.readPage({ userId: ADA, limit: 4, view, cursor });
        seen.push(...page.items.map(({ id }) => id));
        const last = page.items.at(-1);
        cursor = page.nextCursor === null ? undefined : last && { orderId: last.orderId, id: last.id };
      } while (cursor !== undefined);
      expect(seen).toEqual(whole);
    },
  );
});

describe('topics', () => {
  test('whoever belonged when it happened has it, and who leaves keeps what they had', async () => {
    const topicId = await store.topics.idOf('project:7');
    const [ada, ben] = [await store.recipients.idOf('ada'), await store.recipients.idOf('ben')];
    const toTopic = async () => (await store.append({ topicId })).id;
    const before = await toTopic();
    await store.topics.subscribe({ userId: 'ada', topic: 'project:7' });
    const first = await toTopic();
    await store.topics.unsubscribe({ userId: 'ada', topic: 'project:7' });
    await store.topics.subscribe({ userId: 'ben', topic: 'project:7' });
    const second = await toTopic();
    await store.topics.subscribe({ userId: 'ada', topic: 'project:7' });
    const third = await toTopic();
    expect([await idsOf(ada), await idsOf(ben)]).toEqual([
      [third, first],
      [third, second],
    ]);
    expect(await store.topics.recipientIdsAt(topicId, before, [ada, ben])).toEqual([]);
    await store.inbox.clear({ userId: ada, throughId: first });
    expect([await idsOf(ada), await idsOf(ada, 'done')]).toEqual([[third], [first]]);
    expect(await store.inbox.dismiss({ userId: ada, eventIds: [second] })).toBeNull();
  });
});

describe('against a naive model', () => {
  type Act =
    | { do: 'append'; target: number | null; priority: Priority; expiresIn: number | null }
    | { do: 'dismiss' | 'restore' | 'read' | 'unread' | 'see'; user: number; which: number[] }
    | { do: 'snooze'; user: number; which: number[]; ms: number }
    | { do: 'clear' | 'readAll'; user: number; through: number | null }
    | { do: 'seeAll'; user: number; through: number }
    | { do: 'undo'; which: number }
    | { do: 'wait'; ms: number }
    | { do: 'mute' | 'unmute'; user: number }
    | { do: 'look'; user: number }
    | { do: 'cleanUp' };

  interface Said {
    revision: number;
    at: number | null;
  }
  /** What was said of one item by name. */
  interface ModelItem {
    done: Said | null;
    snoozedUntil: number | null;
    read: Said | null;
    orderId: number | null;
    /** Something was done with it, or it was on the screen. */
    isSeen: boolean;
  }
  interface ModelEvent {
    id: number;
    target: number | null;
    priority: Priority;
    expiresAt: number | null;
    /** Cleaned up. */
    isGone: boolean;
  }
  interface Mark {
    kind: 'clear' | 'readAll';
    revision: number;
    through: number;
    undone: boolean;
  }

  const user = fc.constantFrom(ADA, BEN);
  const which = fc.array(fc.nat(12), { minLength: 1, maxLength: 3 });
  const act: fc.Arbitrary<Act> = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('append' as const),
        target: fc.option(user),
        priority: fc.constantFrom(...PRIORITIES),
        expiresIn: fc.option(fc.integer({ min: 1, max: 8 }), { freq: 2 }),
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constantFrom(
          'dismiss' as const,
          'restore' as const,
          'read' as const,
          'unread' as const,
          'see' as const,
        ),
        user,
        which,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('snooze' as const),
        user,
        which,
        ms: fc.integer({ min: 1, max: 4 }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom('clear' as const, 'readAll' as const),
        user,
        through: fc.option(fc.nat(12)),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('seeAll' as const), user, through: fc.nat(12) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('undo' as const), which: fc.nat(10) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3 }) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constantFrom('mute' as const, 'unmute' as const), user }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('look' as const), user }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('cleanUp' as const) }) },
  );

  class Model {
    readonly events: ModelEvent[] = [];
    readonly items = new Map<string, ModelItem>();
    readonly marks = new Map<number, Mark[]>([
      [ADA, []],
      [BEN, []],
    ]);
    readonly seenThrough = new Map<number, number>();

    /** From when to when, in ids of events. */
    readonly mutes = new Map<number, { since: number; until: number }[]>([
      [ADA, []],
      [BEN, []],
    ]);

    item(userId: number, id: number): ModelItem {
      const key = `${userId} ${id}`;
      const item = this.items.get(key) ?? {
        done: null,
        snoozedUntil: null,
        read: null,
        orderId: null,
        isSeen: false,
      };
      this.items.set(key, item);
      return item;
    }

    isOf(userId: number, { target }: ModelEvent): boolean {
      return target === null || target === userId;
    }

    #isMarked(kind: Mark['kind'], userId: number, id: number, since: number): boolean {
      return (this.marks.get(userId) ?? []).some(
        (mark) => mark.kind === kind && !mark.undone && mark.through >= id && mark.revision > since,
      );
    }

    isDone(userId: number, id: number): boolean {
      const { done, snoozedUntil } = this.item(userId, id);
      if (snoozedUntil !== null) return false;
      if (done?.at != null) return true;
      return this.#isMarked('clear', userId, id, done?.revision ?? -1);
    }

    isRead(userId: number, id: number): boolean {
      const { read } = this.item(userId, id);
      if (read?.at != null) return true;
      const isMuted = this.mutes.get(userId)?.some(({ since, until }) => id > since && id <= until);
      return (read === null && isMuted) || this.#isMarked('readAll', userId, id, read?.revision ?? -1);
    }

    isSeen(userId: number, id: number): boolean {
      const isNoted = this.item(userId, id).isSeen || id <= (this.seenThrough.get(userId) ?? 0);
      return isNoted || this.isRead(userId, id) || this.isDone(userId, id);
    }

    /** Newest first. */
    view(userId: number, now: number, view: View): number[] {
      const isIn = (id: number) => {
        const isSnoozed = this.item(userId, id).snoozedUntil !== null;
        const isDone = this.isDone(userId, id);
        if (view === 'all') return true;
        if (view === 'snoozed') return isSnoozed;
        if (view === 'done') return isDone;
        return !isSnoozed && !isDone && (view === 'inbox' || !this.isRead(userId, id));
      };
      const order = (id: number) => this.item(userId, id).orderId ?? id;
      return this.events
        .filter((event) => this.isOf(userId, event) && (event.expiresAt === null || event.expiresAt > now))
        .map(({ id }) => id)
        .filter(isIn)
        .sort((a, b) => order(b) - order(a) || b - a);
    }
  }

  test(
    'whatever was sent, changed, undone, woken, expired and cleaned up, every view, total and change since is the truth',
    async () => {
      await fc.assert(fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 40, size: 'max' }), run), {
        numRuns: SEQUENCES,
      });
    },
    60_000 + SEQUENCES * 1_000,
  );

  async function run(acts: Act[]): Promise<void> {
    await clearEvents(database.db);
    clock = new Clock();
    store = createStore(database.db, clock.now);
    const model = new Model();
    const undos: { userId: number; undo: string; reverse: (revision: number) => void }[] = [];
    const snoozes: { userId: number; ids: number[]; until: Date }[] = [];
    /** What a client knew when it looked, by user, oldest first: every item, as it was told last. */
    const known = new Map<number, { eventId: number; revision: number; items: Map<number, string> }[]>();
    const now = () => clock.now().getTime();
    const idAt = (index: number) => model.events[index]?.id ?? 9_000_000 + index;

    for (const current of acts) {
      await take(current);
      for (const userId of [ADA, BEN]) await compare(userId);
    }
    for (const userId of [ADA, BEN]) await look(userId);

    async function take(current: Act): Promise<void> {
      switch (current.do) {
        case 'append': {
          const { target, priority, expiresIn } = current;
          const expiresAt = expiresIn === null ? null : clock.in(expiresIn);
          const { id } = await store.append({ targetUserId: target, priority, expiresAt });
          model.events.push({ id, target, priority, expiresAt: expiresAt?.getTime() ?? null, isGone: false });
          break;
        }
        case 'dismiss':
        case 'restore':
        case 'read':
        case 'unread':
        case 'see':
        case 'snooze': {
          const { user: userId } = current;
          const eventIds = current.which.map(idAt);
          const until = current.do === 'snooze' ? clock.in(current.ms) : clock.now();
          const change =
            current.do === 'snooze'
              ? await store.inbox.snooze({ userId, eventIds, until })
              : await store.inbox[current.do]({ userId, eventIds });
          const concerned = [...new Set(eventIds)].filter((id) => {
            const event = model.events.find((each) => each.id === id);
            if (!event || event.isGone || !model.isOf(userId, event)) return false;
            const { snoozedUntil } = model.item(userId, id);
            if (current.do === 'dismiss') return !model.isDone(userId, id);
            if (current.do === 'restore') return model.isDone(userId, id) || snoozedUntil !== null;
            if (current.do === 'read') return !model.isRead(userId, id);
            if (current.do === 'unread') return model.isRead(userId, id);
            if (current.do === 'see') return !model.isSeen(userId, id);
            return snoozedUntil !== until.getTime();
          });
          expect(change === null).toBe(concerned.length === 0);
          if (!change) break;
          const { revision } = change;
          const before = new Map(concerned.map((id) => [id, { ...model.item(userId, id) }]));
          for (const id of concerned) {
            const item = model.item(userId, id);
            item.isSeen = true;
            if (current.do === 'see') continue;
            if (current.do === 'read' || current.do === 'unread') {
              item.read = { revision, at: current.do === 'read' ? now() : null };
            } else {
              item.done = { revision, at: current.do === 'dismiss' ? now() : null };
              item.snoozedUntil = current.do === 'snooze' ? until.getTime() : null;
            }
          }
          if (current.do === 'snooze') snoozes.push({ userId, ids: concerned, until });
          // It is not taken back.
          if (current.do === 'see') break;
          const isAboutRead = current.do === 'read' || current.do === 'unread';
          undos.push({
            userId,
            undo: change.undo ?? '',
            reverse: () => {
              for (const [id, old] of before) {
                const item = model.item(userId, id);
                if (isAboutRead && item.read?.revision === revision) item.read = old.read;
                if (!isAboutRead && item.done?.revision === revision) {
                  item.done = old.done;
                  item.snoozedUntil = old.snoozedUntil;
                  item.orderId = old.orderId;
                }
              }
            },
          });
          break;
        }
        case 'clear':
        case 'readAll': {
          const { user: userId, through } = current;
          const throughId = through === null ? undefined : (model.events[through]?.id ?? undefined);
          const change = await store.inbox[current.do]({ userId, throughId });
          const mark = {
            kind: current.do,
            revision: change.revision,
            through: change.throughId,
            undone: false,
          };
          expect(change.throughId).toBe(throughId ?? model.events.at(-1)?.id ?? 0);
          model.marks.get(userId)?.push(mark);
          undos.push({
            userId,
            undo: change.undo ?? '',
            reverse: () => {
              mark.undone = true;
            },
          });
          break;
        }
        case 'seeAll': {
          const { user: userId } = current;
          const throughId = model.events[current.through]?.id ?? model.events.at(-1)?.id ?? 0;
          const change = await store.inbox.seeAll({ userId, throughId });
          const before = model.seenThrough.get(userId) ?? 0;
          expect(change === null).toBe(throughId <= before);
          model.seenThrough.set(userId, Math.max(before, throughId));
          break;
        }
        case 'undo': {
          const [chosen] = undos.splice(current.which, 1);
          if (!chosen) break;
          const { revision } = await store.inbox.undo(chosen);
          chosen.reverse(revision);
          break;
        }
        case 'wait': {
          clock.advance(current.ms);
          for (const { userId, ids, until } of snoozes.filter((snooze) => snooze.until <= clock.now())) {
            const change = await store.database.transaction((tx) =>
              store.inbox.wake(tx, { userId, eventIds: ids, until }),
            );
            for (const id of ids) {
              const item = model.item(userId, id);
              if (item.snoozedUntil !== until.getTime() || !change) continue;
              item.snoozedUntil = null;
              item.done = { revision: change.revision, at: null };
              item.read = { revision: change.revision, at: null };
              item.orderId = (model.events.at(-1)?.id ?? id) + 1;
            }
          }
          break;
        }
        case 'mute':
        case 'unmute': {
          const { user: userId } = current;
          const muted = current.do === 'mute' ? [{ eventType: 'Note', category: 'general' }] : [];
          await store.database.transaction((tx) =>
            keepMutes(tx, { userId, muted, defined: new Set(['Note']) }),
          );
          const newest = model.events.at(-1)?.id ?? 0;
          const mutes = model.mutes.get(userId) ?? [];
          const open = mutes.find(({ until }) => until === Number.POSITIVE_INFINITY);
          if (current.do === 'mute' && !open) mutes.push({ since: newest, until: Number.POSITIVE_INFINITY });
          if (current.do === 'unmute' && open) open.until = newest;
          break;
        }
        case 'look':
          await look(current.user);
          break;
        case 'cleanUp':
          // What has expired goes; nothing that anybody can be shown does.
          await store.cleanUp.run({ now: clock.now(), doneBefore: clock.in(-1_000) });
          // The newest stays, and with it the place where ids go on; what went to everyone stays for the admin page.
          for (const event of model.events.slice(0, -1)) {
            event.isGone ||= event.target !== null && event.expiresAt !== null && event.expiresAt <= now();
          }
          break;
      }
    }

    async function compare(userId: number): Promise<void> {
      const views = ['inbox', 'unread', 'done', 'snoozed', 'all'] as const;
      const truth = Object.fromEntries(views.map((view) => [view, model.view(userId, now(), view)]));
      for (const view of views) expect([view, await idsOf(userId, view)]).toEqual([view, truth[view]]);
      expect(await totalsOf(userId)).toEqual({
        unread: truth.unread?.length,
        inbox: truth.inbox?.length,
        done: truth.done?.length,
        snoozed: truth.snoozed?.length,
      });
    }

    /**
     * Whoever asks what changed since any position, also one that they are beyond, as after a change of their own, then
     * knows what the server knows.
     */
    async function look(userId: number): Promise<void> {
      const positions = known.get(userId) ?? [{ eventId: 0, revision: 0, items: new Map<number, string>() }];
      const { items: all } = await store.reader.readPage({ userId, limit: 100, view: 'all' });
      const truth = all.map((item) => [item.id, plain(item)]);
      expect(all.map(({ id, seenAt }) => [id, seenAt !== null])).toEqual(
        all.map(({ id }) => [id, model.isSeen(userId, id)]),
      );
      for (const since of positions) {
        const changes = await store.reader.readChanges({ userId, since });
        if (!changes) throw new Error('So few changes can be told.');
        const items = new Map(positions.at(-1)?.items);
        for (const item of changes.changed) items.set(item.id, plain(item));
        for (const id of changes.removed) items.delete(id);
        expect(all.map(({ id }) => [id, items.get(id)])).toEqual(truth);
        if (since === positions.at(-1)) {
          const { eventId, revision } = changes;
          known.set(userId, [...positions, { eventId, revision, items }].slice(-MOST_POSITIONS));
        }
      }
    }

    function plain({ seenAt, readAt, doneAt, snoozedUntil, orderId }: Item): string {
      return JSON.stringify([seenAt !== null, readAt !== null, doneAt !== null, snoozedUntil, orderId]);
    }
  }
});
