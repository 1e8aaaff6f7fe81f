import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createServerClock, type ServerClock } from '@/lib/belfry/client/server-clock.ts';

const HOUR_MS = 60 * 60_000;
const JUMPS = [3 * HOUR_MS, -3 * HOUR_MS, 24 * HOUR_MS, -24 * HOUR_MS];
const TOLD = Date.UTC(2030, 0, 1);

let clock: ServerClock;

beforeEach(() => {
  vi.useFakeTimers();
  clock = createServerClock();
});

afterEach(() => {
  vi.useRealTimers();
});

const tell = (time: number) => clock.note(new Date(time).toISOString());

test('it goes on from what the server told last, and believes this computer only until then', () => {
  expect(clock.now()).toBe(performance.timeOrigin + performance.now());
  expect(tell(TOLD)).toBe(false);
  vi.advanceTimersByTime(5_000);
  expect(clock.now()).toBe(TOLD + 5_000);
  expect(tell(TOLD + 7_000)).toBe(false);
  expect(clock.now()).toBe(TOLD + 7_000);
});

test.each(JUMPS)('a jump of this computer by %i ms changes nothing', (jump) => {
  tell(TOLD);
  vi.setSystemTime(Date.now() + jump);
  vi.advanceTimersByTime(1_000);
  expect(clock.now()).toBe(TOLD + 1_000);
});

test.each(JUMPS)("it follows the server's own jump by %i ms, and says when that went back", (jump) => {
  tell(TOLD);
  vi.advanceTimersByTime(1_000);
  expect(tell(TOLD + 1_000 + jump)).toBe(jump < 0);
  expect(clock.now()).toBe(TOLD + 1_000 + jump);
  // Once: from here on it is the time.
  expect(tell(TOLD + 2_000 + jump)).toBe(false);
});

test('an answer that was long under way, and another instance whose clock is slow, put nothing back', () => {
  tell(TOLD);
  expect(tell(TOLD - 20_000)).toBe(false);
});

test('what is no time is not believed', () => {
  tell(TOLD);
  expect(clock.note('soon')).toBe(false);
  expect(clock.now()).toBe(TOLD);
});
