/** Both instances are restarted one after the other, as an upgrade does, under load. */
import { countDelivery } from './delivery.ts';
import { type Fault, largest, Verdict } from './fault.ts';
import { expectDelivered, openStreams, targetAmong, withInstances } from './instances.ts';
import { beginSending } from './sending.ts';
import { comesTrue } from './waiting.ts';

const USERS = 20;
const STREAMS_EACH = 10;
const SENDS = 1_000;
const AT_ONCE = 8;

export const rollingRestart: Fault = {
  name: 'rolling-restart',
  breaks: `SIGTERM and a new start of one instance, then of the other, with ${USERS * STREAMS_EACH} streams and ${SENDS} sends meanwhile`,
  bound: 'each exits in under 5 s with code 0; 0 lost, 0 shown twice',
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
        everyMs: 70,
        targetOf: targetAmong(USERS),
      });
      const exits: number[] = [];
      for (const [index, { server }] of instances.all.entries()) {
        const enough = (SENDS * (index + 1)) / 4;
        await comesTrue(() => sending.acknowledged.length > enough, 30_000);
        const { milliseconds, code } = await server.stop('SIGTERM');
        verdict.expect(code === 0, `An instance exited with ${code}.`);
        exits.push(milliseconds);
        await server.start();
        await comesTrue(() => clients.every(({ isOpen }) => isOpen), 15_000);
      }
      verdict.expectWithin(
        largest(exits) < 5_000,
        `An instance took ${largest(exits).toFixed(0)} ms to exit.`,
      );
      const told = clients.filter(({ comeBackMs }) => comeBackMs.length > 0).length;
      verdict.expect(told >= clients.length / 2, `Only ${told} clients were told to come back.`);
      await sending.done;
      expectDelivered(verdict, {
        ...(await countDelivery(instances, sending.acknowledged, addressees, 20_000)),
      });
      for (const client of clients) client.close();
      return verdict.finding(
        `exits in ${exits.map((exit) => exit.toFixed(0)).join(' and ')} ms; ${told} clients told to come back; 0 of ${sending.acknowledged.length} lost, 0 twice`,
      );
    }),
};
