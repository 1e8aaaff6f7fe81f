import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isExpired, PRIORITIES, type Priority, priorityRank } from '../../lib/belfry/protocol/event.ts';
import { EventStore } from '../../lib/belfry/storage/event-store.ts';
import { toBelfryError } from '../../lib/database/database-errors.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { ON_POSTGRESQL } from '../support/empty-database.ts';
import { Clock, clearEvents, HOUR_MS, insertUnannounced, newEvent } from '../support/engine.ts';
import { holdWrites, openImpatient } from '../support/held-database.ts';

const ADA = 1;
const BEN = 2;
const CLEO = 3;

let database: TestDatabase;
let clock: Clock;
let store: EventStore;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.remove());
beforeEach(async () => {
  await clearEvents(database.db);
  clock = new Clock();
  store = new EventStore(database.db, clock.now);
});

const newestOf = async (userId: number) =>
  (await store.readInbox({ userId, limit: 1_000, order: 'newest' })).events.map(({ id }) => id);

async function append(overrides: Parameters<typeof newEvent>[0] = {}): Promise<number> {
  return (await store.append(newEvent(overrides))).event.id;
}

describe('append', () => {
  test('what was appended is read back as it was, for its addressee', async () => {
    const draft = newEvent({
      priority: 'CRITICAL',
      targetUserId: ADA,
      createdAt: clock.now(),
      expiresAt: clock.in(HOUR_MS + 7),
      payload: { text: 'nul \0, 🔔, \u2028, \ud800' },
    });
    const { event, isNew } = await store.append(draft);
    expect(isNew).toBe(true);
    const { events } = await store.readInbox({ userId: ADA, limit: 10, order: 'newest' });
    expect(events).toEqual([event]);
    expect(event).toEqual({ ...draft, id: event.id });
  });

  test('ids grow, and an id is never given twice, even after everything was deleted', async () => {
    const first = await append();
    await database.db.event.deleteMany();
    expect(await append()).toBeGreaterThan(first);
  });

  test('50 calls at once with one key store one event, and all get it', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => store.append(newEvent({ idempotencyKey: 'once' }))),
    );
    expect(new Set(outcomes.map(({ event }) => event.id)).size).toBe(1);
    expect(outcomes.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(await database.db.event.count()).toBe(1);
  });

  test('events without a key, and with different keys, do not meet', async () => {
    for (const idempotencyKey of [undefined, undefined, 'a', 'A', 'a ', 'é', 'e\u0301'])
      await store.append(newEvent({ idempotencyKey }));
    expect(await database.db.event.count()).toBe(7);
  });

  test('sends that share a commit fail together, and soon, while another process holds the database', async () => {
    const impatient = openImpatient(database.url, 200);
    const sharing = new EventStore(impatient);
    await sharing.lastId();
    const letGo = await holdWrites(database.url);
    const since = performance.now();
    const outcomes = await Promise.allSettled(Array.from({ length: 30 }, () => sharing.append(newEvent())));
    const took = performance.now() - since;
    await letGo();
    const codes = outcomes.map((one) => one.status === 'rejected' && toBelfryError(one.reason)?.code);
    expect(new Set(codes)).toEqual(new Set(['database_busy']));
    expect(took).toBeLessThan(3_000);
    expect((await sharing.append(newEvent())).isNew).toBe(true);
    expect(await database.db.event.count()).toBe(1);
    await impatient.$disconnect();
  });

  test('one that cannot be stored does not take those along that share its commit', async () => {
    const drafts = [newEvent(), newEvent({ payload: undefined }), newEvent()];
    const outcomes = await Promise.allSettled(drafts.map((draft) => store.append(draft)));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await database.db.event.count()).toBe(2);
  });

  test('events that share a commit come back each as it was, and ids are in the order of asking', async () => {
    const drafts = Array.from({ length: 400 }, (_, n) =>
      newEvent({ payload: { text: String(n) }, targetUserId: n + 1 }),
    );
    const stored = await Promise.all(drafts.map((draft) => store.append(draft)));
    expect(stored.map(({ event: { payload, targetUserId } }) => ({ payload, targetUserId }))).toEqual(
      drafts.map(({ payload, targetUserId }) => ({ payload, targetUserId })),
    );
    const ids = stored.map(({ event }) => event.id);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    const rows = await database.db.event.findMany({ where: { id: { in: [ids[0] ?? 0, ids[399] ?? 0] } } });
    expect(rows.map(({ payload }) => payload)).toEqual(['{"text":"0"}', '{"text":"399"}']);
  });

  test('a key still counts after its event was dismissed and has expired', async () => {
    const { event } = await store.append(
      newEvent({ idempotencyKey: 'once', targetUserId: ADA, expiresAt: clock.in(10) }),
    );
    await store.dismiss({ userId: ADA, eventIds: [event.id] });
    clock.advance(HOUR_MS);
    const again = await store.append(newEvent({ idempotencyKey: 'once', targetUserId: ADA }));
    expect(again).toMatchObject({ isNew: false, event: { id: event.id } });
  });
});

