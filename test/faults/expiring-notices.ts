/** Notices that expire somewhere between the queue and the screen. */
import { withBelfry } from './belfry.ts';
import { openClients } from './client.ts';
import { type Fault, largest, Verdict } from './fault.ts';
import { comesTrue, inParallel, range } from './waiting.ts';

const COUNT = 1_000;
const AT_ONCE = 16;
const CLIENTS = 6;
// From less than a delivery takes to far more than the pause below.
const SHORTEST_MS = 1;
const SPREAD_MS = 400;

export const expiringNotices: Fault = {
  name: 'expiring-notices',
  breaks: `${COUNT} notifications expire on their way, half of the clients not reading meanwhile`,
  bound: '0 shown after their expiresAt; none in a later backlog or in poll; the badge says 0',
  runs: 'beside',
  limitSeconds: { short: 60, full: 90 },
  dependsOnStreamPath: true,
  take: (circumstances) =>
    withBelfry(circumstances, async (belfry) => {
      const verdict = new Verdict();
      let shown = 0;
      const lateByMs: number[] = [];
      // Server and client are on one machine here, so the machine's clock is the server's.
      const onAnnounced = ({ expiresAt }: { expiresAt: string | null }) => {
        shown += 1;
        const late = expiresAt === null ? 0 : Date.now() - Date.parse(expiresAt);
        if (late > 0) lateByMs.push(late);
      };
      const userIds = range(CLIENTS).map((index) => index + 2);
      const clients = await openClients(belfry, userIds, { onAnnounced });
      verdict.expect(
        await comesTrue(() => clients.every(({ isOpen }) => isOpen), 10_000),
        'Not all clients connected.',
      );
      const sleepers = clients.filter((_, index) => index % 2 === 0);
      for (const client of sleepers) client.pause();
      await inParallel(range(COUNT), AT_ONCE, async (index) => {
        const expiresIn = (SHORTEST_MS + Math.random() * SPREAD_MS) / 1_000;
        const { status, text } = await belfry.send({
          title: 'Gone soon',
          message: `${index}`,
          audience: 'all',
          expiresIn,
        });
        verdict.expect(status === 201, `A send was answered with ${status}: ${text}`);
        if (index % 100 === 0) for (const client of sleepers) client.resume();
        else if (index % 100 === 50) for (const client of sleepers) client.pause();
      });
      for (const client of sleepers) client.resume();
      const isOver = () =>
        belfry.sql('SELECT 1 FROM belfry_event WHERE expires_at > ?', Date.now()).length === 0;
      verdict.expect(await comesTrue(isOver, 5_000), 'They did not all expire.');

      const [late] = await openClients(belfry, [CLIENTS + 3]);
      verdict.expect(
        await comesTrue(() => late?.isOpen === true && late.unreadTotal === 0, 10_000),
        'The badge of somebody who came later is not 0.',
      );
      await late?.readAllPages();
      verdict.expect(late?.known.size === 0, `Somebody who came later was given ${late?.known.size}.`);
      verdict.expectWithin(
        lateByMs.length === 0,
        `${lateByMs.length} were shown after they had expired, at worst ${largest(lateByMs)} ms.`,
      );
      verdict.expect(shown > 0, 'None was shown at all, so nothing was tried.');
      const dropped = clients.reduce((sum, { arrivedExpired }) => sum + arrivedExpired, 0);
      for (const client of [...clients, late]) client?.close();
      return verdict.finding(
        `${lateByMs.length} shown late of ${shown} shown; ${dropped} more arrived late and were not shown`,
      );
    }),
};
