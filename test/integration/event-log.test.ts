import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SentEvents } from '../../lib/belfry/inbox/sent-events.ts';
import { isExpired } from '../../lib/belfry/protocol/event.ts';
import { toBelfryError } from '../../lib/belfry/storage/database-errors.ts';
import { EventLog } from '../../lib/belfry/storage/event-log.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { ON_POSTGRESQL } from '../support/empty-database.ts';
import {
  Clock,
  clearEvents,
  createStore,
  HOUR_MS,
  insertUnannounced,
  newEvent,
  newSending,
  portOf,
  type TestStore,
} from '../support/engine.ts';
import { openImpatient } from '../support/fillings.ts';
import { holdWrites } from '../support/held-database.ts';

const ADA = 1;
const BEN = 2;
const CLEO = 3;

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

const newestOf = async (userId: number) =>
  (await store.reader.readPage({ userId, limit: 1_000 })).items.map(({ id }) => id);
const removeObsolete = ({ doneBefore }: { doneBefore: Date }) =>
  store.cleanUp.run({ now: clock.now(), doneBefore });
const appendOne = async (event: ReturnType<typeof newEvent>) => {
  const { events, isNew } = await store.eventLog.append([event]);
  return { event: events[0] as (typeof events)[number], isNew };
};

async function append(overrides: Parameters<typeof newEvent>[0] = {}): Promise<number> {
  return (await store.append(overrides)).id;
}

describe('append', () => {
  test('what was appended is read back as it was, for its addressee', async () => {
    const targetUserId = await store.recipients.idOf('ada');
    const draft = newEvent({
      priority: 'CRITICAL',
      targetUserId,
      target: 'ada',
      createdAt: clock.now(),
      expiresAt: clock.in(HOUR_MS + 7),
      payload: { text: 'nul \0, 🔔, \u2028, \ud800' },
    });
    const { event, isNew } = await appendOne(draft);
    expect(isNew).toBe(true);
    expect(await store.eventLog.readAfter({ afterId: event.id - 1, limit: 10 })).toEqual([event]);
    expect(event).toEqual({ ...draft, id: event.id });
  });

  test('ids grow, and an id is never given twice, even after everything was deleted', async () => {
    const first = await append();
    await database.db.belfryEvent.deleteMany();
    expect(await append()).toBeGreaterThan(first);
  });

  test('50 calls at once with one key store one event, and all get it', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => appendOne(newEvent({ idempotencyKey: 'once' }))),
    );
    expect(new Set(outcomes.map(({ event }) => event.id)).size).toBe(1);
    expect(outcomes.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(await database.db.belfryEvent.count()).toBe(1);
  });

  test('events without a key, and with different keys, do not meet', async () => {
    for (const idempotencyKey of [undefined, undefined, 'a', 'A', 'a ', 'é', 'e\u0301'])
      await appendOne(newEvent({ idempotencyKey }));
    expect(await database.db.belfryEvent.count()).toBe(7);
  });

  test('sends that share a commit fail together, and soon, while another process holds the database', async () => {
    const impatient = openImpatient(database.url, 200);
    const sharing = new EventLog(portOf(impatient));
    await sharing.lastId();
    const letGo = await holdWrites(database.url);
    const since = performance.now();
    const outcomes = await Promise.allSettled(Array.from({ length: 30 }, () => sharing.append([newEvent()])));
    const took = performance.now() - since;
    await letGo();
    const codes = outcomes.map((one) => one.status === 'rejected' && toBelfryError(one.reason)?.code);
    expect(new Set(codes)).toEqual(new Set(['database_busy']));
    expect(took).toBeLessThan(3_000);
    expect((await sharing.append([newEvent()])).isNew).toBe(true);
    expect(await database.db.belfryEvent.count()).toBe(1);
    await impatient.$disconnect();
  });

  test('several people by name are one statement: each has a row of their own, in the order of asking', async () => {
    const people = ['ada', 'ben', 'cleo'];
    const ids = await store.recipients.idsOf(people);
    const drafts = people.map((target) =>
      newEvent({ target, targetUserId: ids.get(target) ?? 0, idempotencyKey: 'to three' }),
    );
    const { events, isNew } = await store.eventLog.append(drafts);
    expect([isNew, events.map(({ target }) => target)]).toEqual([true, people]);
    const again = await store.eventLog.append(drafts);
    expect([again.isNew, again.events.map(({ id }) => id)]).toEqual([false, events.map(({ id }) => id)]);
    expect(await database.db.belfryEvent.count()).toBe(3);
    const sending = newSending({ audience: { users: people }, idempotencyKey: 'to three' });
    await store.eventLog.appendWithin(store.database, sending);
    expect(await store.eventLog.publishOutbox()).toEqual([]);
    expect(await database.db.belfryEvent.count()).toBe(3);
  });

  test('one that cannot be stored does not take those along that share its commit', async () => {
    const drafts = [newEvent(), newEvent({ payload: undefined }), newEvent()];
    const outcomes = await Promise.allSettled(drafts.map((draft) => appendOne(draft)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await database.db.belfryEvent.count()).toBe(2);
  });

  test('events that share a commit come back each as it was, and ids are in the order of asking', async () => {
    const drafts = Array.from({ length: 400 }, (_, n) =>
      newEvent({ payload: { text: String(n) }, targetUserId: n + 1 }),
    );
    const stored = await Promise.all(drafts.map((draft) => appendOne(draft)));
    expect(stored.map(({ event: { payload, targetUserId } }) => ({ payload, targetUserId }))).toEqual(
      drafts.map(({ payload, targetUserId }) => ({ payload, targetUserId })),
    );
    const ids = stored.map(({ event }) => event.id);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    const rows = await database.db.belfryEvent.findMany({
      where: { id: { in: [ids[0] ?? 0, ids[399] ?? 0] } },
    });
    expect(rows.map(({ payload }) => payload)).toEqual(['{"text":"0"}', '{"text":"399"}']);
  });

  test('a key still counts after its event was dismissed and has expired', async () => {
    const { event } = await appendOne(
      newEvent({ idempotencyKey: 'once', targetUserId: ADA, expiresAt: clock.in(10) }),
    );
    await store.inbox.dismiss({ userId: ADA, eventIds: [event.id] });
    clock.advance(HOUR_MS);
    const again = await appendOne(newEvent({ idempotencyKey: 'once', targetUserId: ADA }));
    expect(again).toMatchObject({ isNew: false, event: { id: event.id } });
  });
});

