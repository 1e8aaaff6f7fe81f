import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { gatherSeen } from '@/lib/belfry/client/seen.ts';
import { itemOf } from '../support/items.ts';

const send = vi.fn<(ids: readonly number[]) => Promise<unknown>>();
const sent = () => send.mock.calls.map(([ids]) => ids);
let seen: ReturnType<typeof gatherSeen>;

beforeEach(() => {
  vi.useFakeTimers();
  send.mockReset().mockResolvedValue({});
  seen = gatherSeen(send);
});

afterEach(() => {
  vi.useRealTimers();
});

test('what is seen within a second is told of together, each once', () => {
  for (const id of [1, 2, 1]) seen.see(itemOf(id));
  vi.advanceTimersByTime(999);
  expect(sent()).toEqual([]);
  seen.see(itemOf(3));
  vi.advanceTimersByTime(1);
  expect(sent()).toEqual([[1, 2, 3]]);
  seen.see(itemOf(2));
  vi.advanceTimersByTime(5_000);
  expect(sent()).toHaveLength(1);
});

test('what the server knows to be seen is not told again', () => {
  seen.see(itemOf(1, { seenAt: '2030-01-01T00:00:00.000Z' }));
  vi.advanceTimersByTime(5_000);
  expect(sent()).toEqual([]);
});

test('whoever scrolls through ten thousand makes a request for each hundred, none larger', () => {
  for (let id = 1; id <= 10_000; id += 1) seen.see(itemOf(id));
  vi.advanceTimersByTime(5_000);
  expect(sent()).toHaveLength(100);
  expect(sent().flat()).toHaveLength(10_000);
  expect(Math.max(...sent().map((ids) => ids.length))).toBe(100);
});

test('a page that goes tells at once what it has, and nothing twice', () => {
  seen.see(itemOf(1));
  seen.flush();
  seen.flush();
  vi.advanceTimersByTime(5_000);
  expect(sent()).toEqual([[1]]);
});

test('what could not be told is told when it is on the screen again', async () => {
  send.mockRejectedValueOnce(new Error('The network is down.'));
  seen.see(itemOf(1));
  await vi.advanceTimersByTimeAsync(1_000);
  seen.see(itemOf(1));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(sent()).toEqual([[1], [1]]);
});

test('in a database that was put back an id may be of another item', () => {
  seen.see(itemOf(1, { createdAt: '2030-01-01T00:00:00.000Z' }));
  seen.flush();
  seen.see(itemOf(1, { createdAt: '2030-01-02T00:00:00.000Z' }));
  seen.flush();
  expect(sent()).toEqual([[1], [1]]);
});
