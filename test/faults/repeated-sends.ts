/** A sender that is not sure whether it was heard, and sends again with the same key. */
import { idOf, withBelfry } from './belfry.ts';
import { openClients } from './client.ts';
import { type Fault, Verdict } from './fault.ts';
import { comesTrue, range } from './waiting.ts';

const ONE_KEY = 100;
const KEYS = 20;
const TIMES = 10;
const READER = 2;

export const repeatedSends: Fault = {
  name: 'repeated-sends',
  breaks: `${ONE_KEY} parallel sends with one idempotency key, and ${TIMES} each of ${KEYS} keys mixed`,
  bound: 'one row, one frame and the same id for each key; again after a restart',
  runs: 'beside',
  limitSeconds: { short: 60, full: 60 },
  dependsOnStreamPath: true,
  take: (circumstances) =>
    withBelfry(circumstances, async (belfry) => {
      const verdict = new Verdict();
      const [client] = await openClients(belfry, [READER]);
      if (!client) throw new Error('No client was made.');
      verdict.expect(await comesTrue(() => client.isOpen, 10_000), 'The client did not connect.');
      const sendWith = async (idempotencyKey: string) =>
        idOf(
          await belfry.send({ title: 'Once', message: 'And only once.', audience: 'all', idempotencyKey }),
        );

      const ids = new Set(await Promise.all(range(ONE_KEY).map(() => sendWith('one'))));
      verdict.expect(ids.size === 1, `One key gave ${ids.size} ids.`);
      const mixed = await Promise.all(
        range(KEYS * TIMES).map(async (index) => {
          const key = `mixed ${index % KEYS}`;
          return [key, await sendWith(key)] as const;
        }),
      );
      const answers = new Set(mixed.map(([key, id]) => `${key} ${id}`));
      verdict.expect(answers.size === KEYS, `${KEYS} keys gave ${answers.size} answers.`);

      // One that is surely later than all frames before it.
      const last = idOf(await belfry.send({ title: 'The last', message: 'Of them.', audience: 'all' }));
      verdict.expect(await comesTrue(() => client.known.has(last), 10_000), 'The last one did not arrive.');
      const rows = belfry.sql('SELECT id FROM belfry_event').length;
      verdict.expect(rows === KEYS + 2, `There are ${rows} rows.`);
      verdict.expect(client.announced.size === KEYS + 2, `${client.announced.size} were announced.`);
      verdict.expect(client.carriedTwice === 0, `${client.carriedTwice} frames came twice.`);

      await belfry.server.stop('SIGKILL');
      await belfry.server.start();
      const again = await sendWith('one');
      verdict.expect(ids.has(again), 'After a restart the key gave another id.');
      verdict.expect(
        belfry.sql('SELECT id FROM belfry_event').length === rows,
        'After a restart a row was added.',
      );
      client.close();
      return verdict.finding(
        `${ONE_KEY} sends: ${ids.size} id, ${ids.size} row, ${client.carriedTwice} frames twice`,
      );
    }),
};