test('to prove that events can be stored leaves none, and takes no id', async () => {
  const id = await append();
  await Promise.all([store.eventLog.proveStorable(), store.eventLog.proveStorable()]);
  expect(await store.eventLog.lastId()).toBe(id);
  expect(await append()).toBe(id + 1);
});

describe('undismissed', () => {
  test('a user has what is addressed to them and to everybody, and nothing of anybody else', async () => {
    const forAda = await append({ targetUserId: ADA });
    const forBen = await append({ targetUserId: BEN });
    const forAll = await append();
    expect(await newestOf(ADA)).toEqual([forAll, forAda]);
    expect(await newestOf(BEN)).toEqual([forAll, forBen]);
    expect(await newestOf(CLEO)).toEqual([forAll]);
  });

  test('a user who comes later sees a global notice that has not expired, and not one that has', async () => {
    await append({ expiresAt: clock.in(10) });
    const lasting = await append({ expiresAt: clock.in(HOUR_MS) });
    clock.advance(1_000);
    expect(await newestOf(4_711)).toEqual([lasting]);
  });

  test.each([-1, 0, 1, null])(
    'an event expires in SQL at the same millisecond as in memory: expiresAt %s ms from now',
    async (offset) => {
      const expiresAt = offset === null ? null : clock.in(offset);
      const ids = [await append({ expiresAt }), await append({ expiresAt, targetUserId: ADA })];
      const expired = isExpired({ expiresAt }, clock.now());
      const page = await store.reader.readPage({ userId: ADA, limit: 10 });
      expect(page.items.map(({ id }) => id)).toEqual(expired ? [] : ids.toReversed());
      expect(page.totals.unread).toBe(expired ? 0 : 2);
    },
  );

  test('the next expiry is the first among all unread events, listed or not, and null without any', async () => {
    await append();
    expect((await store.reader.readSummary(ADA)).nextExpiresAt).toBeNull();
    await append({ expiresAt: clock.in(500), targetUserId: BEN });
    await append({ expiresAt: clock.in(2_000) });
    await append({ expiresAt: clock.in(1_000), targetUserId: ADA });
    expect((await store.reader.readSummary(ADA)).nextExpiresAt).toEqual(clock.in(1_000));
    clock.advance(1_000);
    expect((await store.reader.readSummary(ADA)).nextExpiresAt).toEqual(clock.in(1_000));
  });

  test('only the types that were asked for are listed, and the total counts all', async () => {
    const note = await append();
    await append({ eventType: 'Other' });
    const page = await store.reader.readPage({ userId: ADA, limit: 10, eventTypes: ['Note'] });
    expect(page.items.map(({ id }) => id)).toEqual([note]);
    expect(page.totals.unread).toBe(2);
  });

  test('pages by cursor cover everything once, also when more arrives and is dismissed meanwhile', async () => {
    const ids = await insertUnannounced(store, 23);
    const seen: number[] = [];
    let cursor: { orderId: number; id: number } | undefined;
    for (let page = 0; page < 5; page += 1) {
      const { items } = await store.reader.readPage({ userId: ADA, limit: 5, cursor });
      seen.push(...items.map(({ id }) => id));
      cursor = items.at(-1);
      await append();
      await store.inbox.dismiss({ userId: ADA, eventIds: seen.slice(-2) });
    }
    expect(seen).toEqual(ids.toReversed());
  });

  test('an empty inbox has its totals', async () => {
    const page = await store.reader.readPage({ userId: 999, limit: 10 });
    expect(page).toMatchObject({
      items: [],
      pinned: [],
      totals: { unread: 0, inbox: 0, done: 0, snoozed: 0 },
      eventId: 0,
      revision: 0,
      nextExpiresAt: null,
      nextCursor: null,
    });
  });
});

