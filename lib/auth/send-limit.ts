/** How often one sender may send, over HTTP or by the admin form, and ask for the answer to a question. */
import { env } from '../config/env.ts';
import { processSingleton } from '../config/process-singleton.ts';
import { RateLimiter } from '../http/rate-limit.ts';
import { toMessage } from '../language/languages.ts';
import { sharedRedis } from '../redis/redis.ts';

const limiter = processSingleton(
  'send-limit',
  () => new RateLimiter({ name: 'send-limit', points: env.sendLimitPerMinute, seconds: 60 }, sharedRedis),
);

const ANSWERS_PER_MINUTE = 240;
const answerLimiter = processSingleton(
  'answer-limit',
  () => new RateLimiter({ name: 'answer-limit', points: ANSWERS_PER_MINUTE, seconds: 60 }, sharedRedis),
);

/**
 * Counts one send against `senderKey` (such as `user:7` or `token:3`). `SEND_LIMIT_PER_MINUTE` are
 * allowed in each minute that starts with a sender's first send; senders do not affect one another,
 * and a refused send does not lengthen the wait. Instances that share a Redis count together.
 *
 * @throws BelfryError `too_many_requests` with `retryAfterSeconds`.
 */
export async function consumeSend(senderKey: string): Promise<void> {
  const most = env.sendLimitPerMinute;
  await limiter.consumeOrRefuse(senderKey, (seconds) => toMessage('server.send.too-many', { most, seconds }));
}

/** Counts one look for an answer, as `consumeSend` does. */
export async function consumeAnswer(senderKey: string): Promise<void> {
  const most = ANSWERS_PER_MINUTE;
  await answerLimiter.consumeOrRefuse(senderKey, (seconds) =>
    toMessage('server.answer.too-many', { most, seconds }),
  );
}
