/** What belongs together stands in one place of the list, and says of itself what is so. */
import { expect, test } from 'vitest';
import {
  arrive,
  type Change,
  type Entry,
  expire,
  extend,
  type Item,
  look,
  snapshot,
} from '@/lib/belfry/client/inbox-model.ts';
import type { Summary } from '@/lib/belfry/protocol/item.ts';
import { itemOf } from '../support/items.ts';

const NOW = '2030-01-01T00:00:00.000Z';
const POST = 'CommentAdded/post:7';

/** One of a group; with a count, as the server tells of its newest. */
function comment(id: number, count = 0, more: Partial<Item> = {}): Item {
  const group = count === 0 ? {} : { group: { title: `${count} comments`, count, unread: count } };
  return itemOf(id, { groupKey: POST, ...group, ...more });
}

function summary(eventId: number, inbox: number, revision = 0): Summary {
  const totals = { unread: inbox, inbox, done: 0, snoozed: 0 };
  return {
    state: `h.${eventId}.${revision}`,
    totals,
    unreadTotal: inbox,
    settingsRevision: 0,
    readAt: NOW,
    nextExpiresAt: null,
  };
}

/** An inbox of these, and of more below them where there is a cursor. */
function inboxOf(items: Item[], { pinned = [] as number[], nextCursor = null as string | null } = {}) {
  const newest = Math.max(...items.map(({ id }) => id));
  return snapshot(null, summary(newest, items.length), items, pinned, nextCursor);
}

/** Each entry: the id of its item, or those of its group with how many there are and how it reads. */
const told = (entries: readonly Entry[]) =>
  entries.map(({ item, group }) =>
    group ? [group.items.map(({ id }) => id), group.count, group.unread, group.title] : item.id,
  );
const entriesOf = (base: ReturnType<typeof inboxOf>, ...changes: Change[]) =>
  look(base, changes, NOW).entries;

test('several of one group stand at the place of the newest, and one alone is an item', () => {
  const base = inboxOf([itemOf(9), comment(8, 2), itemOf(7), comment(6), itemOf(5, { groupKey: 'other' })]);
  expect(told(entriesOf(base))).toEqual([9, [[8, 6], 2, 2, '2 comments'], 7, 5]);
  expect(look(base, [], NOW).items.map(({ id }) => id)).toEqual([9, 8, 7, 6, 5]);
});

test('what stands below the list counts, as the newest that tells of it says', () => {
  const base = inboxOf([comment(9, 12), itemOf(8)], { nextCursor: 'c' });
  expect(told(entriesOf(base))).toEqual([[[9], 12, 12, '12 comments'], 8]);
  // To several people: it tells nothing of the group.
  expect(told(entriesOf(arrive(base, [comment(10, 0, { isRecovered: false })])))).toEqual([
    [[10, 9], 13, 13, null],
    8,
  ]);
  const [entry] = entriesOf(base);
  expect(entry?.group?.end).toEqual({ orderId: 8, id: 8 });
});

test('where nobody has told whether there is more of it, what is known counts, and the rest is asked for', () => {
  const base = inboxOf([itemOf(9)], { nextCursor: 'c' });
  const [entry] = entriesOf(
    arrive(
      base,
      [10, 11].map((id) => comment(id, 0, { isRecovered: false })),
    ),
  );
  expect(entry?.group).toMatchObject({ count: 2, title: null, end: { orderId: 9, id: 9 } });
});

test('where the whole inbox is known, what is known counts, whatever was told before', () => {
  const base = inboxOf([comment(9, 3), comment(8), comment(7, 0, { expiresAt: NOW })]);
  expect(told(entriesOf(expire(base, Date.parse(NOW))))).toEqual([[[9, 8], 2, 2, null]]);
});

test('an entry keeps its id while its group grows and shrinks, and no two have the same', () => {
  const alone = inboxOf([comment(5), itemOf(4)]);
  const [id] = entriesOf(alone).map((entry) => entry.id);
  const grown = arrive(alone, [comment(6, 2, { isRecovered: false })]);
  expect(told(entriesOf(grown))).toEqual([[[6, 5], 2, 2, '2 comments'], 4]);
  expect(entriesOf(grown).map((entry) => entry.id)).toEqual([id, 4]);
  expect(entriesOf(grown, { kind: 'dismiss', ids: [6] }).map((entry) => entry.id)).toEqual([id, 4]);
});

test('what is pinned stands by itself, also when some of its group are in the list', () => {
  const pinned = comment(2, 0, { priority: 'CRITICAL' });
  const base = inboxOf([comment(9, 3), comment(8), pinned], { pinned: [2], nextCursor: 'c' });
  expect(told(entriesOf(base))).toEqual([2, [[9, 8], 3, 3, '3 comments']]);
  expect(new Set(entriesOf(base).map(({ id }) => id)).size).toBe(2);
});

test('what one does with an item of a group shows in it at once', () => {
  const base = inboxOf([comment(9, 4), comment(8), comment(7), comment(6)]);
  const dismissed = (...ids: number[]): Change => ({ kind: 'dismiss', ids });
  expect(told(entriesOf(base, dismissed(8)))).toEqual([[[9, 7, 6], 3, 3, '4 comments']]);
  // How the others read together the server has not told yet.
  expect(told(entriesOf(base, dismissed(9)))).toEqual([[[8, 7, 6], 3, 3, null]]);
  expect(told(entriesOf(base, dismissed(9, 8), { kind: 'read', ids: [7] }))).toEqual([[[7, 6], 2, 1, null]]);
  expect(told(entriesOf(base, dismissed(9, 8, 7)))).toEqual([6]);
});

test('what one does with a group is done with all of it up to there, and with nothing else', () => {
  const base = inboxOf([itemOf(10), comment(9, 12), itemOf(8), comment(7)], { nextCursor: 'c' });
  const later = arrive(base, [comment(11, 13, { isRecovered: false })]);
  const read: Change = { kind: 'read', group: POST, throughId: 9 };
  expect(told(entriesOf(base, read))).toEqual([10, [[9, 7], 12, 0, '12 comments'], 8]);
  expect(
    look(base, [read], NOW)
      .items.filter(({ readAt }) => readAt)
      .map(({ id }) => id),
  ).toEqual([9, 7]);
  const dismissed: Change = { kind: 'dismiss', group: POST, throughId: 9 };
  expect(told(entriesOf(base, dismissed))).toEqual([10, 8]);
  expect(look(base, [dismissed], NOW).totals).toMatchObject({ inbox: 2, unread: 2, done: 2 });
  expect(told(entriesOf(later, dismissed))).toEqual([11, 10, 8]);
});

test('a change that the server tells of brings the group as it is now', () => {
  const base = inboxOf([comment(9, 3), comment(8), comment(7)]);
  const done = comment(9, 0, { doneAt: NOW });
  const after = extend(base, { ...summary(9, 2, 1), changed: [done, comment(8, 2)], removed: [] }, null);
  expect(told(entriesOf(after))).toEqual([[[8, 7], 2, 2, '2 comments']]);
  const last = { ...summary(9, 1, 2), changed: [comment(8, 0, { doneAt: NOW }), comment(7)], removed: [] };
  expect(told(entriesOf(extend(after, last, null)))).toEqual([7]);
});

test('a group is as urgent as the most urgent of it, and reaches up to the highest id', () => {
  const back = comment(3, 3, { orderId: 10 });
  const base = inboxOf([back, comment(9, 0, { priority: 'HIGH' }), comment(8)]);
  const [entry] = entriesOf(base);
  expect(entry).toMatchObject({ item: { id: 3 }, group: { priority: 'HIGH', throughId: 9 } });
});
