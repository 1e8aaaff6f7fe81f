/** How a view of the inbox follows what the server tells, and what is done on the page. */
import { beforeEach, expect, test } from 'vitest';
import { InboxList, type KnownPart } from '@/lib/belfry/client/inbox-list.ts';
import type { Item } from '@/lib/belfry/client/inbox-model.ts';
import { RequestError } from '@/lib/belfry/client/requests.ts';
import type { InboxPage, ItemFilter } from '@/lib/belfry/protocol/item.ts';
import { itemOf } from '../support/items.ts';

const DONE = { doneAt: '2030-01-01T00:00:00.000Z' };

let known: KnownPart | null;
let pending: (item: Item) => Item;
let asked: (string | null)[];
let pages: Map<string | null, InboxPage | Promise<InboxPage> | Error>;
let isShown: boolean;

beforeEach(() => {
  known = null;
  pending = (item) => item;
  asked = [];
  pages = new Map();
  isShown = true;
});

function listOf(filter: ItemFilter): InboxList {
  return new InboxList({
    filter,
    async poll(cursor) {
      asked.push(cursor);
      const page = pages.get(cursor);
      if (page === undefined) throw new Error(`There is no page at ${cursor}.`);
      if (page instanceof Error) throw page;
      return page;
    },
    known: () => known,
    withPending: (item) => pending(item),
    isShown: () => isShown,
    onRead: () => {},
  });
}

function pageOf(notifications: Item[], nextCursor: string | null, rest: Partial<InboxPage> = {}): InboxPage {
  const totals = { unread: 0, inbox: 0, done: 0, snoozed: 0 };
  const readAt = '2030-01-01T00:00:00.000Z';
  const summary = {
    state: 'h.9.9',
    totals,
    unreadTotal: 0,
    settingsRevision: 0,
    readAt,
    nextExpiresAt: null,
  };
  return { ...summary, notifications, pinned: [], nextCursor, ...rest };
}

const idsOf = (list: InboxList) => list.view().items.map(({ id }) => id);
const settled = () => new Promise((resolve) => setTimeout(resolve));
const many = (from: number, count: number, overrides: Partial<Item> = {}) =>
  Array.from({ length: count }, (_, n) => itemOf(from - n, overrides));

test('what of the inbox is at hand is shown at once, and nothing is fetched for it', async () => {
  known = { items: [itemOf(3), itemOf(2, { readAt: DONE.doneAt }), itemOf(1)], end: null, nextCursor: null };
  const list = listOf({ view: 'unread' });
  expect([idsOf(list), list.view().status, list.view().hasMore]).toEqual([[3, 1], 'ready', false]);
  list.subscribe(() => {});
  await settled();
  expect([idsOf(list), asked]).toEqual([[3, 1], []]);
});

test('where that is little, it reads on from there, until a screen is full', async () => {
  known = { items: [itemOf(90)], end: { orderId: 80, id: 80 }, nextCursor: '80' };
  pages.set('80', pageOf(many(79, 5), '60'));
  pages.set('60', pageOf(many(59, 30), '20'));
  const list = listOf({ view: 'unread', q: 'title' });
  list.subscribe(() => {});
  expect(list.view().loadingMore).toBe(true);
  await settled();
  expect([asked, idsOf(list).length, list.view().hasMore]).toEqual([['80', '60'], 36, true]);
});

test('what comes to belong to it comes in at its place, and what no longer does leaves', async () => {
  pages.set(null, pageOf([itemOf(9, DONE), itemOf(5, DONE)], '5'));
  pages.set('5', pageOf([], null));
  const list = listOf({ view: 'done', category: 'billing' });
  list.subscribe(() => {});
  await settled();
  list.tell({ changed: [itemOf(7, { ...DONE, category: 'billing' }), itemOf(8, DONE)], removed: [] });
  expect(idsOf(list)).toEqual([9, 7, 5]);
  list.tell({ changed: [itemOf(9, { category: 'billing' })], removed: [5] });
  expect(idsOf(list)).toEqual([7]);
});

test('what belongs further down than was read is not put at the end', async () => {
  pages.set(null, pageOf(many(90, 50, DONE), '41'));
  const list = listOf({ view: 'done' });
  list.subscribe(() => {});
  await settled();
  list.tell({ changed: [itemOf(3, DONE)], removed: [] });
  expect([idsOf(list).at(-1), list.view().hasMore]).toEqual([41, true]);
});

test('what was told while a page was on its way is not undone by it', async () => {
  const { promise, resolve } = Promise.withResolvers<InboxPage>();
  pages.set(null, promise);
  const list = listOf({ view: 'done' });
  list.subscribe(() => {});
  list.tell({ changed: [itemOf(5), itemOf(4, DONE)], removed: [3] });
  resolve(pageOf([itemOf(5, DONE), itemOf(3, DONE)], null));
  await settled();
  expect(idsOf(list)).toEqual([4]);
});

