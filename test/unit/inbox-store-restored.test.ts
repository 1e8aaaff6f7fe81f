/** What the store makes of a database that was put back, step by step; inbox-store-model.test.ts takes random ones. */
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Item } from '@/lib/belfry/client/inbox-model.ts';
import { InboxStore } from '@/lib/belfry/client/inbox-store.ts';
import { RequestError } from '@/lib/belfry/client/requests.ts';
import type { InboxChanges, InboxFrame, InboxPage } from '@/lib/belfry/protocol/item.ts';
import { itemOf } from '../support/items.ts';

const NOW = Date.UTC(2030, 0, 1);

function item(id: number, { title = `Item ${id}`, isRecovered = true } = {}): Item {
  const createdAt = new Date(NOW + (title === `Item ${id}` ? 0 : 1)).toISOString();
  return itemOf(id, { createdAt, title, isRecovered });
}

const live = (id: number, title?: string) => item(id, { ...(title ? { title } : {}), isRecovered: false });

function summary(state: string, inbox: number) {
  return {
    state,
    totals: { unread: inbox, inbox, done: 0, snoozed: 0 },
    unreadTotal: inbox,
    settingsRevision: 0,
    readAt: new Date(NOW).toISOString(),
    nextExpiresAt: null,
  };
}

const changes = (state: string, inbox: number, changed: Item[] = []) => ({
  ...summary(state, inbox),
  changed,
  removed: [],
});
const changesFrame = (...given: Parameters<typeof changes>): InboxFrame => ({
  kind: 'changes',
  ...changes(...given),
});

/** A store, and what it was asked for and has not been answered. */
function createStore() {
  const polls: ((page: InboxPage) => void)[] = [];
  const asked: { since: string; answer: (changes: InboxChanges) => void; refuse: () => void }[] = [];
  const news: string[] = [];
  const behind: string[] = [];
  const store: InboxStore = new InboxStore({
    translate: (key) => key,
    requests: {
      poll: () => new Promise((resolve) => polls.push(resolve)),
      changes: (since) =>
        new Promise((resolve, reject) => {
          asked.push({
            since,
            answer: resolve,
            refuse: () => reject(new RequestError(409, 'Too long ago.')),
          });
        }),
      change: () => Promise.reject(new Error('Nobody changes anything here.')),
      undo: () => Promise.reject(new Error('Nobody changes anything here.')),
    },
    now: () => NOW,
    onChange: () => {},
    onNews: (items) => news.push(...items.map(({ title }) => title)),
    onBehind: () => behind.push(store.position() ?? ''),
  });
  const titles = () => store.look()?.items.map(({ title }) => title);
  return { store, polls, asked, news, behind, titles };
}

/** Long enough for every promise that can go on by itself. */
const settled = () => setTimeout(0);

/** A stream begins with all there is. */
function begin(store: InboxStore, state: string, items: Item[], nextCursor: string | null = null): void {
  store.breakStream();
  const frame = { ...summary(state, items.length), count: items.length, pinned: [], nextCursor };
  store.receiveFrame({ kind: 'snapshot', ...frame }, null);
  store.receiveItems(items);
}

test('what came live and the restored back-up lacks is gone, and its id is another item then', () => {
  const { store, news, titles } = createStore();
  begin(store, 'h1.2.0', [item(2), item(1)]);
  store.receiveItems([live(3), live(4)]);
  store.breakStream();
  // The position is in the back-up, so the server goes on from there.
  store.receiveFrame(changesFrame('h2.2.0', 2), 'h1.2.0');
  expect(titles()).toEqual(['Item 2', 'Item 1']);
  expect(store.look()?.totals.unread).toBe(2);
  store.receiveItems([live(3, 'Another')]);
  expect(titles()).toEqual(['Another', 'Item 2', 'Item 1']);
  expect(news).toEqual(['Item 4', 'Item 3', 'Another']);
});

test('what came live is gone as well when its id is somebody else’s by now', () => {
  const { store, titles } = createStore();
  begin(store, 'h1.2.0', [item(2), item(1)]);
  store.receiveItems([live(3)]);
  store.breakStream();
  store.receiveFrame(changesFrame('h2.4.0', 3, [item(4)]), 'h1.2.0');
  expect(titles()).toEqual(['Item 4', 'Item 2', 'Item 1']);
});

test('what came live stays over a restart that lost nothing, and is not announced again', () => {
  const { store, news, titles } = createStore();
  begin(store, 'h1.2.0', [item(2), item(1)]);
  store.receiveItems([live(3)]);
  store.breakStream();
  store.receiveFrame(changesFrame('h2.3.0', 3, [item(3)]), 'h1.2.0');
  expect([titles(), news]).toEqual([['Item 3', 'Item 2', 'Item 1'], ['Item 3']]);
});

