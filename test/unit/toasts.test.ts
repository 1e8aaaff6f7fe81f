import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Item } from '@/lib/belfry/client/inbox-model.ts';
import { createToastStack } from '@/lib/belfry/client/toast-stack.ts';
import { createToasts, type Toasts } from '@/lib/belfry/client/toasts.ts';
import { itemOf } from '../support/items.ts';

const stack = {
  ...createToastStack(),
  show: vi.fn<(toast: { id: number }) => void>(),
  count: vi.fn<(more: number) => void>(),
  close: vi.fn<(isGone: (id: number) => boolean) => void>(),
  closeCounted: vi.fn<() => void>(),
};
const clock = { note: () => false, now: () => Date.UTC(2030, 0, 1) };
let toasts: Toasts;

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  toasts = createToasts(stack, clock);
});

afterEach(() => {
  vi.useRealTimers();
});

function arrival(id: number, priority: Item['priority'] = 'NORMAL'): Item {
  return itemOf(id, { priority, isRecovered: false });
}

const arrivals = (...ids: number[]) => ids.map((id) => arrival(id));
const shownIds = () => stack.show.mock.calls.map(([event]) => event.id);
const summarised = () => stack.count.mock.calls.reduce((sum, [count]) => sum + count, 0);

test('what comes alone is shown at once', () => {
  toasts.announce(arrivals(1));
  expect(shownIds()).toEqual([1]);
});

test('nothing shows nothing', () => {
  toasts.announce([]);
  vi.advanceTimersByTime(5_000);
  expect(stack.show).not.toHaveBeenCalled();
  expect(stack.count).not.toHaveBeenCalled();
});

test('three at once are three toasts; of more, the most urgent two and a summary that counts the rest', () => {
  toasts.announce(arrivals(1, 2, 3));
  expect(shownIds().sort()).toEqual([1, 2, 3]);
  vi.advanceTimersByTime(5_000);
  stack.show.mockClear();
  toasts.announce([arrival(4), arrival(5, 'CRITICAL'), arrival(6, 'LOW'), arrival(7, 'HIGH')]);
  expect(shownIds()).toEqual([5, 7]);
  expect(stack.count.mock.calls).toEqual([[2]]);
});

test('a flood of single arrivals never shows more than three toasts in one second', () => {
  for (let id = 1; id <= 100; id += 1) toasts.announce(arrivals(id));
  expect(stack.show.mock.calls.length + stack.count.mock.calls.length).toBeLessThanOrEqual(3);
  vi.advanceTimersByTime(1_000);
  expect(stack.show.mock.calls.length + stack.count.mock.calls.length).toBeLessThanOrEqual(6);
});

test('every arrival of a flood is either shown or counted, each once', () => {
  for (let id = 1; id <= 100; id += 1) {
    toasts.announce(arrivals(id));
    vi.advanceTimersByTime(37);
  }
  vi.advanceTimersByTime(10_000);
  expect(new Set(shownIds()).size).toBe(shownIds().length);
  expect(shownIds().length + summarised()).toBe(100);
});

test('a critical notice in the middle of a flood is shown, not only counted', () => {
  for (let id = 1; id <= 20; id += 1) toasts.announce(arrivals(id));
  toasts.announce([arrival(21, 'CRITICAL')]);
  for (let id = 22; id <= 40; id += 1) toasts.announce(arrivals(id));
  vi.advanceTimersByTime(10_000);
  expect(shownIds()).toContain(21);
});

test('after a quiet second the next arrival is shown at once again', () => {
  toasts.announce(arrivals(1, 2, 3, 4, 5));
  vi.advanceTimersByTime(2_000);
  stack.show.mockClear();
  toasts.announce(arrivals(6));
  expect(shownIds()).toEqual([6]);
});

test('what is dismissed while it waits is neither shown nor counted', () => {
  for (let id = 1; id <= 10; id += 1) toasts.announce(arrivals(id));
  expect(shownIds()).toEqual([1, 2, 3]);
  toasts.withdraw([2, 5, 6, 7]);
  vi.advanceTimersByTime(5_000);
  expect(shownIds()).toEqual([1, 2, 3, 10, 9]);
  expect(stack.count.mock.calls).toEqual([[2]]);
});

test('what is cleared while it waits does not show, and takes the summary with it', () => {
  for (let id = 1; id <= 10; id += 1) toasts.announce(arrivals(id));
  toasts.withdrawThrough(Number.POSITIVE_INFINITY);
  expect(stack.closeCounted).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(5_000);
  expect(shownIds()).toEqual([1, 2, 3]);
  expect(summarised()).toBe(0);
  toasts.announce(arrivals(11));
  expect(shownIds()).toContain(11);
});

test('what is on the screen goes with what waits', () => {
  toasts.announce(arrivals(1, 2));
  toasts.withdraw([2]);
  const isGone = stack.close.mock.lastCall?.[0];
  expect([1, 2].map((id) => isGone?.(id))).toEqual([false, true]);
});

test("what expired by the server's clock while it waited is neither shown nor counted", () => {
  const expired = { ...arrival(5), expiresAt: '2029-12-31T23:59:59.999Z' };
  toasts.announce([...arrivals(1, 2, 3), expired]);
  expect(shownIds().sort()).toEqual([1, 2, 3]);
  expect(summarised()).toBe(0);
});

test('several of one group are one toast, and no flood', () => {
  const comment = (id: number) => itemOf(id, { groupKey: 'post:7', isRecovered: false });
  toasts.announce([arrival(1), comment(2), comment(3), comment(4), comment(5), arrival(6)]);
  expect(shownIds().sort()).toEqual([1, 5, 6]);
  expect(summarised()).toBe(0);
  // One after the other, until the window has no room: then the newest, once.
  for (let id = 7; id <= 20; id += 1) toasts.announce([comment(id)]);
  vi.advanceTimersByTime(5_000);
  expect(shownIds().at(-1)).toBe(20);
  expect(shownIds()).toHaveLength(4);
  expect(summarised()).toBe(0);
});

test('of what is not at hand the summary counts what there is beside the toast of a group', () => {
  const comment = (id: number) => itemOf(id, { groupKey: 'post:7' });
  toasts.announce([arrival(1), comment(2), comment(3)], 10);
  expect(shownIds().sort()).toEqual([1, 3]);
  expect(summarised()).toBe(7);
});