test('to prove that events can be stored leaves none, and takes no id', async () => {
  const id = await append();
  await Promise.all([store.proveStorable(), store.proveStorable()]);
  expect(await store.lastId()).toBe(id);
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
      const page = await store.readInbox({ userId: ADA, limit: 10, order: 'newest' });
      expect(page.events.map(({ id }) => id)).toEqual(expired ? [] : ids.toReversed());
      expect(page.unreadTotal).toBe(expired ? 0 : 2);
    },
  );

  test('the next expiry is the first among all unread events, listed or not, and null without any', async () => {
    await append();
    expect((await store.readInboxState(ADA)).nextExpiresAt).toBeNull();
    await append({ expiresAt: clock.in(500), targetUserId: BEN });
    await append({ expiresAt: clock.in(2_000) });
    await append({ expiresAt: clock.in(1_000), targetUserId: ADA });
    expect((await store.readInboxState(ADA)).nextExpiresAt).toEqual(clock.in(1_000));
    clock.advance(1_000);
    expect((await store.readInboxState(ADA)).nextExpiresAt).toEqual(clock.in(1_000));
  });

  test('urgent order is by priority, then newest first, and a limit keeps the most urgent', async () => {
    const sent: { id: number; priority: Priority }[] = [];
    for (const priority of ['LOW', 'CRITICAL', 'NORMAL', 'HIGH', 'CRITICAL', 'LOW', 'HIGH'] as const)
      sent.push({ id: await append({ priority, targetUserId: sent.length % 2 ? ADA : null }), priority });
    const expected = sent
      .toSorted((a, b) => priorityRank(b.priority) - priorityRank(a.priority) || b.id - a.id)
      .map(({ id }) => id);
    const urgent = async (limit: number) =>
      (await store.readInbox({ userId: ADA, limit, order: 'urgent' })).events.map(({ id }) => id);
    expect(await urgent(100)).toEqual(expected);
    expect(await urgent(3)).toEqual(expected.slice(0, 3));
  });

  test('only the types that were asked for are listed, and the total counts all', async () => {
    const note = await append();
    await append({ eventType: 'Other' });
    const page = await store.readInbox({ userId: ADA, limit: 10, order: 'newest', eventTypes: ['Note'] });
    expect(page.events.map(({ id }) => id)).toEqual([note]);
    expect(page.unreadTotal).toBe(2);
  });

  test('pages by cursor cover everything once, also when more arrives and is dismissed meanwhile', async () => {
    const ids = await insertUnannounced(store, 23);
    const seen: number[] = [];
    let beforeId: number | undefined;
    for (let page = 0; page < 5; page += 1) {
      const { events } = await store.readInbox({ userId: ADA, limit: 5, order: 'newest', beforeId });
      seen.push(...events.map(({ id }) => id));
      beforeId = seen.at(-1);
      await append();
      await store.dismiss({ userId: ADA, eventIds: seen.slice(-2) });
    }
    expect(seen).toEqual(ids.toReversed());
  });

  test('an empty inbox has its totals', async () => {
    const page = await store.readInbox({ userId: 999, limit: 10, order: 'newest' });
    expect(page).toMatchObject({ events: [], unreadTotal: 0, asOf: 0, revision: 0, nextExpiresAt: null });
  });
});