test('what comes live while changes are asked for stays, when it is newer than they are', async () => {
  const { store, asked, titles } = createStore();
  begin(store, 'h1.2.0', [item(2), item(1)]);
  const refreshed = store.refresh();
  store.receiveItems([live(3)]);
  asked[0]?.answer({ ...changes('h1.2.0', 2), hasMore: false });
  await refreshed;
  expect(titles()).toEqual(['Item 3', 'Item 2', 'Item 1']);
});

test('what came live before the first snapshot was there is not kept beyond the end of its stream', () => {
  const { store, titles } = createStore();
  store.receiveFrame(
    { kind: 'snapshot', ...summary('h1.2.0', 2), count: 2, pinned: [], nextCursor: null },
    null,
  );
  store.receiveItems([live(3)]);
  begin(store, 'h2.2.0', [item(2), item(1)]);
  expect(titles()).toEqual(['Item 2', 'Item 1']);
});

test('a tab that had come further than the restored back-up asks anew, also when the stream of the leading tab goes on', async () => {
  const { store, asked, polls, behind, titles } = createStore();
  begin(store, 'h1.4.0', [item(4), item(3), item(2), item(1)]);
  store.breakStream();
  // The leading tab was at 2 when it asked.
  store.receiveFrame(changesFrame('h2.2.0', 2), 'h1.2.0');
  expect(behind).not.toEqual([]);
  const refreshed = store.refresh();
  expect(asked[0]?.since).toBe('h1.4.0');
  asked[0]?.refuse();
  await settled();
  polls[0]?.({ ...summary('h2.2.0', 2), notifications: [item(2), item(1)], pinned: [], nextCursor: null });
  await refreshed;
  expect(titles()).toEqual(['Item 2', 'Item 1']);
});

test('a tab that had come further asks anew, also when the restored history has grown beyond it since', () => {
  const { store, behind, titles } = createStore();
  begin(store, 'h1.4.0', [item(4), item(3), item(2), item(1)]);
  store.breakStream();
  // 3 and 4 are somebody else's by now.
  store.receiveFrame(changesFrame('h2.5.0', 3, [item(5)]), 'h1.2.0');
  expect([store.position(), titles()?.[0], behind.length > 0]).toEqual(['h1.4.0', 'Item 4', true]);
});

test('what was asked for before the page came further tells nothing of a history that begins in between', async () => {
  const { store, asked, polls, titles } = createStore();
  begin(store, 'h1.2.0', [item(2), item(1)]);
  const refreshed = store.refresh();
  store.receiveItems([live(3)]);
  store.receiveHeartbeat({ history: 'h1', eventId: 3 });
  // Put back to 2; then 3 was published anew, for somebody else, and 4.
  asked[0]?.answer({ ...changes('h2.4.0', 3, [item(4)]), hasMore: false });
  await settled();
  expect([asked[1]?.since, titles()]).toEqual(['h1.3.0', ['Item 3', 'Item 2', 'Item 1']]);
  asked[1]?.refuse();
  await settled();
  const notifications = [item(4), item(2), item(1)];
  polls[0]?.({ ...summary('h2.4.0', 3), notifications, pinned: [], nextCursor: null });
  await refreshed;
  expect([store.position(), titles()]).toEqual(['h2.4.0', ['Item 4', 'Item 2', 'Item 1']]);
});

test('what the other history gave an id of ours again, while its page was on its way, is asked for', async () => {
  const { store, asked, polls, titles } = createStore();
  begin(store, 'h1.2.0', [item(2), item(1)]);
  store.breakStream();
  // An empty database was put back. The leading tab knew of it when it asked.
  store.receiveFrame(changesFrame('h2.0.0', 0), 'h2.0.0');
  store.doubt();
  const refreshed = store.refresh();
  store.receiveItems([live(1, 'Another')]);
  polls[0]?.({ ...summary('h2.0.0', 0), notifications: [], pinned: [], nextCursor: null });
  await settled();
  asked[0]?.answer({ ...changes('h2.1.0', 1, [item(1, { title: 'Another' })]), hasMore: false });
  await refreshed;
  expect([store.position(), titles()]).toEqual(['h2.1.0', ['Another']]);
});

test('an older page that a change was made before is read again once that is stated', async () => {
  const { store, asked, polls, titles } = createStore();
  begin(store, 'h1.4.0', [item(4), item(3)], '3');
  const loaded = store.loadMore();
  // Somebody has dismissed 2, and here that is not known yet; it may be taken back by a restore.
  polls[0]?.({ ...summary('h1.4.1', 3), notifications: [item(1)], pinned: [], nextCursor: null });
  await settled();
  expect(asked[0]?.since).toBe('h1.4.0');
  asked[0]?.answer({ ...changes('h2.4.0', 4), hasMore: false });
  await settled();
  polls[1]?.({ ...summary('h2.4.0', 4), notifications: [item(2), item(1)], pinned: [], nextCursor: null });
  await loaded;
  expect(titles()).toEqual(['Item 4', 'Item 3', 'Item 2', 'Item 1']);
});
