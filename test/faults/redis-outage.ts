/** Redis is away for a while, in one way or another, while notices are sent through both instances, and comes back. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisServer } from '../support/redis.ts';
import { countDelivery } from './delivery.ts';
import { type Circumstances, type Fault, type Finding, Verdict } from './fault.ts';
import { expectDelivered, openStreams, targetAmong, withInstances } from './instances.ts';
import type { Outage } from './outage.ts';
import { beginSending } from './sending.ts';
import { comesTrue } from './waiting.ts';

const USERS = 20;
const STREAMS_EACH = 4;
const SENDS_EACH_SECOND = 30;
const AT_ONCE = 4;
const AWAY_SECONDS = { short: 16, full: 30 };
const BACK_LIMIT_MS = 10_000;
const ANSWER_LIMIT_MS = 5_000;

export function redisOutage(outage: Outage<RedisServer>): Fault {
  return {
    name: outage.name,
    breaks: `Redis is ${outage.how} for ${AWAY_SECONDS.full} s (short: ${AWAY_SECONDS.short} s) while notifications are sent through two instances`,
    bound: `every send is acknowledged, within ${ANSWER_LIMIT_MS / 1_000} s; all seen within 10 s of its return, 0 twice; health says degraded meanwhile`,
    runs: 'beside',
    limitSeconds: { short: 150, full: 150 },
    dependsOnStreamPath: false,
    take: (circumstances) => take(outage, circumstances),
  };
}

function take(outage: Outage<RedisServer>, circumstances: Circumstances): Promise<Finding> {
  return withInstances({ ...circumstances, users: USERS }, async (instances) => {
    const verdict = new Verdict();
    const { clients, addressees } = await openStreams(instances, { users: USERS, each: STREAMS_EACH });
    const isHealthy = (status: string) => async () =>
      (await Promise.all(instances.all.map(({ health }) => health()))).every(
        (answer) => answer.status === 200 && answer.body?.status === status,
      );
    verdict.expect(await comesTrue(isHealthy('ok'), 10_000), 'The instances did not find each other.');

    const awaySeconds = AWAY_SECONDS[circumstances.short ? 'short' : 'full'];
    const sending = beginSending(instances, {
      // So many that the sends last as long as the outage, and some more.
      count: (awaySeconds + 2) * SENDS_EACH_SECOND,
      atOnce: AT_ONCE,
      everyMs: (AT_ONCE * 1_000) / SENDS_EACH_SECOND,
      targetOf: targetAmong(USERS),
    });
    await sleep(1_000);
    await outage.away(instances.redis);
    verdict.expect(await comesTrue(isHealthy('degraded'), 10_000), 'Health does not say that Redis is gone.');
    await sleep(awaySeconds * 1_000);
    await outage.back(instances.redis);
    const since = performance.now();
    await sending.done;
    const delivery = await countDelivery(instances, sending.acknowledged, addressees, BACK_LIMIT_MS);
    const seenSeconds = (performance.now() - since) / 1_000;
    expectDelivered(verdict, { ...delivery });
    verdict.expect(sending.retried === 0, `${sending.retried} sends were refused.`);
    verdict.expectWithin(
      sending.longestMs < ANSWER_LIMIT_MS,
      `A send was answered after ${(sending.longestMs / 1_000).toFixed(1)} s.`,
    );
    verdict.expectWithin(seenSeconds < 10, `All were seen ${seenSeconds.toFixed(1)} s after its return.`);
    verdict.expect(await comesTrue(isHealthy('ok'), 10_000), 'Health does not say that Redis is back.');
    const reconnects = clients.filter(({ openedAt }) => openedAt.length > 1).length;
    verdict.expect(reconnects === 0, `${reconnects} streams were lost with Redis.`);
    for (const client of clients) client.close();
    return verdict.finding(
      `${sending.acknowledged.length} acknowledged, none refused, the slowest after ${(sending.longestMs / 1_000).toFixed(1)} s; all seen ${seenSeconds.toFixed(1)} s after its return, 0 twice; health degraded meanwhile`,
    );
  });
}
