import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startToastTime } from '@/lib/belfry/client/toast-time.ts';

const SECOND = 1_000;

let isHeld: boolean;
let listeners: Set<() => void>;
const onEnd = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  onEnd.mockClear();
  isHeld = false;
  listeners = new Set();
});

afterEach(() => {
  vi.useRealTimers();
});

function start(lastsMs = 8 * SECOND): () => void {
  return startToastTime({
    lastsMs,
    isHeld: () => isHeld,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onEnd,
  });
}

function hold(held: boolean): void {
  isHeld = held;
  for (const listener of listeners) listener();
}

test('a toast leaves after its time, once', () => {
  start();
  vi.advanceTimersByTime(7_999);
  expect(onEnd).not.toHaveBeenCalled();
  vi.advanceTimersByTime(60 * SECOND);
  hold(true);
  hold(false);
  vi.advanceTimersByTime(60 * SECOND);
  expect(onEnd).toHaveBeenCalledTimes(1);
});

test('time stands still while somebody is at it, and goes on from there', () => {
  start();
  vi.advanceTimersByTime(3 * SECOND);
  hold(true);
  vi.advanceTimersByTime(60 * SECOND);
  // Again for another reason: the pointer, and then the focus.
  hold(true);
  hold(false);
  vi.advanceTimersByTime(4_999);
  expect(onEnd).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onEnd).toHaveBeenCalledTimes(1);
});

test('what came while nobody could see it has all of its time left', () => {
  isHeld = true;
  start();
  vi.advanceTimersByTime(3_600 * SECOND);
  hold(false);
  vi.advanceTimersByTime(7_999);
  expect(onEnd).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onEnd).toHaveBeenCalledTimes(1);
});

test('one that was held in its last moment does not go at once', () => {
  start();
  vi.advanceTimersByTime(7_990);
  hold(true);
  hold(false);
  vi.advanceTimersByTime(1_999);
  expect(onEnd).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onEnd).toHaveBeenCalledTimes(1);
});

test('nothing comes after it was stopped', () => {
  const stop = start();
  stop();
  hold(true);
  hold(false);
  vi.advanceTimersByTime(60 * SECOND);
  expect(onEnd).not.toHaveBeenCalled();
  expect(listeners.size).toBe(0);
});
