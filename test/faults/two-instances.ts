/** Two instances, with what is sent, shown and dismissed spread over both. */
import { ADMIN } from './belfry.ts';
import type { Client } from './client.ts';
import { countDelivery } from './delivery.ts';
import { type Fault, Verdict } from './fault.ts';
import { expectDelivered, openStreams, targetAmong, withInstances } from './instances.ts';
import { type Acknowledged, beginSending } from './sending.ts';
import { comesTrue } from './waiting.ts';

const USERS = 40;
const STREAMS_EACH = 10;
const SENDS = 1_000;
const AT_ONCE = 8;
const ARRIVE_LIMIT_MS = 30_000;
const DISMISSED_LIMIT_MS = 2_000;

export const twoInstances: Fault = {
  name: 'two-instances',
  breaks: `nothing: two instances behind a proxy, ${(USERS * STREAMS_EACH) / 2} streams each, ${SENDS} sends through both`,
  bound:
    'each addressee sees each once, in the order of its sender; after a dismissal on one instance the badge is the same everywhere within 2 s',
  runs: 'alone',
  limitSeconds: { short: 120, full: 120 },
  dependsOnStreamPath: true,
  take: (circumstances) =>
    withInstances({ ...circumstances, users: USERS }, async (instances) => {
      const verdict = new Verdict();
      const [one, two] = instances.all;
      const { clients, addressees } = await openStreams(instances, { users: USERS, each: STREAMS_EACH });
      const streams = await Promise.all(
        instances.all.map(async ({ health }) => (await health()).body?.streams),
      );
      verdict.expect(
        streams.every((count) => count === clients.length / 2),
        `The instances hold ${streams.join(' and ')} streams.`,
      );

      const targetOf = targetAmong(USERS);
      const sendings = [one, two].map((instance, which) =>
        beginSending(instance, {
          count: SENDS / 2,
          atOnce: AT_ONCE,
          targetOf: (index) => targetOf(index * 2 + which),
          name: `instance ${which + 1}`,
        }),
      );
      await Promise.all(sendings.map(({ done }) => done));
      const acknowledged = sendings.flatMap((sending) => sending.acknowledged);
      expectDelivered(verdict, {
        ...(await countDelivery(instances, acknowledged, addressees, ARRIVE_LIMIT_MS)),
      });
      const outOfOrder = sendings
        .flatMap((sending) => bySender(sending.acknowledged))
        .flatMap((ids) => clients.filter((client) => !isInOrder(client, ids))).length;
      verdict.expect(outOfOrder === 0, `${outOfOrder} clients saw a sender's notices in another order.`);

      const ofAdmin = addressees.filter(({ userId }) => userId === ADMIN).map(({ client }) => client);
      const id = [...(ofAdmin[0]?.known.keys() ?? [])].at(-1) ?? 0;
      const expected = (ofAdmin[0]?.known.size ?? 0) - 1;
      const since = performance.now();
      const answer = await two.ask('/notifications/dismiss', {
        method: 'POST',
        headers: { Cookie: await two.cookieOf(ADMIN), Origin: two.url, 'Content-Type': 'application/json' },
        body: JSON.stringify({ ids: [id] }),
      });
      verdict.expect(answer.status === 200, `The dismissal was answered with ${answer.status}.`);
      const agree = await comesTrue(
        () => ofAdmin.every((client) => client.unreadTotal === expected && !client.known.has(id)),
        DISMISSED_LIMIT_MS * 5,
      );
      const agreedMs = performance.now() - since;
      verdict.expect(agree, 'After a dismissal the badges differ.');
      verdict.expectWithin(
        agreedMs < DISMISSED_LIMIT_MS,
        `The badges agreed after ${agreedMs.toFixed(0)} ms.`,
      );
      for (const client of clients) client.close();
      return verdict.finding(
        `${streams.join(' and ')} streams; ${acknowledged.length} sends, each seen once and in order; badges agree ${agreedMs.toFixed(0)} ms after a dismissal`,
      );
    }),
};

/** The ids of each sender, in the order in which it sent. */
function bySender(acknowledged: readonly Acknowledged[]): number[][] {
  const senders = Map.groupBy(acknowledged, ({ sender }) => sender);
  return [...senders.values()].map((sent) => sent.map(({ id }) => id));
}

/** Whether a client was shown those of the ids that are for it in this order. */
function isInOrder({ announced }: Client, ids: readonly number[]): boolean {
  const wanted = new Set(ids);
  const shown = [...announced].filter((id) => wanted.has(id));
  return shown.every((id, index) => index === 0 || ids.indexOf(shown[index - 1] ?? 0) < ids.indexOf(id));
}
