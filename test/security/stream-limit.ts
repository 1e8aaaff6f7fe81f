/** One user opens more streams than there may be. */
import type { Socket } from 'node:net';
import { withBelfry } from '../faults/belfry.ts';
import { type Fault, Verdict } from '../faults/fault.ts';
import { openSocket, readRaw, requestText } from '../faults/raw-stream.ts';
import { range } from '../faults/waiting.ts';

const GREEDY = 2;
const MODEST = 3;
const LIMIT = 10;
const TRIES = 100;

export const streamLimit: Fault = {
  name: 'stream-limit',
  breaks: `one user opens ${TRIES} streams at once`,
  bound: `${LIMIT} open, the rest 429 with Retry-After; other users are let in; a place is free again after a close`,
  runs: 'beside',
  limitSeconds: { short: 60, full: 60 },
  dependsOnStreamPath: true,
  take: (circumstances) =>
    withBelfry(circumstances, async (belfry) => {
      const verdict = new Verdict();
      const cookie = await belfry.cookieOf(GREEDY);
      const answers: string[] = [];
      const sockets: Socket[] = await Promise.all(
        range(TRIES).map(async () => {
          const socket = await openSocket(belfry.port);
          await new Promise<void>((resolve) => {
            socket.once('data', (data) => {
              answers.push(data.toString('latin1'));
              resolve();
            });
            socket.write(requestText({ cookie }));
          });
          return socket;
        }),
      );
      const opened = answers.filter((text) => text.startsWith('HTTP/1.1 200')).length;
      const refused = answers.filter((text) => text.startsWith('HTTP/1.1 429'));
      verdict.expect(opened === LIMIT, `${opened} streams were opened instead of ${LIMIT}.`);
      verdict.expect(refused.length === TRIES - LIMIT, `${refused.length} were refused with 429.`);
      verdict.expect(
        refused.every((text) => /\r\nretry-after: \d+\r\n/i.test(text)),
        'A refusal came without Retry-After.',
      );
      verdict.expect((await belfry.streams()) === LIMIT, `The server counts ${await belfry.streams()}.`);

      const modest = await readRaw({ port: belfry.port, cookie: await belfry.cookieOf(MODEST) }, (text) =>
        text.includes('event: inbox'),
      );
      verdict.expect(modest.startsWith('HTTP/1.1 200'), 'Another user was not let in.');

      for (const socket of sockets) socket.destroy();
      verdict.expect(await belfry.streamsBecome(0), 'Streams were left after all were closed.');
      const again = await readRaw({ port: belfry.port, cookie }, (text) => text.includes('event: inbox'));
      verdict.expect(again.startsWith('HTTP/1.1 200'), 'No place was free after the close.');
      return verdict.finding(`${opened} opened, ${refused.length} answered 429`);
    }),
};
