/** Clients that stop reading while big notices are sent. */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Driver } from '../../bench/driver.ts';
import { type Belfry, idOf, withBelfry } from '../faults/belfry.ts';
import { openClients } from '../faults/client.ts';
import { type Circumstances, type Fault, type Finding, largest, Verdict } from '../faults/fault.ts';
import { openSocket, requestText } from '../faults/raw-stream.ts';
import { comesTrue, inParallel, range } from '../faults/waiting.ts';

const STALLED = 100;
const READING = 20;
const PER_SECOND = 16;
const SENDERS = 8;
const FULL = { broadcasts: 400, toEach: 40, recovering: 30 };
const SHORT = { broadcasts: 160, toEach: 12, recovering: 6 };
// Three bytes each: with it a frame has 29 KB.
const FILLER = '鐘'.repeat(9_700);
const WARM_UP_SHARE = 1 / 2;
const MEGABYTE = 1_000_000;
const LARGEST_GROWTH = 150 * MEGABYTE;
const SLOWEST_MS = 1_000;
const END_LIMIT_MS = 10_000;
const RECOVER_LIMIT_MS = 30_000;
const SAMPLE_EVERY_MS = 50;

export const stalledClients: Fault = {
  name: 'stalled-clients',
  breaks: `${STALLED} clients stop reading while notifications of 29 KB are sent to everybody and to each of them`,
  bound:
    'the server grows by less than 150 MB; p99 of the others is under 1 s; the stalled streams are ended, and their users get everything when they come back',
  runs: 'alone',
  limitSeconds: { short: 120, full: 240 },
  dependsOnStreamPath: true,
  take: (circumstances) =>
    withBelfry({ ...circumstances, users: STALLED + READING }, (belfry) => take(belfry, circumstances)),
};

async function take(belfry: Belfry, { short }: Circumstances): Promise<Finding> {
  const { broadcasts, toEach, recovering } = short ? SHORT : FULL;
  const verdict = new Verdict();
  const driver = await openReaders(belfry);
  await driver.open();
  const load = async (share: number) => {
    const [others] = await Promise.all([
      driver.run({ count: Math.ceil(broadcasts * share), perSecond: PER_SECOND }),
      sendToEach(belfry, Math.ceil(STALLED * toEach * share), ((broadcasts * share) / PER_SECOND) * 1_000),
    ]);
    return others;
  };
  // The same load makes a fresh server grow by up to 190 MB while everybody reads: that is the working
  // room that its heap takes, and the doing of no stalled client.
  await load(WARM_UP_SHARE);
  const stalled = await stall(belfry);
  verdict.expect(
    await belfry.streamsBecome(STALLED + READING),
    `${await belfry.streams()} streams were open.`,
  );
  const before = belfry.residentBytes();
  const watch = watchMemory(belfry);
  const others = await load(1);
  const areEnded = await belfry.streamsBecome(READING, END_LIMIT_MS);
  const growth = watch.end() - before;
  verdict.expect(areEnded, `${(await belfry.streams()) - READING} stalled streams were not ended.`);
  verdict.expectWithin(growth < LARGEST_GROWTH, `The server grew by ${megabytes(growth)}.`);
  verdict.expectWithin(others.p99 < SLOWEST_MS, `p99 of the others was ${others.p99.toFixed(0)} ms.`);
  verdict.expect(others.lost === 0, `The others lost ${others.lost}.`);
  verdict.expect(others.doubled === 0, `The others got ${others.doubled} twice.`);
  verdict.expect(driver.closed === 0, `${driver.closed} of the others were ended too.`);
  const told = slowStreams(belfry);
  verdict.expect(told === STALLED, `The log tells of ${told} slow streams, with user, type and stream.`);
  for (const socket of stalled) socket.destroy();
  driver.close();

  let recovered = 0;
  await inParallel(range(recovering), 3, async (index) => {
    const userId = Math.floor((index * STALLED) / recovering) + 1;
    if (await recovers(belfry, userId)) recovered += 1;
  });
  verdict.expect(recovered === recovering, `${recovered} of ${recovering} got everything afterwards.`);
  return verdict.finding(
    `+${megabytes(growth)}; p99 of the others ${others.p99.toFixed(0)} ms; ${told} ended; ${recovered} of ${recovering} tried recovered`,
  );
}

/** So many notices, each to one of the stalled users, spread over a time. */
async function sendToEach(belfry: Belfry, count: number, overMs: number): Promise<void> {
  const since = performance.now();
  await inParallel(range(count), SENDERS, async (index) => {
    await sleep(Math.max(0, since + (index * overMs) / count - performance.now()));
    idOf(await belfry.send({ title: 'To you', message: FILLER, targetUserId: (index % STALLED) + 1 }));
  });
}

/** Those who go on reading: users above the stalled ones. */
async function openReaders(belfry: Belfry): Promise<Driver> {
  const cookies = await Promise.all(range(READING).map((index) => belfry.cookieOf(STALLED + 1 + index)));
  return new Driver({
    host: '127.0.0.1',
    port: belfry.port,
    streams: READING,
    openRequest: (index) => requestText({ cookie: cookies[index] as string }),
    send: async (text) => {
      idOf(await belfry.send({ title: 'To all', message: `${text}${FILLER}`, audience: 'all' }));
    },
  });
}

/**
 * Streams that nobody reads. One half never read a byte, so that the kernel keeps their receive buffer
 * small; the other half read the backlog first and stopped then, with a buffer that had grown.
 */
async function stall(belfry: Belfry): Promise<Socket[]> {
  const sockets: Socket[] = [];
  await inParallel(range(STALLED), 20, async (index) => {
    const socket = await openSocket(belfry.port);
    sockets.push(socket);
    socket.write(requestText({ cookie: await belfry.cookieOf(index + 1) }));
    if (index % 2 === 0) {
      socket.pause();
      return;
    }
    await new Promise<void>((resolve) => {
      socket.on('data', () => {
        socket.pause();
        resolve();
      });
    });
  });
  return sockets;
}

/** Whether a user who comes back is given all that the database holds for them. */
async function recovers(belfry: Belfry, userId: number): Promise<boolean> {
  const [client] = await openClients(belfry, [userId]);
  if (!client) return false;
  try {
    const rows = belfry.sql(
      'SELECT id FROM belfry_event WHERE target_userid IS NULL OR target_userid = ?',
      userId,
    );
    const isWell = await comesTrue(
      () => client.isOpen && client.unreadTotal === rows.length,
      RECOVER_LIMIT_MS,
    );
    await client.readAllPages();
    // Once only: a stream that is ended again and again would never be of use.
    return isWell && client.isOpen && client.openedAt.length === 1 && client.known.size === rows.length;
  } finally {
    client.close();
  }
}

/** How many streams the log says were ended for it, each with all that an operator needs. */
function slowStreams(belfry: Belfry): number {
  const lines = belfry.server.log().split('\n');
  const told = lines
    .filter((line) => line.includes('"stream_too_slow"'))
    .map((line): Record<string, unknown> => JSON.parse(line))
    .filter(({ userId, eventType }) => typeof userId === 'number' && eventType === 'SystemNotification');
  return new Set(told.map(({ streamId }) => streamId)).size;
}

function watchMemory(belfry: Belfry): { end: () => number } {
  const sizes: number[] = [];
  let over = false;
  const watching = (async () => {
    while (!over) {
      sizes.push(belfry.residentBytes());
      await sleep(SAMPLE_EVERY_MS);
    }
  })();
  return {
    end: () => {
      over = true;
      void watching;
      return largest(sizes);
    },
  };
}

function megabytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toFixed(0)} MB`;
}