test('ids go on beyond 32 bits, in every question and answer', async () => {
  const largest = 2 ** 31 - 1;
  await database.db.belfryEvent.create({
    data: {
      id: largest - 1,
      eventType: 'Note',
      priority: 1,
      payload: '{"text":"x"}',
      createdAt: clock.now(),
    },
  });
  await countOnFrom(largest - 1);
  const ids = [await append(), await append({ targetUserId: ADA }), await append(), await append()];
  expect(ids).toEqual([largest, largest + 1, largest + 2, largest + 3]);
  const [first = 0, own = 0, third = 0, last = 0] = ids;
  expect(await store.eventLog.lastId()).toBe(last);
  expect((await store.eventLog.readAfter({ afterId: first, limit: 10 })).map(({ id }) => id)).toEqual([
    own,
    third,
    last,
  ]);
  const { event } = await appendOne(newEvent({ idempotencyKey: 'beyond' }));
  expect((await appendOne(newEvent({ idempotencyKey: 'beyond' }))).event.id).toBe(event.id);
  expect(await store.inbox.dismiss({ userId: ADA, eventIds: [own, third] })).not.toBeNull();
  const page = await store.reader.readPage({
    userId: ADA,
    limit: 2,
    cursor: { orderId: event.id, id: event.id },
  });
  expect(page).toMatchObject({ eventId: event.id, totals: { unread: 4, done: 2 }, nextCursor: `${first}` });
  expect(page.items.map(({ id }) => id)).toEqual([last, first]);
  const changes = await store.reader.readChanges({ userId: ADA, since: { eventId: third, revision: 0 } });
  expect(changes?.changed.map(({ id }) => id)).toEqual([own, third, last, event.id]);
  expect((await store.inbox.clear({ userId: BEN })).throughId).toBe(event.id);
  expect(await newestOf(BEN)).toEqual([]);
  const [sent] = await new SentEvents(store.database).recentGlobal({ eventType: 'Note', limit: 1 });
  expect(sent).toMatchObject({ id: event.id, dismissedBy: 1 });
  clock.advance(8 * 24 * HOUR_MS);
  expect(await removeObsolete({ doneBefore: clock.in(-HOUR_MS) })).toBe(1);
});

/** The next event gets the id after this one. */
async function countOnFrom(id: number): Promise<void> {
  if (ON_POSTGRESQL) await database.db.$queryRaw`SELECT setval('belfry_event_id_seq', ${id}::bigint)::text`;
  else await database.db.$executeRaw`UPDATE sqlite_sequence SET seq = ${id} WHERE name = 'belfry_event'`;
}

