/** Connections that are opened to be held: they cost the attacker nothing, and a server its file descriptors. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Belfry, withBelfry } from '../faults/belfry.ts';
import { type Circumstances, type Fault, type Finding, largest, skipped, Verdict } from '../faults/fault.ts';
import { openSocket, requestText } from '../faults/raw-stream.ts';
import { comesTrue, inParallel, range } from '../faults/waiting.ts';

const OPEN_FILES = 400;
const EACH = 500;
const FEWER = 200;
const STREAMS = 20;
const OPENED_AT_ONCE = 100;
const HELD_AT_THE_STOP = 300;
const ORDINARY_REQUESTS = 5;
const USERS = 10;
// What the database, the log and the rest have open, and room for a few that are just closing.
const MOST_OTHERS = 60;
// The limits in lib/http/connection-limits.ts, and how often Node looks after them.
const LONGEST_LIFE_MS = 70_000;
const ANSWERED_WITHIN_MS = 5_000;
const SLOWER_STOP_MS = 1_000;
const CHUNKS = fileURLToPath(new URL('../../.next/static/chunks', import.meta.url));

interface Held {
  what: string;
  count: number;
  /** What is sent at once, and nothing after it. */
  text: string;
  /** Does not read what comes. */
  deaf?: boolean;
  /** Says that nothing more will come, and stays. */
  halfCloses?: boolean;
}

const UPGRADE = { Connection: 'Upgrade', Upgrade: 'websocket' };
const BEGUN_BODY = { 'Content-Type': 'application/json', 'Content-Length': '1000' };

/** The ways to hold a connection. */
export function attacks(): Held[] {
  const whole = requestText({ path: '/' });
  return [
    { what: 'upgrades', count: EACH, text: requestText({ path: '/_next/webpack-hmr', headers: UPGRADE }) },
    { what: 'silent', count: EACH, text: '' },
    { what: 'half a request', count: EACH, text: whole.slice(0, -2) },
    {
      what: 'half a body',
      count: FEWER,
      text: `${requestText({ method: 'POST', path: '/api/auth/callback/credentials', headers: BEGUN_BODY })}{`,
    },
    { what: 'half-closed', count: EACH, text: whole.slice(0, -2), halfCloses: true },
    {
      what: 'posing as a proxy',
      count: FEWER,
      text: requestText({ path: '/api/health?live', headers: { 'X-Forwarded-For': '203.0.113.9' } }),
      deaf: true,
    },
    {
      what: 'deaf',
      count: EACH,
      text: requestText({ path: `/_next/static/chunks/${largestChunk()}` }),
      deaf: true,
    },
  ];
}

export const heldConnections: Fault = {
  name: 'held-connections',
  breaks: `with ${OPEN_FILES} file descriptors: ${EACH} upgrades, ${EACH} silent sockets, ${EACH} half requests, ${FEWER} half bodies, ${EACH} that half-close, ${FEWER} that ask once and say that they are a proxy's, ${EACH} that do not read, ${STREAMS} half-closed streams; SIGTERM with ${HELD_AT_THE_STOP} of them`,
  bound:
    'others are answered meanwhile, streams stay, descriptors are given back, and the stop takes less than 1 s more',
  runs: 'alone',
  limitSeconds: { short: 90, full: 300 },
  dependsOnStreamPath: true,
  async take(circumstances) {
    if (!existsSync('/proc/self/fd'))
      return skipped('the descriptors of a process can only be counted on Linux');
    return withBelfry({ ...circumstances, users: USERS, openFiles: OPEN_FILES }, (belfry) =>
      take(belfry, circumstances),
    );
  },
};

async function take(belfry: Belfry, { short }: Circumstances): Promise<Finding> {
  const verdict = new Verdict();
  // Each page and route loads at its first request.
  for (const path of ['/api/health', '/sign-in', '/api/auth/csrf']) await belfry.ask(path);
  const streams = await openStreams(belfry, STREAMS);
  const resting = descriptors(belfry);
  const slowest: number[] = [];
  const most: number[] = [];

  for (const attack of attacks()) {
    const sockets = await hold(belfry.port, attack);
    slowest.push(await answersOthers(belfry.url, verdict, attack.what));
    most.push(descriptors(belfry));
    verdict.expect(
      descriptors(belfry) < OPEN_FILES,
      `With ${attack.what}, all ${OPEN_FILES} descriptors were in use.`,
    );
    for (const socket of sockets) socket.destroy();
    const areBack = await comesTrue(() => descriptors(belfry) <= resting + MOST_OTHERS, ANSWERED_WITHIN_MS);
    verdict.expect(areBack, `After ${attack.what}, ${descriptors(belfry)} descriptors were in use.`);
  }
  const halfClosed = await openStreams(belfry, STREAMS);
  for (const socket of halfClosed) socket.end();
  verdict.expect(await belfry.streamsBecome(STREAMS), 'Half-closed streams were kept.');
  if (!short) await endByThemselves(belfry, verdict, resting);
  verdict.expect(
    streams.every(({ destroyed }) => !destroyed),
    'Streams were cut off.',
  );
  verdict.expect(
    (await belfry.streams()) === STREAMS,
    `Of ${STREAMS} streams ${await belfry.streams()} are left.`,
  );
  for (const socket of streams) socket.destroy();
  verdict.expect(await belfry.streamsBecome(0), 'Streams of clients that left were kept.');

  const slower = await stopWithThemHeld(belfry, verdict);
  return verdict.finding(
    `at most ${largest(most)} of ${OPEN_FILES} descriptors; others answered within ${largest(slowest).toFixed(0)} ms; the stop ${slower.toFixed(0)} ms slower`,
  );
}

