/** How a page's inbox takes what comes late, out of order, or from a server that has begun anew. */
import { beforeEach, expect, test } from 'vitest';
import type { Item } from '@/lib/belfry/client/inbox-model.ts';
import { InboxStore } from '@/lib/belfry/client/inbox-store.ts';
import { RequestError } from '@/lib/belfry/client/requests.ts';
import type { InboxChanges, InboxFrame, InboxPage, Summary } from '@/lib/belfry/protocol/item.ts';
import { itemOf } from '../support/items.ts';

const START = Date.UTC(2030, 0, 1);

let now: number;
let news: number[];
let behind: number;
let changes: () => InboxChanges | Promise<InboxChanges>;
let page: () => InboxPage | Promise<InboxPage>;
let store: InboxStore;

beforeEach(() => {
  now = START;
  news = [];
  behind = 0;
  const refuse = () => {
    throw new RequestError(409, 'Not expected.');
  };
  changes = refuse;
  page = refuse;
  store = new InboxStore({
    translate: (key) => key,
    requests: {
      poll: async () => page(),
      changes: async () => changes(),
      change: async () => refuse(),
      undo: async () => refuse(),
    },
    now: () => now,
    onChange: () => {},
    onNews: (items) => news.push(...items.map(({ id }) => id)),
    onBehind: () => {
      behind += 1;
    },
  });
});

const timeAt = (milliseconds: number) => new Date(START + milliseconds).toISOString();

function item(id: number, overrides: Partial<Item> = {}): Item {
  return itemOf(id, { createdAt: timeAt(id), ...overrides });
}

function summary(state: string, inbox: number, readAt = timeAt(0)): Summary {
  const totals = { unread: inbox, inbox, done: 0, snoozed: 0 };
  return { state, totals, unreadTotal: inbox, settingsRevision: 0, readAt, nextExpiresAt: null };
}

function snapshot(state: string, items: Item[]): void {
  const frame: InboxFrame = {
    ...summary(state, items.length),
    kind: 'snapshot',
    count: items.length,
    pinned: [],
    nextCursor: null,
  };
  store.receiveFrame(frame, null);
  store.receiveItems(items);
}

const ids = () => store.look()?.items.map(({ id }) => id);

test('what an old stream still brings after an answer of a newer history is not taken, but asked for', async () => {
  snapshot('old.2.0', [item(2), item(1)]);
  // A back-up was put back: the answer comes while the stream of before is still open.
  page = () => ({ ...summary('new.2.0', 1), notifications: [item(1)], pinned: [], nextCursor: null });
  await store.refresh();
  expect(ids()).toEqual([1]);
  store.receiveItems([item(3, { isRecovered: false })]);
  snapshot('old.2.0', [item(2), item(1)]);
  store.receiveHeartbeat({ history: 'old', eventId: 3 });
  expect([ids(), store.position(), store.isBehind(), behind > 0]).toEqual([[1], 'new.2.0', true, true]);
  changes = () => ({ ...summary('new.3.0', 1), changed: [], removed: [], hasMore: false });
  await store.refresh();
  expect([ids(), store.position(), store.isBehind()]).toEqual([[1], 'new.3.0', false]);
});

test('a stream that goes over to the history of an answer is taken again', async () => {
  snapshot('first.1.0', [item(1)]);
  changes = () => ({ ...summary('second.1.0', 1), changed: [], removed: [], hasMore: false });
  await store.refresh();
  store.receiveHeartbeat({ history: 'second', eventId: 1 });
  store.receiveItems([item(2, { isRecovered: false })]);
  store.receiveHeartbeat({ history: 'second', eventId: 2 });
  expect([ids(), store.position(), news]).toEqual([[2, 1], 'second.2.0', [2]]);
});

test.each(['before the next heartbeat', 'after it'] as const)(
  'what came live while a page of another instance was on its way, which lacks it, is asked for again %s',
  async (when) => {
    snapshot('first.1.0', [item(1)]);
    const late = Promise.withResolvers<InboxPage>();
    page = () => late.promise;
    store.doubt();
    const refreshed = store.refresh();
    store.receiveItems([item(2, { isRecovered: false })]);
    if (when === 'after it') store.receiveHeartbeat({ history: 'first', eventId: 2 });
    // Each instance gives its history a name of its own.
    late.resolve({ ...summary('second.1.0', 1), notifications: [item(1)], pinned: [], nextCursor: null });
    changes = () => ({ ...summary('second.2.0', 2), changed: [item(2)], removed: [], hasMore: false });
    await refreshed;
    store.receiveHeartbeat({ history: 'second', eventId: 2 });
    expect([ids(), store.position(), store.isBehind(), news]).toEqual([[2, 1], 'second.2.0', false, [2]]);
  },
);

