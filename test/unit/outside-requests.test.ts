import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, test } from 'vitest';
import { outsideRequests } from '@/lib/config/outside-requests.ts';
import { RateLimiter } from '@/lib/http/rate-limit.ts';

const request = new AsyncLocalStorage<string>();

test('what runs outside of requests does not know of the one that is under way', () => {
  request.run('a request', () => {
    expect(outsideRequests(() => request.getStore())).toBeUndefined();
    expect(request.getStore()).toBe('a request');
  });
});

test('the timer of a limit, which lasts as long as its window, does not hold the request that was counted', async () => {
  const { setTimeout } = globalThis;
  const known: (string | undefined)[] = [];
  globalThis.setTimeout = Object.assign((...args: Parameters<typeof setTimeout>) => {
    known.push(request.getStore());
    return setTimeout(...args);
  }, setTimeout);
  try {
    const limiter = new RateLimiter({ name: 'connect', points: 2, seconds: 60 });
    await request.run('a request', () => limiter.consume('somebody'));
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  expect(known).toEqual([undefined]);
});
