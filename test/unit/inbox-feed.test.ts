import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EventConnectionOptions } from '@/components/notifications/event-connection.ts';
import { connectInbox } from '@/components/notifications/inbox-feed.ts';
import {
  EMPTY_INBOX,
  type InboxState,
  listEvents,
  type NotificationEvent,
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
vi.mock('@/components/notifications/toast-queue.ts', () => ({ announceToasts }));
vi.mock('@/components/notifications/toast-tab.ts', () => ({
  competeForToasts: () => ({ isOurs: () => true, close() {} }),
}));
vi.mock('@/components/notifications/toasts.tsx', () => ({ clearToasts() {}, dismissToast() {} }));

const NOW = '2026-01-01T00:00:00.000Z';

let state: InboxState;
let changes: number;
let close: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  state = EMPTY_INBOX;
  const feed = connectInbox({
    userId: 1,
    eventTypes: ['SystemNotification'],
    read: () => state,
    change: (next) => {
      state = next(state);
      changes += 1;
    },
    revalidate() {},
    onState() {},
    listeners: new Map(),
  });
  close = feed.close;
  receive('inbox', totals({ backlog: 0 }));
  changes = 0;
  announceToasts.mockClear();
});

afterEach(() => {
  close();
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
  close();
  vi.advanceTimersByTime(100);
  expect(ids()).toEqual([1]);
});

function receive(eventType: string, data: unknown) {
  stream.options?.onEvent(eventType, data);
}

function arrive(id: number) {
  receive('SystemNotification', {
    id,
    eventType: 'SystemNotification',
    priority: 'NORMAL',
    createdAt: NOW,
    expiresAt: null,
    targetUserId: 1,
    payload: { title: `Number ${id}`, message: '' },
    isRecovered: false,
  } satisfies NotificationEvent);
}

function totals(more: object) {
  return { unreadTotal: 0, asOf: 0, revision: 0, readAt: NOW, nextExpiresAt: null, ...more };
}

const ids = () => listEvents(state).map(({ id }) => id);
const announced = () => announceToasts.mock.calls.flatMap(([events]) => events.map(({ id }) => id));