test('a stream that begins with what is known already is gone on from, whatever it was asked to resume at', () => {
  snapshot('a.5.0', [item(5)]);
  store.breakStream();
  const frame: InboxFrame = { ...summary('a.5.0', 1), kind: 'changes', changed: [], removed: [] };
  store.receiveFrame(frame, 'before.3.0');
  store.receiveHeartbeat({ history: 'a', eventId: 7 });
  expect([store.position(), store.isBehind()]).toEqual(['a.7.0', false]);
});

test('what had expired when the totals were read is not taken out of them once more', () => {
  snapshot('a.2.0', [item(2), item(1, { expiresAt: timeAt(1_000) })]);
  // Of the page's clock it is still the time before.
  const frame: InboxFrame = {
    ...summary('a.3.0', 2, timeAt(1_000)),
    kind: 'changes',
    changed: [item(3)],
    removed: [],
  };
  store.receiveFrame(frame);
  expect([ids(), store.look()?.totals.unread]).toEqual([[3, 2], 2]);
  now = START + 1_000;
  store.expire();
  expect([ids(), store.look()?.totals.unread]).toEqual([[3, 2], 2]);
});

test('what has expired is counted anew also when the answer comes too late to be taken', async () => {
  // Dismissed: it is counted, and not in the list.
  const counted = { unread: 0, inbox: 0, done: 1, snoozed: 0 };
  const expiring = { ...summary('a.1.1', 0), totals: counted, nextExpiresAt: timeAt(6_000) };
  store.receiveFrame({ ...expiring, kind: 'snapshot', count: 0, pinned: [], nextCursor: null }, null);
  now = START + 6_000;
  store.expire();
  expect([store.nextExpiry(), store.isBehind()]).toEqual([null, true]);

  const late = Promise.withResolvers<InboxChanges>();
  let asked = 0;
  changes = () => {
    asked += 1;
    return asked === 1
      ? late.promise
      : { ...summary('a.3.1', 2, timeAt(9_000)), changed: [], removed: [], hasMore: false };
  };
  const refreshed = store.refresh();
  store.receiveItems([item(2, { isRecovered: false }), item(3, { isRecovered: false })]);
  store.receiveHeartbeat({ history: 'a', eventId: 3 });
  late.resolve({ ...summary('a.1.1', 0, timeAt(6_100)), changed: [], removed: [], hasMore: false });
  await refreshed;
  expect([store.look()?.totals, store.isBehind(), asked]).toEqual([
    { unread: 2, inbox: 2, done: 0, snoozed: 0 },
    false,
    2,
  ]);
});

test('what has expired is counted anew also when the answer was read before it did, or by a clock that was set back', async () => {
  const counted = { unread: 0, inbox: 0, done: 1, snoozed: 0 };
  store.receiveFrame(
    { ...summary('a.1.0', 1), kind: 'snapshot', count: 0, pinned: [], nextCursor: null },
    null,
  );
  const early = Promise.withResolvers<InboxChanges>();
  let asked = 0;
  changes = () => {
    asked += 1;
    return asked === 1
      ? early.promise
      : { ...summary('a.1.1', 0, timeAt(4_000)), changed: [], removed: [], hasMore: false };
  };
  const refreshed = store.refresh();
  const stated = { ...summary('a.1.1', 0, timeAt(5_500)), totals: counted, nextExpiresAt: timeAt(6_000) };
  store.receiveFrame({ ...stated, kind: 'changes', changed: [], removed: [] });
  now = START + 6_000;
  store.expire();
  early.resolve({ ...stated, readAt: timeAt(5_000), changed: [], removed: [], hasMore: false });
  await refreshed;
  expect([store.look()?.totals.done, store.isBehind(), asked]).toEqual([0, false, 2]);
});

test('a snapshot of which the rest comes after a doubt does not settle it', async () => {
  snapshot('first.1.0', [item(1)]);
  const frame = { ...summary('first.3.0', 1), count: 1, pinned: [], nextCursor: null };
  store.receiveFrame({ kind: 'snapshot', ...frame }, null);
  // It was read by a clock that was ahead: by the right one, 2 has not expired.
  store.doubt();
  store.receiveItems([item(3)]);
  expect([ids(), store.isBehind(), behind > 0]).toEqual([[1], true, true]);
  const notifications = [item(3), item(2)];
  page = () => ({ ...summary('first.3.0', 2), notifications, pinned: [], nextCursor: null });
  await store.refresh();
  expect([ids(), store.isBehind()]).toEqual([[3, 2], false]);
});