describe('knownId', () => {
  const knows = async (userId: number, knownId: number) =>
    (await store.readInbox({ userId, limit: 1, order: 'newest', knownId })).knowsId;

  test('an id counts as known if the user could have received it, dismissed or not', async () => {
    const own = await append({ targetUserId: ADA });
    const global = await append();
    const foreign = await append({ targetUserId: BEN });
    await store.dismiss({ userId: ADA, eventIds: [own] });
    expect([await knows(ADA, own), await knows(ADA, global)]).toEqual([true, true]);
    expect([await knows(ADA, foreign), await knows(ADA, foreign + 1)]).toEqual([false, false]);
  });

  test('an id that clean-up has removed since is no sign of another history', async () => {
    const removed = await append({ targetUserId: ADA, expiresAt: clock.in(1) });
    const newest = await append();
    clock.advance(2);
    expect(await store.removeObsolete({ dismissedBefore: clock.now() })).toBe(1);
    expect([await knows(ADA, removed), await knows(ADA, newest + 1)]).toEqual([true, false]);
  });

  test.each([0, -1, 2 ** 31, 2 ** 31 - 1, 2 ** 53 - 1, Number.MIN_SAFE_INTEGER])(
    'an id that cannot be is not known, and breaks nothing: %s',
    async (knownId) => {
      const id = await append();
      expect(await knows(ADA, knownId)).toBe(false);
      expect(await newestOf(ADA)).toEqual([id]);
    },
  );
});

test('ids go on beyond 32 bits, in every question and answer', async () => {
  const largest = 2 ** 31 - 1;
  await database.db.event.create({
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
  expect(await store.lastId()).toBe(last);
  expect((await store.readAfter({ afterId: first, limit: 10 })).map(({ id }) => id)).toEqual([
    own,
    third,
    last,
  ]);
  const { event } = await store.append(newEvent({ idempotencyKey: 'beyond' }));
  expect((await store.append(newEvent({ idempotencyKey: 'beyond' }))).event.id).toBe(event.id);
  expect((await store.dismiss({ userId: ADA, eventIds: [own, third] }))?.dismissed).toEqual([own, third]);
  const page = await store.readInbox({
    userId: ADA,
    limit: 2,
    order: 'newest',
    beforeId: event.id,
    knownId: own,
  });
  expect(page).toMatchObject({ asOf: event.id, unreadTotal: 4, knowsId: true });
  expect(page.events.map(({ id }) => id)).toEqual([last, first]);
  expect((await store.clear(BEN)).clearedThroughId).toBe(event.id);
  expect(await newestOf(BEN)).toEqual([]);
  const [sent] = await store.recentGlobal({ eventType: 'Note', limit: 1 });
  expect(sent).toMatchObject({ id: event.id, dismissedBy: 1 });
  clock.advance(8 * 24 * HOUR_MS);
  expect(await store.removeObsolete({ dismissedBefore: clock.in(-HOUR_MS) })).toBe(1);
});

/** The next event gets the id after this one. */
async function countOnFrom(id: number): Promise<void> {
  if (ON_POSTGRESQL) await database.db.$queryRaw`SELECT setval('event_id_seq', ${id}::bigint)::text`;
  else await database.db.$executeRaw`UPDATE sqlite_sequence SET seq = ${id} WHERE name = 'event'`;
}

describe('dismiss', () => {
  test('a global notice dismissed by one person stays for everyone else', async () => {
    const id = await append();
    expect(await store.dismiss({ userId: ADA, eventIds: [id] })).toEqual({ dismissed: [id], revision: 1 });
    expect(await newestOf(ADA)).toEqual([]);
    expect(await newestOf(BEN)).toEqual([id]);
  });

  test("somebody else's id, an unknown one and an absurd one do nothing, and are not told of", async () => {
    const foreign = await append({ targetUserId: BEN });
    const before = await store.readInboxState(ADA);
    const eventIds = [foreign, foreign + 1, 0, -5, 2 ** 31, 2 ** 53 - 1];
    expect(await store.dismiss({ userId: ADA, eventIds })).toBeNull();
    expect(await newestOf(BEN)).toEqual([foreign]);
    expect(await store.readInboxState(ADA)).toEqual(before);
    expect(await database.db.eventReceipt.count()).toBe(0);
    expect(await database.db.inbox.count()).toBe(0);
  });

  test('dismissing twice, or an id named twice, counts once', async () => {
    const [first = 0, second = 0] = await insertUnannounced(store, 2);
    expect(await store.dismiss({ userId: ADA, eventIds: [first, first] })).toEqual({
      dismissed: [first],
      revision: 1,
    });
    expect(await store.dismiss({ userId: ADA, eventIds: [first, second] })).toEqual({
      dismissed: [second],
      revision: 2,
    });
    expect(await store.readInboxState(ADA)).toMatchObject({ unreadTotal: 0, revision: 2 });
  });

  test('two devices that dismiss the same at once: one of them did it, and nothing fails', async () => {
    const ids = await insertUnannounced(store, 10);
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => store.dismiss({ userId: ADA, eventIds: ids })),
    );
    expect(outcomes.flatMap((one) => one?.dismissed ?? []).toSorted((a, b) => a - b)).toEqual(ids);
    expect(await store.readInboxState(ADA)).toMatchObject({ unreadTotal: 0, revision: 1 });
  });

  test('a thousand at once are dismissed in one call', async () => {
    const rows = Array.from({ length: 1_000 }, () => ({
      eventType: 'Note',
      priority: 1,
      payload: '{}',
      createdAt: clock.now(),
    }));
    await database.db.event.createMany({ data: rows });
    const ids = await newestOf(ADA);
    expect(ids).toHaveLength(1_000);
    expect((await store.dismiss({ userId: ADA, eventIds: ids }))?.dismissed).toHaveLength(1_000);
    expect((await store.readInboxState(ADA)).unreadTotal).toBe(0);
  });

  test('no ids, nothing happens', async () => {
    expect(await store.dismiss({ userId: ADA, eventIds: [] })).toBeNull();
  });
});

