/** `kill -9` in the middle of a burst, again and again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { withBelfry } from './belfry.ts';
import { openClients } from './client.ts';
import { countDelivery } from './delivery.ts';
import { type Fault, largest, Verdict } from './fault.ts';
import { beginSending } from './sending.ts';
import { comesTrue, range } from './waiting.ts';

const FULL = { kills: 20, sends: 10_000 };
const SHORT = { kills: 3, sends: 900 };
const USERS = 20;
const AT_ONCE = 16;
// One in so many goes to everybody, the others to one user each.
const GLOBAL_EVERY = 25;
const ARRIVE_LIMIT_MS = 45_000;

export const killed: Fault = {
  name: 'killed',
  breaks: `kill -9 in mid-burst: ${FULL.kills} times in ${FULL.sends} acknowledged sends (short: ${SHORT.kills} in ${SHORT.sends})`,
  bound: '0 acknowledged lost, 0 rows doubled, 0 shown twice, 0 carried twice by one connection, no repair',
  runs: 'alone',
  limitSeconds: { short: 120, full: 600 },
  dependsOnStreamPath: true,
  take: (circumstances) =>
    withBelfry({ ...circumstances, users: USERS }, async (belfry) => {
      const { kills, sends } = circumstances.short ? SHORT : FULL;
      const verdict = new Verdict();
      const userIds = range(USERS).map((index) => index + 1);
      const clients = await openClients(belfry, userIds);
      await comesTrue(() => clients.every(({ isOpen }) => isOpen), 20_000);

      const sending = beginSending(belfry, {
        count: sends,
        atOnce: AT_ONCE,
        targetOf: (index) => (index % GLOBAL_EVERY === 0 ? null : (index % USERS) + 1),
      });
      const startSeconds: number[] = [];
      const lossesSeen: number[] = [];
      for (let kill = 1; kill <= kills; kill += 1) {
        const enough = Math.floor((sends * kill) / (kills + 1));
        await comesTrue(() => sending.acknowledged.length >= enough, 60_000);
        // Not always at the same point of a send.
        await sleep(Math.random() * 5);
        await belfry.server.stop('SIGKILL');
        const stored = new Set(
          (belfry.sql('SELECT id FROM belfry_event') as { id: number }[]).map(({ id }) => id),
        );
        lossesSeen.push(sending.acknowledged.filter(({ id }) => !stored.has(id)).length);
        const since = performance.now();
        await belfry.server.start();
        startSeconds.push((performance.now() - since) / 1_000);
      }
      await sending.done;

      const addressees = clients.map((client, index) => ({ userId: index + 1, client }));
      const delivery = await countDelivery(belfry, sending.acknowledged, addressees, ARRIVE_LIMIT_MS);
      const { lostRows, doubledRows, unseen, announcedTwice, carriedTwice } = delivery;
      verdict.expect(sending.acknowledged.length === sends, `${sending.acknowledged.length} acknowledged.`);
      verdict.expect(sending.retried > 0, 'No kill met a send, so nothing was tried.');
      verdict.expect(
        largest(lossesSeen) === 0,
        `After a kill ${largest(lossesSeen)} acknowledged were gone.`,
      );
      verdict.expect(lostRows === 0, `${lostRows} acknowledged rows are lost.`);
      verdict.expect(doubledRows === 0, `${doubledRows} rows are there twice.`);
      verdict.expect(unseen === 0, `${unseen} are missing on a screen.`);
      verdict.expect(announcedTwice === 0, `${announcedTwice} were shown twice.`);
      verdict.expect(carriedTwice === 0, `${carriedTwice} came twice on one connection.`);
      const integrity = belfry.sql('PRAGMA integrity_check') as { integrity_check: string }[];
      verdict.expect(integrity[0]?.integrity_check === 'ok', 'The database is damaged.');
      for (const client of clients) client.close();
      return verdict.finding(
        `${kills} kills, ${sends} acknowledged: ${lostRows} lost, ${announcedTwice} shown twice, ${carriedTwice} carried twice; back in ${largest(startSeconds).toFixed(1)} s at most`,
      );
    }),
};
