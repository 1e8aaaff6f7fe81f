import { beforeEach, expect, test, vi } from 'vitest';
import type { NotificationEvent } from '../../components/notifications/inbox-state.ts';

const { closeSummary, closeToasts, showToast, showSummaryToast } = vi.hoisted(() => ({
  closeSummary: vi.fn<() => void>(),
  closeToasts: vi.fn<(isGone: (id: number) => boolean) => void>(),
  showToast: vi.fn<(event: { id: number }) => void>(),
  showSummaryToast: vi.fn<(count: number) => void>(),
}));
vi.mock('../../components/notifications/toast-store.ts', () => ({
  closeSummary,
  closeToasts,
  showToast,
  showSummaryToast,
}));

type ToastQueue = typeof import('../../components/notifications/toast-queue.ts');
let announceToasts: ToastQueue['announceToasts'];
let withdrawToasts: ToastQueue['withdrawToasts'];
let withdrawToastsThrough: ToastQueue['withdrawToastsThrough'];

beforeEach(async () => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  vi.resetModules();
  ({ announceToasts, withdrawToasts, withdrawToastsThrough } = await import(
    '../../components/notifications/toast-queue.ts'
  ));
  return () => vi.useRealTimers();
});

function arrival(id: number, priority: NotificationEvent['priority'] = 'NORMAL'): NotificationEvent {
  return {
    id,
    eventType: 'SystemNotification',
    priority,
    createdAt: '2030-01-01T00:00:00.000Z',
    expiresAt: null,
    targetUserId: null,
    payload: { title: `Title ${id}`, message: 'Message' },
    isRecovered: false,
  };
}

const arrivals = (...ids: number[]) => ids.map((id) => arrival(id));
const shownIds = () => showToast.mock.calls.map(([event]) => event.id);
const summarised = () => showSummaryToast.mock.calls.reduce((sum, [count]) => sum + count, 0);

test('what comes alone is shown at once', () => {
  announceToasts(arrivals(1));
  expect(shownIds()).toEqual([1]);
});

test('nothing shows nothing', () => {
  announceToasts([]);
  vi.advanceTimersByTime(5_000);
  expect(showToast).not.toHaveBeenCalled();
  expect(showSummaryToast).not.toHaveBeenCalled();
});

test('three at once are three toasts; of more, the most urgent two and a summary that counts the rest', () => {
  announceToasts(arrivals(1, 2, 3));
  expect(shownIds().sort()).toEqual([1, 2, 3]);
  vi.advanceTimersByTime(5_000);
  showToast.mockClear();
  announceToasts([arrival(4), arrival(5, 'CRITICAL'), arrival(6, 'LOW'), arrival(7, 'HIGH')]);
  expect(shownIds()).toEqual([5, 7]);
  expect(showSummaryToast.mock.calls).toEqual([[2]]);
});

test('a flood of single arrivals never shows more than three toasts in one second', () => {
  for (let id = 1; id <= 100; id += 1) announceToasts(arrivals(id));
  expect(showToast.mock.calls.length + showSummaryToast.mock.calls.length).toBeLessThanOrEqual(3);
  vi.advanceTimersByTime(1_000);
  expect(showToast.mock.calls.length + showSummaryToast.mock.calls.length).toBeLessThanOrEqual(6);
});

test('every arrival of a flood is either shown or counted, each once', () => {
  for (let id = 1; id <= 100; id += 1) {
    announceToasts(arrivals(id));
    vi.advanceTimersByTime(37);
  }
  vi.advanceTimersByTime(10_000);
  expect(new Set(shownIds()).size).toBe(shownIds().length);
  expect(shownIds().length + summarised()).toBe(100);
});

test('a critical notice in the middle of a flood is shown, not only counted', () => {
  for (let id = 1; id <= 20; id += 1) announceToasts(arrivals(id));
  announceToasts([arrival(21, 'CRITICAL')]);
  for (let id = 22; id <= 40; id += 1) announceToasts(arrivals(id));
  vi.advanceTimersByTime(10_000);
  expect(shownIds()).toContain(21);
});

test('after a quiet second the next arrival is shown at once again', () => {
  announceToasts(arrivals(1, 2, 3, 4, 5));
  vi.advanceTimersByTime(2_000);
  showToast.mockClear();
  announceToasts(arrivals(6));
  expect(shownIds()).toEqual([6]);
});

test('what is dismissed while it waits is neither shown nor counted', () => {
  for (let id = 1; id <= 10; id += 1) announceToasts(arrivals(id));
  expect(shownIds()).toEqual([1, 2, 3]);
  withdrawToasts([2, 5, 6, 7]);
  vi.advanceTimersByTime(5_000);
  expect(shownIds()).toEqual([1, 2, 3, 10, 9]);
  expect(showSummaryToast.mock.calls).toEqual([[2]]);
});

test('what is cleared while it waits does not show, and takes the summary with it', () => {
  for (let id = 1; id <= 10; id += 1) announceToasts(arrivals(id));
  withdrawToastsThrough(Number.POSITIVE_INFINITY);
  expect(closeSummary).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(5_000);
  expect(shownIds()).toEqual([1, 2, 3]);
  expect(summarised()).toBe(0);
  announceToasts(arrivals(11));
  expect(shownIds()).toContain(11);
});

test('what is on the screen goes with what waits', () => {
  announceToasts(arrivals(1, 2));
  withdrawToasts([2]);
  const isGone = closeToasts.mock.lastCall?.[0];
  expect([1, 2].map((id) => isGone?.(id))).toEqual([false, true]);
});
