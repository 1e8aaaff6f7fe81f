/**
 * Counts in windows: in Redis where there is one, so that all instances count together, and in memory
 * otherwise, also while Redis is away.
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { RateLimiterMemory, RateLimiterRedis, type RateLimiterRes } from 'rate-limiter-flexible';
import type { Wording } from '../belfry/language/message.ts';
import { BelfryError } from '../belfry/protocol/errors.ts';
import { outsideRequests } from '../config/outside-requests.ts';
import type { RedisClient, SharedRedis } from '../redis/redis.ts';

// What comes from outside may be long, and there may be many of it.
const LONGEST_KEY = 64;

// Redis answers within a millisecond or two.
const ANSWER_LIMIT_MS = 500;

/** So many points in so many seconds. */
export interface RateLimit {
  /** What is counted; keys of different limits do not meet. */
  name: string;
  /** How many points a key has in a window. */
  points: number;
  /** How long a window lasts; it starts with the first point. */
  seconds: number;
}

/** How much of a limit a key has used. */
export type Usage = Pick<RateLimiterRes, 'consumedPoints' | 'msBeforeNext'>;

/** Counts what a key, a user or an address perhaps, has used of one limit. */
export class RateLimiter {
  readonly points: number;
  readonly #limit: RateLimit;
  readonly #redis: () => SharedRedis | null;
  readonly #memory: RateLimiterMemory;
  readonly #shared = new WeakMap<RedisClient, RateLimiterRedis>();

  /** @param redis Where to count; asked at each use. Default: in memory. */
  constructor(limit: RateLimit, redis: () => SharedRedis | null = () => null) {
    this.points = limit.points;
    this.#limit = limit;
    this.#redis = redis;
    this.#memory = new RateLimiterMemory({
      keyPrefix: limit.name,
      points: limit.points,
      duration: limit.seconds,
    });
  }

  /** Uses one point. Rejects with the `Usage` when the key has none left. */
  consume(key: string): Promise<Usage> {
    return this.#count((counter) => counter.consume(bounded(key)));
  }

  /**
   * Uses one point, or refuses. A refused try does not lengthen the wait.
   *
   * @param sentence What a person is told, with the seconds to wait.
   * @throws BelfryError `too_many_requests` with `retryAfterSeconds`, when the key has no point left.
   */
  async consumeOrRefuse(key: string, sentence: (seconds: number) => Wording): Promise<void> {
    try {
      await this.consume(key);
    } catch (refusal) {
      const waitMs = waitOf(refusal);
      if (waitMs === null) throw refusal;
      const retryAfterSeconds = Math.max(1, Math.ceil(this.#withinWindow(waitMs) / 1_000));
      throw new BelfryError('too_many_requests', sentence(retryAfterSeconds), { retryAfterSeconds });
    }
  }

  /** Uses one point, also beyond the limit. Resolves to what the key has used by then. */
  async penalize(key: string): Promise<Usage> {
    return this.#toUsage(await this.#count((counter) => counter.penalty(bounded(key))));
  }

  /** What the key has used in this window; null when nothing. */
  async usage(key: string): Promise<Usage | null> {
    const state = await this.#count((counter) => counter.get(bounded(key)));
    return state && this.#toUsage(state);
  }

  /** The key has all its points again. */
  async forget(key: string): Promise<void> {
    await this.#count((counter) => counter.delete(bounded(key)));
  }

  #toUsage({ consumedPoints, msBeforeNext }: RateLimiterRes): Usage {
    return { consumedPoints, msBeforeNext: this.#withinWindow(msBeforeNext) };
  }

  /** The library ends windows by a timer, and says how long that is by a clock that may have been put back since. */
  #withinWindow(waitMs: number): number {
    return Math.min(waitMs, this.#limit.seconds * 1_000);
  }

  /** In Redis if it answers, and soon; a Redis that hangs must hold up neither a send nor a sign-in. */
  async #count<T>(work: (counter: RateLimiterMemory | RateLimiterRedis) => Promise<T>): Promise<T> {
    const shared = this.#sharedCounter();
    // The library sets a timer for each key.
    const inMemory = () => outsideRequests(() => work(this.#memory));
    if (!shared) return inMemory();
    const answered = new AbortController();
    const late = sleep(ANSWER_LIMIT_MS, null, { signal: answered.signal }).then(inMemory);
    late.catch(() => {});
    try {
      return await Promise.race([work(shared), late]);
    } finally {
      answered.abort();
    }
  }

  #sharedCounter(): RateLimiterRedis | null {
    const redis = this.#redis();
    const client = redis?.isAnswering() ? redis.connection.client : null;
    if (!redis || !client) return null;
    const shared = this.#shared.get(client) ?? this.#countWith(client, redis.prefix);
    this.#shared.set(client, shared);
    return shared;
  }

  #countWith(client: RedisClient, prefix: string): RateLimiterRedis {
    return new RateLimiterRedis({
      storeClient: client,
      useRedisPackage: true,
      keyPrefix: `${prefix}:${this.#limit.name}`,
      points: this.#limit.points,
      duration: this.#limit.seconds,
      insuranceLimiter: this.#memory,
    });
  }
}

function bounded(key: string): string {
  return key.length <= LONGEST_KEY ? key : createHash('sha256').update(key).digest('base64url');
}

// The library rejects with the state of the key, and with an Error only when its store failed. Not
// `instanceof`: Next loads the library more than once in one process.
function waitOf(refusal: unknown): number | null {
  if (typeof refusal !== 'object' || refusal === null || !('msBeforeNext' in refusal)) return null;
  return typeof refusal.msBeforeNext === 'number' ? refusal.msBeforeNext : null;
}
