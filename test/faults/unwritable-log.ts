/** Nobody takes the log: the pipe that it goes into is closed or stands still, or its disk is full. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/free-port.ts';
import { belfryEnvironment, prepareDatabase, TOKEN, temporaryFolder } from './belfry.ts';
import { type Fault, Verdict } from './fault.ts';
import { atTheEnd } from './leftovers.ts';
import { comesTrue, inParallel, range } from './waiting.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NEXT_START = ['node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1'];
const NPM_START = ['scripts/start.mjs'];
const START_LIMIT_MS = 60_000;
const EXIT_LIMIT_MS = 8_000;
// Their lines are more than a pipe holds.
const REQUESTS = 300;
const CASES_AT_ONCE = 2;
const SHORT_CASES = 3;

interface Case {
  what: string;
  command: readonly string[];
  /** Where the output goes. `closed`: a pipe whose reader is gone after a line, or after the start. */
  output: 'closed' | 'still' | 'full';
}

const CASES: readonly Case[] = [
  { what: 'npm start into a pipe that is closed after a line', command: NPM_START, output: 'closed' },
  { what: 'the server into a pipe that nobody reads', command: NEXT_START, output: 'still' },
  { what: 'npm start onto a full disk', command: NPM_START, output: 'full' },
  { what: 'npm start into a pipe that nobody reads', command: NPM_START, output: 'still' },
  { what: 'the server into a closed pipe', command: NEXT_START, output: 'closed' },
];

export const unwritableLog: Fault = {
  name: 'unwritable-log',
  breaks: CASES.map(({ what }) => what).join('; '),
  bound: 'it starts, answers every request, counts the lines that are lost, and stops in order',
  runs: 'beside',
  limitSeconds: { short: 120, full: 120 },
  dependsOnStreamPath: false,
  async take({ short, streamPath }) {
    const verdict = new Verdict();
    const found: string[] = [];
    await inParallel(short ? CASES.slice(0, SHORT_CASES) : CASES, CASES_AT_ONCE, async (one) => {
      const { folder, remove } = temporaryFolder();
      try {
        const databaseUrl = `file:${join(folder, 'belfry.db')}`;
        await prepareDatabase(databaseUrl, 1);
        const port = await freePort();
        const env = belfryEnvironment({ databaseUrl, streamPath, env: { PORT: String(port) } });
        found.push(await serve(one, port, folder, env, verdict));
      } finally {
        remove();
      }
    });
    return verdict.finding(found.join('; '));
  },
};

async function serve(
  { what, command, output }: Case,
  port: number,
  folder: string,
  env: Record<string, string>,
  verdict: Verdict,
): Promise<string> {
  const url = `http://127.0.0.1:${port}`;
  const child = start(command, output, port, folder, env);
  const killAtTheEnd = atTheEnd(() => child.kill('SIGKILL'));
  try {
    const isUp = () =>
      fetch(`${url}/api/health`)
        .then(({ ok }) => ok)
        .catch(() => false);
    // Next itself does not outlive that before it starts the app; `npm start` does.
    const close = () => [child.stdout, child.stderr].forEach((stream) => void stream?.destroy());
    if (command === NPM_START) child.stdout?.once('data', close);
    const started = await comesTrue(async () => child.exitCode !== null || (await isUp()), START_LIMIT_MS);
    verdict.expect(started && child.exitCode === null, `With ${what} it did not start.`);

    close();

    const statuses: number[] = [];
    await inParallel(range(REQUESTS), 4, async (index) => {
      statuses.push(await send(url, index));
    });
    const served = statuses.filter((status) => status === 201).length;
    verdict.expect(served === REQUESTS, `With ${what}, ${served} of ${REQUESTS} sends were answered.`);
    const lost = await lostLines(url);
    if (command === NEXT_START && output === 'closed')
      verdict.expect(lost > 0, `With ${what} no lost line was counted.`);

    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const tooLong = new AbortController();
    const code = await Promise.race([
      exited.then(([exitCode]) => exitCode as number | null),
      sleep(EXIT_LIMIT_MS, 'none', { signal: tooLong.signal }).catch(() => 'none'),
    ]);
    tooLong.abort();
    verdict.expect(code === 0, `With ${what} the stop ended with ${code}.`);
    return `${what}: ${served} answered`;
  } finally {
    killAtTheEnd();
  }
}

function start(
  [script = '', ...args]: readonly string[],
  output: Case['output'],
  port: number,
  folder: string,
  env: Record<string, string>,
): ChildProcess {
  const target =
    output === 'full' ? openSync('/dev/full', 'w') : output === 'still' ? stillPipe(folder) : 'pipe';
  const options = script === NEXT_START[0] ? [...args, '-p', String(port)] : args;
  const child = spawn(process.execPath, [join(ROOT, script), ...options], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '', NEXT_MANUAL_SIG_HANDLE: 'true', ...env },
    stdio: ['ignore', target, target],
  });
  if (typeof target === 'number') child.once('exit', () => closeSync(target));
  return child;
}

/** Open for reading too, so that it is never closed, and read by nobody. */
function stillPipe(folder: string): number {
  const path = join(folder, 'pipe');
  spawnSync('mkfifo', [path]);
  return openSync(path, 'r+');
}

/** The status; 0 when there was no answer. An audit line is written for each. */
async function send(url: string, index: number): Promise<number> {
  return fetch(`${url}/notifications/send`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ title: 'A notice', message: `${index}`, audience: 'all' }),
  }).then(
    async (response) => {
      await response.arrayBuffer();
      return response.status;
    },
    () => 0,
  );
}

async function lostLines(url: string): Promise<number> {
  const text = await fetch(`${url}/api/metrics`, { headers: { Authorization: `Bearer ${TOKEN}` } }).then(
    (response) => response.text(),
    () => '',
  );
  return Number(/belfry_failures_total\{code="log_lost"\} (\d+)/.exec(text)?.[1] ?? 0);
}