describe('removeObsolete', () => {
  const weekAgo = () => clock.in(-7 * 24 * HOUR_MS);
  const remaining = async () =>
    (await database.db.belfryEvent.findMany({ select: { id: true }, orderBy: { id: 'asc' } })).map(({ id }) =>
      Number(id),
    );

  test('it removes what nobody can be shown, with its receipts, and nothing else', async () => {
    const expired = await append({ expiresAt: clock.in(10) });
    const expiredForAll = await append({ expiresAt: clock.in(10) });
    await store.inbox.dismiss({ userId: BEN, eventIds: [expiredForAll] });
    const longDismissed = await append({ targetUserId: ADA });
    await store.inbox.dismiss({ userId: ADA, eventIds: [longDismissed] });
    const longCleared = await append({ targetUserId: BEN });
    const globalBelowClear = await append();
    await store.inbox.clear({ userId: BEN });
    const globalDismissed = await append();
    await store.inbox.dismiss({ userId: ADA, eventIds: [globalDismissed] });
    clock.advance(8 * 24 * HOUR_MS);
    const unread = await append({ targetUserId: ADA });
    const justDismissed = await append({ targetUserId: ADA });
    await store.inbox.dismiss({ userId: ADA, eventIds: [justDismissed] });
    const lasting = await append({ expiresAt: clock.in(1) });
    const newest = await append();

    const before = { ada: await newestOf(ADA), ben: await newestOf(BEN), cleo: await newestOf(CLEO) };
    expect(await removeObsolete({ doneBefore: weekAgo() })).toBe(4);
    expect(await remaining()).toEqual([
      globalBelowClear,
      globalDismissed,
      unread,
      justDismissed,
      lasting,
      newest,
    ]);
    expect({ ada: await newestOf(ADA), ben: await newestOf(BEN), cleo: await newestOf(CLEO) }).toEqual(
      before,
    );
    const receipts = await database.db.belfryEventReceipt.findMany({
      select: { userId: true, eventId: true },
    });
    expect(receipts).toEqual([
      { userId: ADA, eventId: BigInt(globalDismissed) },
      { userId: ADA, eventId: BigInt(justDismissed) },
    ]);
    expect([expired, longCleared].some((id) => before.ben.includes(id))).toBe(false);
  });

  test('the newest event stays, whatever became of it, so that positions never go back', async () => {
    const [, newest = 0] = [
      await append({ targetUserId: ADA, expiresAt: clock.in(1) }),
      await append({ targetUserId: ADA, expiresAt: clock.in(1) }),
    ];
    clock.advance(1_000);
    expect(await removeObsolete({ doneBefore: weekAgo() })).toBe(1);
    expect(await remaining()).toEqual([newest]);
    expect(await store.reader.readSummary(ADA)).toMatchObject({ eventId: newest, totals: { unread: 0 } });
    expect(await removeObsolete({ doneBefore: weekAgo() })).toBe(0);
  });

  test('a global notice stays for the admin to look at until it has expired for as long as dismissals are kept', async () => {
    const expiredForAll = await append({ expiresAt: clock.in(10) });
    const newest = await append();
    clock.advance(6 * 24 * HOUR_MS);
    expect(await removeObsolete({ doneBefore: weekAgo() })).toBe(0);
    expect(await newestOf(ADA)).toEqual([newest]);
    clock.advance(2 * 24 * HOUR_MS);
    expect(await removeObsolete({ doneBefore: weekAgo() })).toBe(1);
    expect(await remaining()).not.toContain(expiredForAll);
  });

  test('more than one batch is removed in one go, and others are answered meanwhile', async () => {
    await Promise.all(
      Array.from({ length: 6_000 }, () => store.append({ targetUserId: ADA, expiresAt: clock.in(-1) })),
    );
    const newest = await append();
    let done = false;
    const removal = removeObsolete({ doneBefore: weekAgo() }).finally(() => {
      done = true;
    });
    let answeredMeanwhile = 0;
    while (!done) {
      await store.reader.readSummary(ADA);
      answeredMeanwhile += 1;
      // A query on this driver never leaves the turn of the event loop that it began in.
      await nextTurn();
    }
    expect(await removal).toBe(6_000);
    expect(answeredMeanwhile).toBeGreaterThan(3);
    expect(await remaining()).toEqual([newest]);
  });

  test('two clean-ups at once remove everything once and neither fails', async () => {
    await insertUnannounced(store, 20, { targetUserId: ADA, expiresAt: clock.in(-1) });
    await append();
    const removed = await Promise.all([
      removeObsolete({ doneBefore: weekAgo() }),
      removeObsolete({ doneBefore: weekAgo() }),
    ]);
    expect(removed[0] + removed[1]).toBe(20);
  });

  test('what it takes to undo goes when it is old, and the marks that still count stay', async () => {
    const ids = [await append({ targetUserId: ADA }), await append(), await append()];
    await store.inbox.clear({ userId: ADA, throughId: ids[0] });
    const { revision } = await store.inbox.clear({ userId: ADA, throughId: ids[1] });
    await store.inbox.read({ userId: ADA, eventIds: ids });
    await store.inbox.dismiss({ userId: BEN, eventIds: ids });
    clock.advance(8 * 24 * HOUR_MS);
    const newest = await append();
    await store.inbox.read({ userId: ADA, eventIds: [newest] });
    const since = { eventId: newest, revision: (await store.reader.readSummary(ADA)).revision };
    await store.inbox.dismiss({ userId: BEN, eventIds: [newest] });
    await removeObsolete({ doneBefore: weekAgo() });
    const kept = await database.db.belfryInboxChange.findMany({ orderBy: { revision: 'asc' } });
    expect(kept.map(({ kind, userId }) => [kind, userId])).toEqual([
      ['clear', ADA],
      ['read', ADA],
      ['dismiss', BEN],
    ]);
    expect(Number(kept[0]?.revision)).toBe(revision);
    expect(await newestOf(ADA)).toEqual([newest, ids[2]]);
    // What is no longer known is not told: who asks from before has to read anew.
    expect(await store.reader.readChanges({ userId: ADA, since: { eventId: 0, revision: 0 } })).toBeNull();
    expect((await store.reader.readChanges({ userId: ADA, since }))?.changed).toEqual([]);
  });

  test.each(['clear', 'dismiss'] as const)(
    'who was away from before a %s until what it concerned was removed has to read anew',
    async (kind) => {
      const done = await append({ targetUserId: ADA });
      const { eventId, revision } = await store.reader.readSummary(ADA);
      if (kind === 'clear') await store.inbox.clear({ userId: ADA });
      else await store.inbox.dismiss({ userId: ADA, eventIds: [done] });
      const since = await store.reader.readSummary(ADA);
      clock.advance(8 * 24 * HOUR_MS);
      await append();
      expect(await removeObsolete({ doneBefore: weekAgo() })).toBe(1);
      expect(await store.reader.readChanges({ userId: ADA, since: { eventId, revision } })).toBeNull();
      expect((await store.reader.readChanges({ userId: ADA, since }))?.changed).toHaveLength(1);
    },
  );
});

