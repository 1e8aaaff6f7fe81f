/**
 * How often one user may ask, so that one who asks without end slows nobody else down. Generous: a page of ours
 * does not come near.
 *
 * Counted in memory, also where there is a Redis: a round trip would cost more than what it guards. Each instance
 * therefore allows as many.
 */
import { env } from '../config/env.ts';
import { processSingleton } from '../config/process-singleton.ts';
import { RateLimiter } from './rate-limit.ts';

const WINDOW_SECONDS = 60;

const limits = processSingleton('user-limits', () => ({
  poll: newLimiter('poll', env.pollLimitPerMinute),
  connect: newLimiter('connect', env.connectLimitPerMinute),
  change: newLimiter('change', env.changeLimitPerMinute),
}));

const SENTENCES = {
  poll: 'You may ask for your inbox',
  connect: 'You may open a stream',
  change: 'You may change your inbox',
} as const;

/**
 * Counts one request of a user: `poll` reads a page of the inbox, `connect` asks for a stream, `change` dismisses
 * or clears.
 *
 * @throws BelfryError `too_many_requests` with `retryAfterSeconds`; a refused request does not lengthen the wait.
 */
export async function limitRequests(kind: keyof typeof limits, userId: number): Promise<void> {
  const limiter = limits[kind];
  await limiter.consumeOrRefuse(
    String(userId),
    (seconds) => `${SENTENCES[kind]} ${limiter.points} times a minute. Wait ${seconds} s, then try again.`,
  );
}

function newLimiter(name: string, points: number): RateLimiter {
  return new RateLimiter({ name, points, seconds: WINDOW_SECONDS });
}