describe('clear', () => {
  test('however many there are, clearing writes one row, and covers everything up to then for this user', async () => {
    const ids = await insertUnannounced(store, 30);
    await append({ targetUserId: ADA });
    const before = await database.db.eventReceipt.count();
    expect((await store.clear(ADA)).clearedThroughId).toBeGreaterThan(ids.at(-1) ?? 0);
    expect(await database.db.eventReceipt.count()).toBe(before);
    expect(await database.db.inbox.findMany({ select: { userId: true } })).toEqual([{ userId: ADA }]);
    expect(await newestOf(ADA)).toEqual([]);
    expect(await newestOf(BEN)).toHaveLength(30);
  });

  test('what comes after a clear is there, and clearing again takes it too', async () => {
    await append();
    await store.clear(ADA);
    const later = await append();
    expect(await newestOf(ADA)).toEqual([later]);
    await store.clear(ADA);
    expect(await newestOf(ADA)).toEqual([]);
    expect(await database.db.inbox.count()).toBe(1);
  });

  test('clearing an empty database is possible, and the first event after it is there', async () => {
    await store.clear(ADA);
    const first = await append();
    expect(await newestOf(ADA)).toEqual([first]);
  });

  test('clears and sends at once lose nothing: whatever lies above the mark is still there', async () => {
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 4 === 3 ? store.clear(ADA).then(() => 0) : append())),
    );
    const row = await database.db.inbox.findUniqueOrThrow({ where: { userId: ADA } });
    expect((await newestOf(ADA)).toSorted((a, b) => a - b)).toEqual(
      results.filter((id) => id > row.clearedThroughId).toSorted((a, b) => a - b),
    );
    expect(row.revision).toBe(5);
  });
});

test('the revision grows with every dismissal and clear of this user, and with nothing else', async () => {
  const revision = async () => (await store.readInboxState(ADA)).revision;
  const [first = 0, second = 0] = await insertUnannounced(store, 3);
  const seen = [await revision()];
  await store.dismiss({ userId: ADA, eventIds: [first] });
  seen.push(await revision());
  await store.dismiss({ userId: ADA, eventIds: [first] });
  await store.dismiss({ userId: BEN, eventIds: [first, second] });
  await append();
  await store.clear(BEN);
  seen.push(await revision());
  await store.clear(ADA);
  seen.push(await revision());
  await store.clear(ADA);
  seen.push(await revision());
  expect(seen).toEqual([0, 1, 1, 2, 3]);
});

