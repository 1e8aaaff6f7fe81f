/** SIGTERM with a thousand streams open and sends under way, and the next start. */
import { withBelfry } from './belfry.ts';
import { openClients } from './client.ts';
import { countDelivery } from './delivery.ts';
import { type Fault, largest, Verdict } from './fault.ts';
import { beginSending } from './sending.ts';
import { comesTrue, range } from './waiting.ts';

const STREAMS = 1_000;
const SENDS = 1_000;
const AT_ONCE = 8;
// The default limit of streams a user holds.
const STREAMS_EACH = 10;
const USERS = STREAMS / STREAMS_EACH;
const OPEN_LIMIT_MS = 60_000;
const EXIT_LIMIT_MS = 5_000;
const BACK_LIMIT_MS = 10_000;
// Fewer different pauses than this would be a crowd at the door.
const FEWEST_PAUSES = STREAMS / 5;

export const stopped: Fault = {
  name: 'stopped',
  breaks: `SIGTERM with ${STREAMS} streams, ${SENDS} sends during and after it, then a start`,
  bound:
    'exit in under 5 s with code 0, every client told to come back with jitter, all back within 10 s of the start, 0 lost',
  runs: 'alone',
  limitSeconds: { short: 150, full: 200 },
  dependsOnStreamPath: true,
  take: (circumstances) =>
    withBelfry({ ...circumstances, users: USERS }, async (belfry) => {
      const verdict = new Verdict();
      const userIds = range(STREAMS).map((index) => (index % USERS) + 1);
      const clients = await openClients(belfry, userIds);
      const allOpen = () => clients.every(({ isOpen }) => isOpen);
      verdict.expect(await comesTrue(allOpen, OPEN_LIMIT_MS), 'Not all streams were opened.');
      await belfry.streamsBecome(STREAMS);

      const sending = beginSending(belfry, {
        count: SENDS,
        atOnce: AT_ONCE,
        targetOf: (index) => (index % USERS) + 1,
      });
      await comesTrue(() => sending.acknowledged.length >= SENDS / 4, OPEN_LIMIT_MS);
      const stop = await belfry.server.stop('SIGTERM');
      const acknowledgedBefore = sending.acknowledged.length;
      verdict.expectWithin(
        stop.milliseconds < EXIT_LIMIT_MS,
        `The exit took ${stop.milliseconds.toFixed(0)} ms.`,
      );
      verdict.expect(stop.code === 0, `The exit code was ${stop.code}.`);
      // What the server wrote last may still be on its way to us.
      const told = () => clients.filter(({ comeBackMs }) => comeBackMs.length > 0);
      await comesTrue(() => told().length === STREAMS, 2_000);
      const pauses = told().map(({ comeBackMs }) => comeBackMs[0] ?? 0);
      verdict.expect(pauses.length === STREAMS, `${pauses.length} clients were told to come back.`);
      verdict.expect(
        new Set(pauses).size >= FEWEST_PAUSES,
        `There were ${new Set(pauses).size} pauses only.`,
      );

      await belfry.server.start();
      const since = performance.now();
      verdict.expectWithin(await comesTrue(allOpen, BACK_LIMIT_MS), 'Not all were back within 10 s.');
      const backSeconds = (performance.now() - since) / 1_000;
      await sending.done;
      verdict.expect(acknowledgedBefore < SENDS, 'All sends were over before the stop.');

      const addressees = clients.map((client, index) => ({ userId: userIds[index] ?? 0, client }));
      const delivery = await countDelivery(belfry, sending.acknowledged, addressees, BACK_LIMIT_MS);
      const { lostRows, doubledRows, unseen, announcedTwice, carriedTwice } = delivery;
      verdict.expect(lostRows + unseen === 0, `${lostRows} rows are lost, ${unseen} missing on a screen.`);
      verdict.expect(doubledRows === 0, `${doubledRows} rows are there twice.`);
      verdict.expect(announcedTwice === 0, `${announcedTwice} were shown twice.`);
      verdict.expect(carriedTwice === 0, `${carriedTwice} came twice on one connection.`);
      for (const client of clients) client.close();
      return verdict.finding(
        `exit in ${stop.milliseconds.toFixed(0)} ms; ${pauses.length} told, ${Math.min(...pauses)} to ${largest(pauses)} ms; all back in ${backSeconds.toFixed(1)} s; ${lostRows + unseen} lost of ${SENDS}`,
      );
    }),
};
