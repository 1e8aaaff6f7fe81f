import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { EventConnectionOptions } from '@/components/notifications/event-connection.ts';
import { connectInbox, type InboxFeed, type Listeners } from '@/components/notifications/inbox-feed.ts';
import {
  applyPage,
  EMPTY_INBOX,
  type InboxState,
  listEvents,
  type NotificationEvent,
  unreadTotal,
} from '@/components/notifications/inbox-state.ts';

const { announceToasts, stream } = vi.hoisted(() => ({
  announceToasts: vi.fn<(events: NotificationEvent[], count: number) => void>(),
  stream: { options: null as EventConnectionOptions | null },
}));
vi.mock('@/components/notifications/shared-connection.ts', () => ({
  openSharedConnection(options: EventConnectionOptions) {
    stream.options = options;
    return { share() {}, close() {} };
  },
}));
vi.mock('@/components/notifications/toast-queue.ts', () => ({ announceToasts, withdrawToastsThrough() {} }));
vi.mock('@/components/notifications/toast-tab.ts', () => ({
  competeForToasts: () => ({ isOurs: () => true, close() {} }),
}));

const NOW = '2026-01-01T00:00:00.000Z';

let state: InboxState;
let changes: number;
let feed: InboxFeed;
let listeners: Listeners;
let revalidate: ReturnType<typeof vi.fn<() => void>>;
let onState: ReturnType<typeof vi.fn<(state: string) => void>>;

beforeEach(() => {
  vi.useFakeTimers();
  state = EMPTY_INBOX;
  listeners = new Map();
  revalidate = vi.fn();
  onState = vi.fn();
  feed = connectInbox({
    userKey: '1-a',
    eventTypes: ['SystemNotification'],
    read: () => state,
    change: (next) => {
      state = next(state);
      changes += 1;
    },
    revalidate,
    onState,
    listeners,
  });
  receive('inbox', totals({ backlog: 0 }));
  changes = 0;
  announceToasts.mockClear();
});

