/** PostgreSQL is away for a while in the middle of things, in one way or another, and comes back. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresqlServer } from '../support/postgresql.ts';
import { countDelivery } from './delivery.ts';
import { type Circumstances, type Fault, type Finding, Verdict } from './fault.ts';
import { expectDelivered, openStreams, targetAmong, withInstances } from './instances.ts';
import type { Outage } from './outage.ts';
import { beginSending } from './sending.ts';
import { comesTrue } from './waiting.ts';

const USERS = 20;
const STREAMS_EACH = 4;
const AT_ONCE = 4;
const SENDS_EACH_SECOND = 40;
const BACK_LIMIT_MS = 5_000;
const HEARTBEATS = 1;

export interface PostgresqlOutage extends Outage<PostgresqlServer> {
  /** For longer than a heartbeat takes to come. */
  awaySeconds: { short: number; full: number };
  /** No answer to a send may take longer. */
  answerLimitMs: number;
}

export function postgresqlOutage(outage: PostgresqlOutage): Fault {
  return {
    name: outage.name,
    breaks: `PostgreSQL is ${outage.how} for ${outage.awaySeconds.full} s (short: ${outage.awaySeconds.short} s) while notifications are sent through two instances`,
    bound: `streams stay; sends answer 503, each within ${outage.answerLimitMs / 1_000} s; sending works again within 5 s of its return; 0 acknowledged lost, 0 shown twice`,
    runs: 'beside',
    limitSeconds: { short: 150, full: 150 },
    dependsOnStreamPath: false,
    take: (circumstances) => take(outage, circumstances),
  };
}

function take(outage: PostgresqlOutage, circumstances: Circumstances): Promise<Finding> {
  return withInstances({ ...circumstances, users: USERS }, async (instances) => {
    const verdict = new Verdict();
    const { clients, addressees } = await openStreams(instances, { users: USERS, each: STREAMS_EACH });
    const sending = beginSending(instances, {
      count: SENDS_EACH_SECOND * 10,
      atOnce: AT_ONCE,
      everyMs: (AT_ONCE * 1_000) / SENDS_EACH_SECOND,
      targetOf: targetAmong(USERS),
    });
    await comesTrue(() => sending.acknowledged.length > SENDS_EACH_SECOND, 10_000);
    await outage.away(instances.postgresql);
    const acknowledgedBefore = sending.acknowledged.length;
    await sleep(outage.awaySeconds[circumstances.short ? 'short' : 'full'] * 1_000);
    const health = await Promise.all(instances.all.map((instance) => instance.health()));
    verdict.expect(
      health.every(({ status, body }) => status === 503 && body?.status === 'down'),
      'Health does not say that the database is gone.',
    );
    const open = clients.filter(({ isOpen, openedAt }) => isOpen && openedAt.length === 1).length;
    verdict.expect(open === clients.length, `Only ${open} of ${clients.length} streams stayed.`);
    const fewest = Math.min(...clients.map(({ heartbeats }) => heartbeats.length));
    verdict.expect(fewest >= HEARTBEATS, 'The heartbeat stopped.');

    await outage.back(instances.postgresql);
    const since = performance.now();
    const atReturn = sending.acknowledged.length;
    await comesTrue(() => sending.acknowledged.length > atReturn, BACK_LIMIT_MS * 3);
    const backSeconds = (performance.now() - since) / 1_000;
    verdict.expectWithin(
      backSeconds < 5,
      `The first send was acknowledged ${backSeconds.toFixed(1)} s after its return.`,
    );
    await sending.done;
    const others = [...sending.refused].filter(([status]) => status !== 503);
    const refused = sending.refused.get(503) ?? 0;
    verdict.expect(refused > 0, 'No send met the outage, so nothing was tried.');
    verdict.expect(others.length === 0, `Sends were answered with ${others.map(String).join(', ')}.`);
    // One may have been on its way back when the database ended.
    verdict.expect(atReturn - acknowledgedBefore <= AT_ONCE, 'Sends were acknowledged without a database.');
    const longestSeconds = sending.longestMs / 1_000;
    verdict.expectWithin(
      sending.longestMs < outage.answerLimitMs,
      `A send was answered after ${longestSeconds.toFixed(1)} s.`,
    );
    expectDelivered(verdict, {
      ...(await countDelivery(instances, sending.acknowledged, addressees, 15_000)),
    });
    for (const client of clients) client.close();
    return verdict.finding(
      `${open} of ${clients.length} streams stayed; ${refused} sends answered 503, the slowest answer after ${longestSeconds.toFixed(1)} s; sending again after ${backSeconds.toFixed(1)} s; 0 of ${sending.acknowledged.length} acknowledged lost`,
    );
  });
}