/** Streams of people, which have to stay. */
async function openStreams(belfry: Belfry, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  await inParallel(range(count), OPENED_AT_ONCE, async (index) => {
    const socket = await openSocket(belfry.port, { allowHalfOpen: true });
    sockets.push(socket);
    socket.write(requestText({ cookie: await belfry.cookieOf((index % USERS) + 1) }));
    await new Promise<void>((resolve) => {
      socket.once('data', () => resolve());
    });
    socket.resume();
  });
  return sockets;
}

/** Opens them, and leaves them to whoever calls. */
export async function hold(port: number, { count, text, deaf, halfCloses }: Held): Promise<Socket[]> {
  const sockets: Socket[] = [];
  await inParallel(range(count), OPENED_AT_ONCE, async () => {
    const socket = await openSocket(port, { allowHalfOpen: true }).catch(() => null);
    if (!socket) return;
    sockets.push(socket);
    if (halfCloses) socket.end(text, 'latin1');
    else socket.write(text, 'latin1');
    if (deaf) await readTheBeginning(socket);
    else socket.resume();
  });
  return sockets;
}

function readTheBeginning(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
    socket.once('data', () => {
      socket.pause();
      resolve();
    });
  });
}

/** How long the slowest of a few requests took, each on a connection of its own. */
export async function answersOthers(url: string, verdict: Verdict, what: string): Promise<number> {
  const took: number[] = [];
  for (const _ of range(ORDINARY_REQUESTS)) {
    const since = performance.now();
    const status = await fetch(`${url}/api/health`, { headers: { Connection: 'close' } })
      .then((response) => response.status)
      .catch((error: Error) => error.message);
    took.push(performance.now() - since);
    verdict.expect(status === 200, `With ${what} a request got ${status}.`);
  }
  verdict.expectWithin(
    largest(took) < ANSWERED_WITHIN_MS,
    `With ${what} a request took ${largest(took).toFixed(0)} ms.`,
  );
  return largest(took);
}

/** Those whose client stays for ever are ended by the server. */
async function endByThemselves(belfry: Belfry, verdict: Verdict, resting: number): Promise<void> {
  const sockets: Socket[] = [];
  for (const attack of attacks()) sockets.push(...(await hold(belfry.port, { ...attack, count: 30 })));
  const areEnded = await comesTrue(() => descriptors(belfry) <= resting, LONGEST_LIFE_MS);
  verdict.expectWithin(
    areEnded,
    `${descriptors(belfry) - resting} held connections are open after ${LONGEST_LIFE_MS / 1_000} s.`,
  );
  for (const socket of sockets) socket.destroy();
}

/** How much slower the stop is than without them, in milliseconds. */
async function stopWithThemHeld(belfry: Belfry, verdict: Verdict): Promise<number> {
  const ordinary = await belfry.server.stop();
  await belfry.server.start();
  const all = attacks();
  const sockets: Socket[] = [];
  for (const attack of all)
    sockets.push(...(await hold(belfry.port, { ...attack, count: HELD_AT_THE_STOP / all.length })));
  const stop = await belfry.server.stop();
  verdict.expect(stop.code === 0, `The exit code was ${stop.code}.`);
  const slower = stop.milliseconds - ordinary.milliseconds;
  verdict.expectWithin(
    slower < SLOWER_STOP_MS,
    `The stop took ${stop.milliseconds.toFixed(0)} ms, ${slower.toFixed(0)} ms more.`,
  );
  for (const socket of sockets) socket.destroy();
  return slower;
}

/** How many the server has open. */
export function descriptors(belfry: Belfry): number {
  return readdirSync(`/proc/${belfry.server.pid}/fd`).length;
}

function largestChunk(): string {
  const sizes = readdirSync(CHUNKS).map((name) => ({ name, size: statSync(join(CHUNKS, name)).size }));
  return sizes.toSorted((one, other) => other.size - one.size)[0]?.name ?? '';
}
