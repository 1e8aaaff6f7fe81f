/** One of two instances is killed under load: the other serves its clients. */
import { countDelivery } from './delivery.ts';
import { type Fault, largest, Verdict } from './fault.ts';
import { expectDelivered, openStreams, targetAmong, withInstances } from './instances.ts';
import { beginSending } from './sending.ts';
import { comesTrue } from './waiting.ts';

const USERS = 20;
const STREAMS_EACH = 10;
const SENDS = 1_000;
const AT_ONCE = 8;
const SERVED_LIMIT_MS = 10_000;

export const instanceKilled: Fault = {
  name: 'instance-killed',
  breaks: `kill -9 of one of two instances with ${(USERS * STREAMS_EACH) / 2} streams, under load`,
  bound: 'its clients are served by the other one within 10 s; 0 lost, 0 shown twice',
  runs: 'alone',
  limitSeconds: { short: 120, full: 120 },
  dependsOnStreamPath: false,
  take: (circumstances) =>
    withInstances({ ...circumstances, users: USERS }, async (instances) => {
      const verdict = new Verdict();
      const { clients, addressees } = await openStreams(instances, { users: USERS, each: STREAMS_EACH });
      const sending = beginSending(instances, {
        count: SENDS,
        atOnce: AT_ONCE,
        everyMs: 60,
        targetOf: targetAmong(USERS),
      });
      await comesTrue(() => sending.acknowledged.length > SENDS / 3, 30_000);
      const since = performance.now();
      await instances.all[0].server.stop('SIGKILL');
      await comesTrue(() => clients.some(({ isOpen }) => !isOpen), 2_000);
      const areBack = await comesTrue(() => clients.every(({ isOpen }) => isOpen), SERVED_LIMIT_MS * 2);
      const opened = clients.map(({ openedAt }) => openedAt.at(-1) ?? 0).filter((at) => at > since);
      const servedSeconds = (largest(opened) - since) / 1_000;
      verdict.expect(opened.length > 0, 'No client was on the instance that was killed.');
      verdict.expect(areBack, 'Some clients did not come back.');
      verdict.expectWithin(
        servedSeconds < 10,
        `The last client was served after ${servedSeconds.toFixed(1)} s.`,
      );
      await sending.done;
      expectDelivered(verdict, {
        ...(await countDelivery(instances, sending.acknowledged, addressees, 20_000)),
      });
      for (const client of clients) client.close();
      return verdict.finding(
        `${opened.length} clients served by the other within ${servedSeconds.toFixed(1)} s; 0 of ${sending.acknowledged.length} lost, 0 twice`,
      );
    }),
};
