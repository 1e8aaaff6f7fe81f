/** Every response is cut off at a certain age, as on platforms where functions end after a while. */
import { startCuttingProxy } from '../support/cutting-proxy.ts';
import { type Belfry, withBelfry } from './belfry.ts';
import { countDelivery } from './delivery.ts';
import { type Circumstances, type Fault, Verdict } from './fault.ts';
import { expectDelivered } from './instances.ts';
import { becomeLikeNew, openScreens } from './screens.ts';
import { beginSending } from './sending.ts';

const READERS = [2, 3, 4];
const TIMES = 3;
const CUT_AFTER_SECONDS = { short: 6, full: 25 };
// What is left for the end of a stream to get through.
const MARGIN_SECONDS = 2;
const EVERY_MS = 100;

export const responsesCutOff: Fault = {
  name: 'responses-cut-off',
  breaks: `every response after ${CUT_AFTER_SECONDS.full} s (short: ${CUT_AFTER_SECONDS.short} s), ${TIMES} times over, while notifications are sent; with streams that end before that, and with such as do not`,
  bound: '0 lost, 0 shown twice, every badge as the server has it; no stream that ends in time is cut off',
  runs: 'beside',
  limitSeconds: { short: 120, full: 240 },
  dependsOnStreamPath: true,
  async take(circumstances) {
    const seconds = CUT_AFTER_SECONDS[circumstances.short ? 'short' : 'full'];
    const verdict = new Verdict();
    const inTime = { MAX_STREAM_SECONDS: String(seconds - MARGIN_SECONDS) };
    const figures = await Promise.all([
      takeOne(circumstances, { seconds, verdict, env: inTime }),
      takeOne(circumstances, { seconds, verdict, env: {} }),
    ]);
    const [told, cut] = figures;
    verdict.expect(told?.cut === 0, `${told?.cut} streams were cut off that were to end in time.`);
    verdict.expect((told?.comeBacks ?? 0) >= READERS.length * (TIMES - 1), 'Streams did not end in time.');
    verdict.expect((cut?.cut ?? 0) >= READERS.length * (TIMES - 1), 'The proxy cut off too few streams.');
    return verdict.finding(
      `${told?.comeBacks} streams ended in time, ${cut?.cut} were cut off; 0 of ${(told?.sent ?? 0) + (cut?.sent ?? 0)} lost, 0 twice`,
    );
  },
};

interface Taking {
  seconds: number;
  verdict: Verdict;
  env: Record<string, string>;
}

function takeOne(circumstances: Circumstances, { seconds, verdict, env }: Taking) {
  return withBelfry({ ...circumstances, env }, async (belfry) => {
    const proxy = await startCuttingProxy(belfry.url, seconds * 1_000);
    try {
      const through: Belfry = { ...belfry, url: proxy.url };
      const screens = await openScreens(through, READERS, 1);
      const sending = beginSending(belfry, {
        count: (seconds * TIMES * 1_000) / EVERY_MS,
        atOnce: 1,
        everyMs: EVERY_MS,
        targetOf: (index) => (index % 3 === 0 ? null : (READERS[index % READERS.length] ?? null)),
      });
      await sending.done;
      const clients = screens.map(({ client }) => client);
      const comeBacks = clients.reduce((sum, { comeBackMs }) => sum + comeBackMs.length, 0);
      const addressees = screens.map(({ userId, client }) => ({ userId, client }));
      expectDelivered(verdict, {
        ...(await countDelivery(through, sending.acknowledged, addressees, 20_000)),
      });
      const { different } = await becomeLikeNew(belfry, screens, { limitMs: 20_000, isOneInstance: true });
      for (const sentence of different) verdict.expect(false, sentence);
      for (const client of clients) client.close();
      return { sent: sending.acknowledged.length, comeBacks, cut: proxy.cut() };
    } finally {
      await proxy.close();
    }
  });
}