afterEach(() => {
  feed.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('a notification that comes alone is there at once', () => {
  arrive(1);
  expect(ids()).toEqual([1]);
  expect(announced()).toEqual([1]);
});

test('a hundred that follow each other at once are there after a tenth of a second, with two changes', () => {
  for (let id = 1; id <= 100; id++) arrive(id);
  expect(ids()).toEqual([1]);
  vi.advanceTimersByTime(100);
  expect(ids()).toHaveLength(100);
  expect(announced()).toHaveLength(100);
  expect(changes).toBe(2);
});

test('one that comes twice, in one burst or in two, is announced once', () => {
  for (const id of [1, 2, 2, 1]) arrive(id);
  vi.advanceTimersByTime(100);
  arrive(2);
  vi.advanceTimersByTime(100);
  expect(ids()).toEqual([2, 1]);
  expect(announced()).toEqual([1, 2]);
});

test('what is dismissed while it waits to be shown is not shown afterwards', () => {
  arrive(1);
  arrive(2);
  receive('inbox', totals({ unreadTotal: 1, asOf: 2, revision: 1, dismissed: [2] }));
  vi.advanceTimersByTime(100);
  expect(ids()).toEqual([1]);
});

test('nothing changes any more once the feed is closed', () => {
  arrive(1);
  arrive(2);
  feed.close();
  vi.advanceTimersByTime(100);
  expect(ids()).toEqual([1]);
});

test('a stream that ends with its session says so at once, without a request that could only be refused', () => {
  receive('session-ended', {});
  expect(onState).toHaveBeenLastCalledWith('signed-out');
  expect(revalidate).not.toHaveBeenCalled();
});

test('a listener that fails costs neither the inbox nor the other listeners the event', () => {
  const reported = vi.fn();
  vi.stubGlobal('reportError', reported);
  const failure = new Error('A page of somebody else.');
  const heard: unknown[] = [];
  const fails = () => {
    throw failure;
  };
  listeners.set('SystemNotification', new Set([fails, (payload: unknown) => heard.push(payload)]));
  arrive(1);
  expect(ids()).toEqual([1]);
  expect(heard).toHaveLength(1);
  expect(reported).toHaveBeenCalledExactlyOnceWith(failure);
});

test('while nobody says how the stream is, polling begins after three seconds', () => {
  stream.options?.onState('connecting');
  vi.advanceTimersByTime(2_999);
  expect(onState).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onState.mock.calls).toEqual([['down']]);
  expect(revalidate).toHaveBeenCalledTimes(1);
});

test('what was missed is announced when the stream is back, also when the backlog brings some of it twice', () => {
  receive('inbox', totals({ unreadTotal: 3, asOf: 3, backlog: 3 }));
  for (const id of [3, 3, 2]) recover(id);
  expect(announced()).toEqual([]);
  recover(1);
  expect(ids()).toEqual([3, 2, 1]);
  expect(announceToasts.mock.calls.map(([, count]) => count)).toEqual([3]);
});

describe('when the backlog leaves out what was missed, behind many that are more urgent', () => {
  beforeEach(() => {
    receive('inbox', totals({ unreadTotal: 4, asOf: 5, backlog: 2 }));
    for (const id of [2, 1]) recover(id);
  });

  test('the page that is read then brings it, and all of it is announced together, each counted once', () => {
    expect(revalidate).toHaveBeenCalledTimes(1);
    expect(announced()).toEqual([]);
    readPage([5, 4], { unreadTotal: 4, asOf: 5, nextCursor: 4 });
    expect(announced().sort()).toEqual([1, 2, 4, 5]);
    expect(announceToasts.mock.calls.map(([, count]) => count)).toEqual([4]);
    readPage([5, 4], { unreadTotal: 4, asOf: 5, nextCursor: 4 });
    expect(announced()).toHaveLength(4);
  });

  test('a page that was asked for before the stream began is not the one that tells of it', () => {
    readPage([4], { unreadTotal: 3, asOf: 4, nextCursor: 4 });
    expect(announced()).toEqual([]);
    readPage([5, 4], { unreadTotal: 4, asOf: 5, nextCursor: 4 });
    expect(announced().sort()).toEqual([1, 2, 4, 5]);
  });

  test('a stream that begins once more before the page came announces the same', () => {
    receive('inbox', totals({ unreadTotal: 4, asOf: 5, backlog: 2 }));
    for (const id of [2, 1]) recover(id);
    readPage([5, 4], { unreadTotal: 4, asOf: 5, nextCursor: 4 });
    expect(announced().sort()).toEqual([1, 2, 4, 5]);
    expect(announceToasts.mock.calls.map(([, count]) => count)).toEqual([4]);
  });

  test('what is dismissed until then is not announced', () => {
    receive('inbox', totals({ unreadTotal: 3, asOf: 5, revision: 1, dismissed: [2] }));
    readPage([5, 4], { unreadTotal: 3, asOf: 5, revision: 1, nextCursor: 4 });
    expect(announced().sort()).toEqual([1, 4, 5]);
  });

  test('what arrives live meanwhile is announced at once, and once', () => {
    arrive(6);
    expect(announced()).toEqual([6]);
    readPage([6, 5, 4], { unreadTotal: 5, asOf: 6, nextCursor: 4 });
    expect(announced().sort()).toEqual([1, 2, 4, 5, 6]);
    expect(unreadTotal(state)).toBe(5);
  });
});

function receive(eventType: string, data: unknown) {
  stream.options?.onEvent(eventType, data);
}

function arrive(id: number) {
  receive('SystemNotification', notification(id));
}

function recover(id: number) {
  receive('SystemNotification', { ...notification(id), isRecovered: true });
}

function readPage(pageIds: number[], more: { nextCursor: number | null; [total: string]: unknown }) {
  const page = { ...totals(more), nextCursor: more.nextCursor, notifications: pageIds.map(notification) };
  const before = state;
  state = applyPage(state, page, null);
  feed.announcePage(page, before);
}

function notification(id: number): NotificationEvent {
  return {
    id,
    eventType: 'SystemNotification',
    priority: 'NORMAL',
    createdAt: NOW,
    expiresAt: null,
    targetUserId: 1,
    payload: { title: `Number ${id}`, message: '' },
    isRecovered: false,
  };
}

function totals(more: object) {
  return { unreadTotal: 0, asOf: 0, revision: 0, readAt: NOW, nextExpiresAt: null, ...more };
}

const ids = () => listEvents(state).map(({ id }) => id);
const announced = () => announceToasts.mock.calls.flatMap(([events]) => events.map(({ id }) => id));