test('what is done on the page shows at once, and comes back when it is refused', async () => {
  pages.set(null, pageOf([itemOf(2, DONE), itemOf(1, DONE)], null));
  const list = listOf({ view: 'done' });
  let changes = 0;
  list.subscribe(() => {
    changes += 1;
  });
  await settled();
  pending = (item) => (item.id === 2 ? { ...item, doneAt: null } : item);
  const before = changes;
  list.changed();
  expect([idsOf(list), changes]).toEqual([[1], before + 1]);
  pending = (item) => item;
  list.changed();
  expect(idsOf(list)).toEqual([2, 1]);
});

test('when all that was known is replaced it is read anew, as far as it had been, and shown as it was meanwhile', async () => {
  pages.set(null, pageOf(many(200, 50, DONE), '151'));
  pages.set('151', pageOf(many(150, 50, DONE), '101'));
  const list = listOf({ view: 'done' });
  list.subscribe(() => {});
  await settled();
  await list.loadMore();
  expect(idsOf(list).length).toBe(100);
  pages.set(null, pageOf(many(201, 100, DONE), '102'));
  list.replaced();
  expect([idsOf(list).length, list.view().status]).toEqual([100, 'ready']);
  await settled();
  expect([idsOf(list)[0], idsOf(list).length]).toEqual([201, 100]);
});

test('a page that could not be had says so, and is had with the next try', async () => {
  pages.set(null, new RequestError(0, 'The server cannot be reached.'));
  const list = listOf({ view: 'snoozed' });
  list.subscribe(() => {});
  await settled();
  expect(list.view().status).toBe('error');
  pages.set(null, pageOf([itemOf(1, { snoozedUntil: '2031-01-01T00:00:00.000Z' })], null));
  list.retry();
  await settled();
  expect([list.view().status, idsOf(list)]).toEqual(['ready', [1]]);
  pages.set('gone', new RequestError(0, 'The server cannot be reached.'));
});

test('a further page that cannot be had rejects with the sentence, and leaves what is there', async () => {
  pages.set(null, pageOf(many(90, 50, DONE), '41'));
  pages.set('41', new RequestError(0, 'The server cannot be reached.'));
  const list = listOf({ view: 'done' });
  list.subscribe(() => {});
  await settled();
  await expect(list.loadMore()).rejects.toThrow('The server cannot be reached.');
  expect([idsOf(list).length, list.view().status, list.view().hasMore]).toEqual([50, 'ready', true]);
});

test('a search that has found nothing yet is still loading, and says that there is nothing once it has been through', async () => {
  const { promise, resolve } = Promise.withResolvers<InboxPage>();
  pages.set(null, pageOf([], '900'));
  pages.set('900', promise);
  const list = listOf({ view: 'all', q: 'needle' });
  list.subscribe(() => {});
  await settled();
  expect(list.view().status).toBe('loading');
  resolve(pageOf([], null));
  await settled();
  expect([list.view().status, list.view().hasMore, asked]).toEqual(['ready', false, [null, '900']]);
});

test('which all done can be undone is told of what is done, and anew when that changed', async () => {
  pages.set(null, pageOf([itemOf(1, DONE)], null, { lastClear: { undo: '7-t', at: DONE.doneAt } }));
  const list = listOf({ view: 'done' });
  list.subscribe(() => {});
  await settled();
  expect(list.view().lastClear).toEqual({ undo: '7-t', at: DONE.doneAt });
  pages.set(null, pageOf([], null, { lastClear: null }));
  list.tell({ changed: [itemOf(1)], removed: [] });
  await settled();
  expect([idsOf(list), list.view().lastClear]).toEqual([[], null]);
});

test('what has expired leaves by itself', async () => {
  const at = Date.UTC(2030, 0, 1, 12);
  pages.set(
    null,
    pageOf([itemOf(2, { ...DONE, expiresAt: new Date(at).toISOString() }), itemOf(1, DONE)], null),
  );
  const list = listOf({ view: 'done' });
  list.subscribe(() => {});
  await settled();
  expect(list.nextExpiry()).toBe(at);
  list.expire(at - 1);
  expect(idsOf(list)).toEqual([2, 1]);
  list.expire(at);
  expect([idsOf(list), list.nextExpiry()]).toEqual([[1], null]);
});

test('whoever comes back to it is shown what it was, and then what it is: meanwhile it was told of nothing', async () => {
  pages.set(null, pageOf([itemOf(1, DONE)], null));
  const list = listOf({ view: 'done' });
  const leave = list.subscribe(() => {});
  await settled();
  leave();
  expect(list.isFollowed()).toBe(false);
  pages.set(null, pageOf([itemOf(2, DONE)], null));
  list.subscribe(() => {});
  expect(idsOf(list)).toEqual([1]);
  await settled();
  expect(idsOf(list)).toEqual([2]);
});

test('of whoever is gone nothing is shown', () => {
  known = { items: [itemOf(1)], end: null, nextCursor: null };
  isShown = false;
  const list = listOf({ view: 'unread' });
  expect([idsOf(list), list.view().status]).toEqual([[], 'error']);
});