describe('readAfter and lastId', () => {
  test('what a manager has missed comes oldest first, addressed to whomever, expired or not', async () => {
    const first = await append();
    const rest = [await append({ targetUserId: BEN }), await append({ expiresAt: clock.in(-5) })];
    expect((await store.eventLog.readAfter({ afterId: first, limit: 10 })).map(({ id }) => id)).toEqual(rest);
    expect((await store.eventLog.readAfter({ afterId: first, limit: 1 })).map(({ id }) => id)).toEqual(
      rest.slice(0, 1),
    );
    expect(await store.eventLog.lastId()).toBe(rest[1]);
  });

  test('without events the last id is 0', async () => {
    expect(await store.eventLog.lastId()).toBe(0);
  });
});

test('the admin sees the newest global notices of a type, and how many users each has gone from', async () => {
  const first = await append({ sentBy: 'Quinn' });
  await append({ targetUserId: ADA });
  await append({ eventType: 'Other' });
  const second = await append();
  await store.inbox.dismiss({ userId: ADA, eventIds: [first, second] });
  await store.inbox.dismiss({ userId: BEN, eventIds: [first] });
  await store.inbox.clear({ userId: BEN });
  await append({ targetUserId: CLEO });
  const sent = await new SentEvents(store.database).recentGlobal({ eventType: 'Note', limit: 10 });
  expect(sent.map(({ id, sentBy, dismissedBy }) => ({ id, sentBy, dismissedBy }))).toEqual([
    { id: second, sentBy: null, dismissedBy: 2 },
    { id: first, sentBy: 'Quinn', dismissedBy: 2 },
  ]);
});
