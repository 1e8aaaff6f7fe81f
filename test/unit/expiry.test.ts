import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Expiry, watchExpiry } from '@/lib/belfry/client/expiry.ts';
import { createServerClock, type ServerClock } from '@/lib/belfry/client/server-clock.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const NOW = Date.UTC(2030, 0, 1);
// The page asks within this after something expired.
const CHECKED_WITHIN_MS = 1_500;

let clock: ServerClock;
let next: number | null;
let expired: number[];
let checks: number;
let expiry: Expiry;

beforeEach(() => {
  vi.useFakeTimers();
  clock = createServerClock();
  tell(NOW);
  next = null;
  expired = [];
  checks = 0;
  expiry = watchExpiry({
    clock,
    next: () => next,
    onExpired() {
      expired.push(clock.now());
      next = null;
    },
    onCheck: () => {
      checks += 1;
    },
  });
});

afterEach(() => {
  expiry.close();
  vi.useRealTimers();
});

function tell(time: number): void {
  clock.note(new Date(time).toISOString());
}

function expireAt(time: number | null): void {
  next = time;
  expiry.update();
}

test('it says so at the very millisecond, once, and asks the server a little later', () => {
  expireAt(NOW + 60_000);
  vi.advanceTimersByTime(59_999);
  expect(expired).toEqual([]);
  vi.advanceTimersByTime(1);
  expect([expired, checks]).toEqual([[NOW + 60_000], 0]);
  vi.advanceTimersByTime(CHECKED_WITHIN_MS);
  expect([expired.length, checks]).toEqual([1, 1]);
});

test('not everybody asks in the same instant', () => {
  const asked = new Set<number>();
  for (let n = 0; n < 10; n += 1) {
    expireAt(clock.now());
    const before = checks;
    let waited = 0;
    for (; checks === before; waited += 10) vi.advanceTimersByTime(10);
    expect(waited).toBeLessThanOrEqual(CHECKED_WITHIN_MS);
    asked.add(waited);
  }
  expect(asked.size).toBeGreaterThan(3);
});

test('what expires sooner is waited for instead, and nothing when nothing expires', () => {
  expireAt(NOW + HOUR_MS);
  expireAt(NOW + 1_000);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(1_000);
  expect(expired).toEqual([NOW + 1_000]);
  expireAt(NOW + 5_000);
  expireAt(null);
  vi.advanceTimersByTime(HOUR_MS);
  expect(expired).toHaveLength(1);
});

test('a year is not too long for a timer', () => {
  expireAt(NOW + 365 * DAY_MS);
  vi.advanceTimersByTime(365 * DAY_MS - 1);
  expect(expired).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(expired).toHaveLength(1);
});

test.each([3 * HOUR_MS, -3 * HOUR_MS, DAY_MS, -DAY_MS])(
  'a jump of this computer by %i ms moves nothing',
  (jump) => {
    expireAt(NOW + HOUR_MS);
    vi.setSystemTime(Date.now() + jump);
    vi.advanceTimersByTime(HOUR_MS - 1);
    expect(expired).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(expired).toEqual([NOW + HOUR_MS]);
  },
);

test.each([3 * HOUR_MS, DAY_MS])(
  "when the server's clock jumps by %i ms, what has expired by it goes",
  (jump) => {
    expireAt(NOW + HOUR_MS);
    tell(NOW + jump);
    expiry.update();
    expect(expired).toEqual([NOW + jump]);
  },
);

test.each([3 * HOUR_MS, DAY_MS])(
  "when the server's clock is put back by %i ms, it waits as much longer",
  (jump) => {
    expireAt(NOW + HOUR_MS);
    tell(NOW - jump);
    expiry.update();
    vi.advanceTimersByTime(HOUR_MS + jump - 1);
    expect(expired).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(expired).toHaveLength(1);
  },
);

test('several reasons to ask are one, and after the end there is none', () => {
  expireAt(NOW);
  expiry.checkSoon();
  vi.advanceTimersByTime(CHECKED_WITHIN_MS);
  expect(checks).toBe(1);
  expireAt(NOW + HOUR_MS);
  expiry.checkSoon();
  expiry.close();
  vi.advanceTimersByTime(2 * HOUR_MS);
  expect([expired.length, checks, vi.getTimerCount()]).toEqual([1, 1, 0]);
});
