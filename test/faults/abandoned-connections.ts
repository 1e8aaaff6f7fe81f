/** Connections that are begun and not gone through with, and clients that die. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Belfry, withBelfry } from './belfry.ts';
import { type Fault, Verdict } from './fault.ts';
import { openSocket, requestText } from './raw-stream.ts';
import { inParallel, range } from './waiting.ts';

const COUNT = 500;
const AT_ONCE = 50;
const USERS = 60;
// From before the request is parsed until well after the backlog is out.
const LONGEST_LIFE_MS = 60;
const DIES_WITH = 100;

export const abandonedConnections: Fault = {
  name: 'abandoned-connections',
  breaks: `${COUNT} HEADs, ${COUNT} aborted connects, ${COUNT} half-open sockets, ${DIES_WITH} streams of a killed process`,
  bound: '0 streams left, and the server answers others meanwhile',
  runs: 'alone',
  limitSeconds: { short: 90, full: 180 },
  dependsOnStreamPath: true,
  take: (circumstances) =>
    withBelfry({ ...circumstances, users: USERS }, async (belfry) => {
      const verdict = new Verdict();
      const cookies = await Promise.all(range(USERS).map((index) => belfry.cookieOf(index + 1)));
      const cookieOf = (index: number) => cookies[index % USERS] as string;
      const left: string[] = [];
      const settle = async (what: string) => {
        const isEmpty = await belfry.streamsBecome(0);
        left.push(`${what} ${isEmpty ? 0 : await belfry.streams()}`);
        verdict.expect(isEmpty, `After ${what} ${left.at(-1)} streams are left.`);
      };

      const statuses = new Set<number>();
      await inParallel(range(COUNT), AT_ONCE, async (index) => {
        const answer = await belfry.ask('/sse/SystemNotification', {
          method: 'HEAD',
          headers: { Cookie: cookieOf(index) },
        });
        statuses.add(answer.status);
      });
      verdict.expect([...statuses].join() === '200', `HEAD was answered with ${[...statuses].join()}.`);
      await settle('HEADs');

      await inParallel(range(COUNT), AT_ONCE, (index) => abort(belfry, cookieOf(index), index));
      await settle('aborted');

      const halfOpen: Socket[] = [];
      await inParallel(range(COUNT), AT_ONCE, async (index) => {
        const socket = await openSocket(belfry.port);
        halfOpen.push(socket);
        const whole = requestText({ cookie: cookieOf(index) });
        // Nothing, or a part that ends anywhere before the empty line.
        socket.write(whole.slice(0, Math.floor((index / COUNT) * (whole.length - 1))));
      });
      const { status } = await belfry.ask('/api/health');
      verdict.expect(status === 200, `With ${COUNT} half-open sockets the health was ${status}.`);
      await settle('half-open');
      for (const socket of halfOpen) socket.destroy();

      const opened = await openInAProcess(belfry, cookies);
      verdict.expect(opened.count === DIES_WITH, `The process had ${opened.count} streams.`);
      await opened.kill();
      await settle('killed');
      return verdict.finding(`streams left: ${left.join(', ')}`);
    }),
};

/** Asks for a stream and leaves: at once, with the request hardly written, or at a random moment later. */
async function abort(belfry: Belfry, cookie: string, index: number): Promise<void> {
  const socket = await openSocket(belfry.port);
  socket.write(requestText({ cookie }));
  if (index % 4 === 0) socket.destroy();
  else if (index % 4 === 1) socket.end(() => socket.resetAndDestroy());
  else {
    await sleep(Math.random() * LONGEST_LIFE_MS);
    if (index % 4 === 2) socket.destroy();
    else socket.resetAndDestroy();
  }
}

/** Streams that another process holds, until it is killed and closes nothing in an orderly way. */
async function openInAProcess(belfry: Belfry, cookies: readonly string[]) {
  const requests = range(DIES_WITH).map((index) =>
    requestText({ cookie: cookies[index % cookies.length] as string }),
  );
  const program = `
    const { connect } = require('node:net');
    let requests = '';
    process.stdin.on('data', (part) => (requests += part)).on('end', () => {
      for (const request of JSON.parse(requests)) {
        const socket = connect(${belfry.port}, '127.0.0.1', () => socket.write(request));
        socket.resume();
      }
    });`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.end(JSON.stringify(requests));
  await belfry.streamsBecome(DIES_WITH, 15_000);
  const count = await belfry.streams();
  const exited = once(child, 'exit');
  return {
    count,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