test('what came live and was dismissed before it was stated expires as well', () => {
  snapshot('a.1.0', [item(1)]);
  const expiring = item(2, { isRecovered: false, expiresAt: timeAt(6_000) });
  store.receiveItems([expiring]);
  const dismissed = { ...expiring, doneAt: timeAt(0) };
  store.receiveFrame({ ...summary('a.1.1', 1), kind: 'changes', changed: [dismissed], removed: [] });
  store.receiveHeartbeat({ history: 'a', eventId: 2 });
  expect([store.look()?.totals.done, store.nextExpiry()]).toEqual([1, START + 6_000]);
  now = START + 6_000;
  store.expire();
  expect(store.isBehind()).toBe(true);
});

test.each(['a stream that resumes', 'an answer'] as const)(
  'what came live and %s does not name is lost, and goes',
  async (from) => {
    snapshot('a.1.0', [item(1)]);
    store.receiveItems([2, 3].map((id) => item(id, { isRecovered: false })));
    expect(ids()).toEqual([3, 2, 1]);
    // The server was restarted on a replica that lacked the last event.
    const told = { ...summary('b.2.0', 2), changed: [item(2)], removed: [] };
    changes = () => ({ ...told, hasMore: false });
    if (from === 'an answer') await store.refresh();
    else {
      store.breakStream();
      store.receiveFrame({ ...told, kind: 'changes' }, 'a.1.0');
    }
    expect([ids(), store.look()?.totals.unread, news]).toEqual([[2, 1], 2, [3, 2]]);
  },
);

test('what comes back on top from being put off is news each time, and what is only put back is none', () => {
  let revision = 0;
  const tell = (changed: Item, readAt: string) => {
    revision += 1;
    const given = changed.doneAt === null && changed.snoozedUntil === null ? 2 : 1;
    const frame = summary(`a.2.${revision}`, given, readAt);
    store.receiveFrame({ ...frame, kind: 'changes', changed: [changed], removed: [] });
  };
  snapshot('a.2.0', [item(2), item(1)]);
  for (const ms of [1_000, 2_000]) {
    tell(item(1, { orderId: ms === 1_000 ? 1 : 3, snoozedUntil: timeAt(ms) }), timeAt(ms - 500));
    expect(ids()).toEqual([2]);
    tell(item(1, { orderId: 3 }), timeAt(ms));
    expect(ids()).toEqual([1, 2]);
  }
  expect(news).toEqual([1, 1]);
  tell(item(1, { orderId: 3, doneAt: timeAt(2_100) }), timeAt(2_100));
  tell(item(1, { orderId: 3 }), timeAt(2_200));
  tell(item(1, { orderId: 3, snoozedUntil: timeAt(9_000) }), timeAt(2_300));
  tell(item(1, { orderId: 3 }), timeAt(2_400));
  expect([ids(), news]).toEqual([
    [1, 2],
    [1, 1],
  ]);
});

test('what happened long before it came, as what is imported did, is in the list and is no news', () => {
  snapshot('now.1.0', [item(1)]);
  store.receiveFrame(
    { ...summary('now.1.0', 1, timeAt(0)), kind: 'changes', changed: [], removed: [] },
    null,
  );
  const imported = item(2, { createdAt: timeAt(-24 * 60 * 60_000), isRecovered: true });
  // Sent in a transaction that took long.
  const late = item(3, { createdAt: timeAt(-60_000), isRecovered: true });
  snapshot('now.3.0', [late, imported, item(1)]);
  expect([ids(), store.look()?.totals.unread, news]).toEqual([[3, 2, 1], 3, [3]]);
});

test('what had come back on top before the page was opened is no news when it is put back', () => {
  snapshot('a.2.0', [item(1, { orderId: 3 }), item(2)]);
  for (const [revision, doneAt] of [timeAt(10), null].entries()) {
    const frame = summary(`a.2.${revision + 1}`, doneAt ? 1 : 2, timeAt(10 + revision));
    store.receiveFrame({
      ...frame,
      kind: 'changes',
      changed: [item(1, { orderId: 3, doneAt })],
      removed: [],
    });
  }
  expect([ids(), news]).toEqual([[1, 2], []]);
});