describe('removeObsolete', () => {
  const weekAgo = () => clock.in(-7 * 24 * HOUR_MS);
  const remaining = async () =>
    (await database.db.event.findMany({ select: { id: true }, orderBy: { id: 'asc' } })).map(({ id }) =>
      Number(id),
    );

  test('it removes what nobody can be shown, with its receipts, and nothing else', async () => {
    const expired = await append({ expiresAt: clock.in(10) });
    const expiredForAll = await append({ expiresAt: clock.in(10) });
    await store.dismiss({ userId: BEN, eventIds: [expiredForAll] });
    const longDismissed = await append({ targetUserId: ADA });
    await store.dismiss({ userId: ADA, eventIds: [longDismissed] });
    const longCleared = await append({ targetUserId: BEN });
    const globalBelowClear = await append();
    await store.clear(BEN);
    const globalDismissed = await append();
    await store.dismiss({ userId: ADA, eventIds: [globalDismissed] });
    clock.advance(8 * 24 * HOUR_MS);
    const unread = await append({ targetUserId: ADA });
    const justDismissed = await append({ targetUserId: ADA });
    await store.dismiss({ userId: ADA, eventIds: [justDismissed] });
    const lasting = await append({ expiresAt: clock.in(1) });
    const newest = await append();

    const before = { ada: await newestOf(ADA), ben: await newestOf(BEN), cleo: await newestOf(CLEO) };
    expect(await store.removeObsolete({ dismissedBefore: weekAgo() })).toBe(4);
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
    const receipts = await database.db.eventReceipt.findMany({ select: { userId: true, eventId: true } });
    expect(receipts).toEqual([
      { userId: ADA, eventId: BigInt(globalDismissed) },
      { userId: ADA, eventId: BigInt(justDismissed) },
    ]);
    expect([expired, longCleared].some((id) => before.ben.includes(id))).toBe(false);
  });

  test('the newest event stays, whatever became of it, so that asOf never goes back', async () => {
    const [, newest = 0] = [
      await append({ targetUserId: ADA, expiresAt: clock.in(1) }),
      await append({ targetUserId: ADA, expiresAt: clock.in(1) }),
    ];
    clock.advance(1_000);
    expect(await store.removeObsolete({ dismissedBefore: weekAgo() })).toBe(1);
    expect(await remaining()).toEqual([newest]);
    expect(await store.readInboxState(ADA)).toMatchObject({ asOf: newest, unreadTotal: 0 });
    expect(await store.removeObsolete({ dismissedBefore: weekAgo() })).toBe(0);
  });

  test('a global notice stays for the admin to look at until it has expired for as long as dismissals are kept', async () => {
    const expiredForAll = await append({ expiresAt: clock.in(10) });
    const newest = await append();
    clock.advance(6 * 24 * HOUR_MS);
    expect(await store.removeObsolete({ dismissedBefore: weekAgo() })).toBe(0);
    expect(await newestOf(ADA)).toEqual([newest]);
    clock.advance(2 * 24 * HOUR_MS);
    expect(await store.removeObsolete({ dismissedBefore: weekAgo() })).toBe(1);
    expect(await remaining()).not.toContain(expiredForAll);
  });

  test('more than one batch is removed in one go, and others are answered meanwhile', async () => {
    const rows = Array.from({ length: 1_700 }, () => ({
      eventType: 'Note',
      targetUserId: ADA,
      priority: 1,
      payload: '{}',
      createdAt: clock.now(),
      expiresAt: clock.in(-1),
    }));
    await database.db.event.createMany({ data: rows });
    const newest = await append();
    let done = false;
    const removal = store.removeObsolete({ dismissedBefore: weekAgo() }).finally(() => {
      done = true;
    });
    let answeredMeanwhile = 0;
    while (!done) {
      await store.readInboxState(ADA);
      answeredMeanwhile += 1;
      // A query on this driver never leaves the turn of the event loop that it began in.
      await nextTurn();
    }
    expect(await removal).toBe(1_700);
    expect(answeredMeanwhile).toBeGreaterThan(3);
    expect(await remaining()).toEqual([newest]);
  });

  test('two clean-ups at once remove everything once and neither fails', async () => {
    await insertUnannounced(store, 20, { targetUserId: ADA, expiresAt: clock.in(-1) });
    await append();
    const removed = await Promise.all([
      store.removeObsolete({ dismissedBefore: weekAgo() }),
      store.removeObsolete({ dismissedBefore: weekAgo() }),
    ]);
    expect(removed[0] + removed[1]).toBe(20);
  });

  test('a receipt below its own clear mark goes once it is old; without it nothing comes back', async () => {
    const id = await append();
    await store.dismiss({ userId: ADA, eventIds: [id] });
    await store.clear(ADA);
    clock.advance(8 * 24 * HOUR_MS);
    await append();
    await store.removeObsolete({ dismissedBefore: weekAgo() });
    expect(await database.db.eventReceipt.count()).toBe(0);
    expect(await newestOf(ADA)).not.toContain(id);
  });
});

describe('readAfter and lastId', () => {
  test('what a manager has missed comes oldest first, addressed to whomever, expired or not', async () => {
    const first = await append();
    const rest = [await append({ targetUserId: BEN }), await append({ expiresAt: clock.in(-5) })];
    expect((await store.readAfter({ afterId: first, limit: 10 })).map(({ id }) => id)).toEqual(rest);
    expect((await store.readAfter({ afterId: first, limit: 1 })).map(({ id }) => id)).toEqual(
      rest.slice(0, 1),
    );
    expect(await store.lastId()).toBe(rest[1]);
  });

  test('without events the last id is 0', async () => {
    expect(await store.lastId()).toBe(0);
  });
});

