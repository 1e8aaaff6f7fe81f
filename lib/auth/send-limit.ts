/** How often one sender may send over HTTP. */
import { env } from '../env.ts';
import { BelfryError } from '../errors.ts';
import { processSingleton } from '../process-singleton.ts';
import { RateLimiter } from '../rate-limit.ts';
import { sharedRedis } from '../redis.ts';

const limiter = processSingleton(
  'send-limit',
  () => new RateLimiter({ name: 'send-limit', points: env.sendLimitPerMinute, seconds: 60 }, sharedRedis),
);

/**
 * Counts one send against `senderKey` (such as `user:7` or `token:3`). `SEND_LIMIT_PER_MINUTE` are
 * allowed in each minute that starts with a sender's first send; senders do not affect one another,
 * and a refused send does not lengthen the wait. Instances that share a Redis count together.
 *
 * @throws BelfryError `too_many_requests` with `retryAfterSeconds`.
 */
export async function consumeSend(senderKey: string): Promise<void> {
  try {
    await limiter.consume(senderKey);
  } catch (refusal) {
    const waitMs = waitOf(refusal);
    if (waitMs === null) throw refusal;
    const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
    throw new BelfryError(
      'too_many_requests',
      `You may send ${env.sendLimitPerMinute} notices a minute. Wait ${retryAfterSeconds} s, then send again.`,
      { retryAfterSeconds },
    );
  }
}

// The library rejects with the state of the key, and with an Error only when its store failed. Not
// `instanceof`: Next loads the library more than once in one process.
function waitOf(refusal: unknown): number | null {
  if (typeof refusal !== 'object' || refusal === null || !('msBeforeNext' in refusal)) return null;
  return typeof refusal.msBeforeNext === 'number' ? refusal.msBeforeNext : null;
}