test('the admin sees the newest global notices of a type, and how many users each has gone from', async () => {
  const first = await append({ sentBy: 'Quinn' });
  await append({ targetUserId: ADA });
  await append({ eventType: 'Other' });
  const second = await append();
  await store.dismiss({ userId: ADA, eventIds: [first, second] });
  await store.dismiss({ userId: BEN, eventIds: [first] });
  await store.clear(BEN);
  await append({ targetUserId: CLEO });
  const sent = await store.recentGlobal({ eventType: 'Note', limit: 10 });
  expect(sent.map(({ id, sentBy, dismissedBy }) => ({ id, sentBy, dismissedBy }))).toEqual([
    { id: second, sentBy: null, dismissedBy: 2 },
    { id: first, sentBy: 'Quinn', dismissedBy: 2 },
  ]);
});

describe('against a naive model', () => {
  interface ModelEvent {
    id: number;
    target: number | null;
    priority: Priority;
    expiresAt: number | null;
    dismissedBy: Set<number>;
  }

  const user = fc.constantFrom(ADA, BEN, CLEO);
  const target = fc.option(user);
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('append' as const),
        target,
        priority: fc.constantFrom(...PRIORITIES),
        expiresIn: fc.option(fc.integer({ min: -1, max: 4 })),
      }),
    },
    {
      weight: 4,
      // Indices into what was appended so far; some point at nothing.
      arbitrary: fc.record({
        do: fc.constant('dismiss' as const),
        user,
        which: fc.array(fc.nat(25), { maxLength: 4 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const), user }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('cleanUp' as const), ageMs: fc.integer({ min: 0, max: 5 }) }),
    },
  );

  test('whatever was sent, dismissed, cleared, expired and cleaned up, list, order and total are the truth', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        await clearEvents(database.db);
        clock = new Clock();
        store = new EventStore(database.db, clock.now);
        const model: ModelEvent[] = [];
        const isFor = (event: ModelEvent, who: number) => event.target === null || event.target === who;
        const last = { asOf: 0, revision: new Map<number, number>() };

        for (const current of steps) {
          switch (current.do) {
            case 'append': {
              const { target: targetUserId, priority, expiresIn } = current;
              const expiresAt = expiresIn === null ? null : clock.in(expiresIn);
              const id = await append({ targetUserId, priority, expiresAt });
              model.push({
                id,
                target: targetUserId,
                priority,
                expiresAt: expiresAt?.getTime() ?? null,
                dismissedBy: new Set(),
              });
              break;
            }
            case 'dismiss': {
              const chosen = current.which.map((index) => model[index]?.id ?? 9_000_000 + index);
              await store.dismiss({ userId: current.user, eventIds: chosen });
              for (const event of model)
                if (chosen.includes(event.id) && isFor(event, current.user))
                  event.dismissedBy.add(current.user);
              break;
            }
            case 'clear':
              await store.clear(current.user);
              for (const event of model) if (isFor(event, current.user)) event.dismissedBy.add(current.user);
              break;
            case 'wait':
              clock.advance(current.ms);
              break;
            case 'cleanUp':
              await store.removeObsolete({ dismissedBefore: clock.in(-current.ageMs) });
              break;
          }
          for (const who of [ADA, BEN, CLEO]) {
            const now = clock.now().getTime();
            const truth = model.filter(
              (event) =>
                isFor(event, who) &&
                !event.dismissedBy.has(who) &&
                (event.expiresAt === null || event.expiresAt > now),
            );
            const page = await store.readInbox({ userId: who, limit: 100, order: 'urgent' });
            expect(page.events.map(({ id }) => id)).toEqual(
              truth
                .toSorted((a, b) => priorityRank(b.priority) - priorityRank(a.priority) || b.id - a.id)
                .map(({ id }) => id),
            );
            expect(page.unreadTotal).toBe(truth.length);
            const expiries = truth.flatMap(({ expiresAt }) => (expiresAt === null ? [] : [expiresAt]));
            expect(page.nextExpiresAt?.getTime() ?? null).toBe(
              expiries.length > 0 ? Math.min(...expiries) : null,
            );
            expect(page.asOf).toBeGreaterThanOrEqual(last.asOf);
            expect(page.asOf).toBe(model.at(-1)?.id ?? 0);
            expect(page.revision).toBeGreaterThanOrEqual(last.revision.get(who) ?? 0);
            last.asOf = page.asOf;
            last.revision.set(who, page.revision);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});
