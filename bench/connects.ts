/**
 * What it costs to open a stream, beside the same bytes from a bare Next route handler with nothing behind it: for
 * somebody with notifications waiting, and for somebody who comes back and missed nothing. As many come at once as
 * do after a restart, each a signed-in user of their own.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Driver } from './driver.ts';
import { median } from './median.ts';
import { cpuMicroseconds, prepare, spawnNext, startBelfryServer } from './peers.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BARE = join(ROOT, 'bench/servers/bare-next');
const PATH = '/sse/SystemNotification';
const UNREAD = 10;
// What the first requests load and compile belongs to no stream.
const WARM_UP_STREAMS = 1_000;
const SETTLE_MS = 1_000;

export interface ConnectFigures {
  what: 'ten unread' | 'missed nothing';
  streams: number;
  /** Microseconds of CPU a stream, median of the rounds. */
  cpu: number;
  bareCpu: number;
  /** Until all had their first bytes. */
  seconds: number;
  bareSeconds: number;
}

interface Opened {
  cpu: number;
  seconds: number;
}

/** Both ways of coming, and the bare handler beside each, in turns, round by round. */
export async function measureConnects(streams: number, rounds: number): Promise<ConnectFigures[]> {
  buildBareHandler();
  const folder = mkdtempSync(join(tmpdir(), 'belfry-connects-'));
  try {
    const databaseUrl = `file:${join(folder, 'belfry.db')}`;
    const { cookies } = await prepare(databaseUrl, streams, UNREAD);
    const since = await positionOf(databaseUrl, cookies[0] as string);
    const kinds = [
      { what: 'ten unread', path: PATH },
      { what: 'missed nothing', path: `${PATH}?since=${since}` },
    ] as const;
    const results = kinds.map(({ what, path }) => ({
      what,
      path,
      ours: [] as Opened[],
      bare: [] as Opened[],
    }));
    for (let round = 0; round < rounds; round += 1) {
      for (const { path, ours, bare } of results) {
        const requestOf = (index: number) =>
          `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: ${cookies[index % cookies.length]}\r\n\r\n`;
        const server = await startBelfryServer({ databaseUrl, env: {} });
        const firstBytes = await readFirstBytes(
          `http://127.0.0.1:${server.port}${path}`,
          cookies[0] as string,
        );
        ours.push(await open(server, streams, requestOf));
        const bareServer = await spawnNext(BARE, { env: { FIRST_BYTES: firstBytes.toString('base64') } });
        bare.push(await open(bareServer, streams, requestOf));
      }
    }
    return results.map(({ what, ours, bare }) => ({
      what,
      streams,
      cpu: median(ours.map(({ cpu }) => cpu)),
      bareCpu: median(bare.map(({ cpu }) => cpu)),
      seconds: median(ours.map(({ seconds }) => seconds)),
      bareSeconds: median(bare.map(({ seconds }) => seconds)),
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function connectsTable(rows: readonly ConnectFigures[]): string {
  const lines = rows.map(
    ({ what, streams, cpu, bareCpu, seconds, bareSeconds }) =>
      `| ${what} | ${streams.toLocaleString('en')} | ${ms(cpu)} | ${ms(bareCpu)} | ${(cpu / bareCpu).toFixed(2)} × | ${seconds.toFixed(1)} | ${bareSeconds.toFixed(1)} | ${(seconds / bareSeconds).toFixed(2)} × |`,
  );
  return [
    '| who connects | streams | CPU ms a stream | bare Next handler | ratio | all there after s | bare Next handler | ratio |',
    `|${' --- |'.repeat(8)}`,
    ...lines,
  ].join('\n');
}

function ms(microseconds: number): string {
  return (microseconds / 1_000).toFixed(2);
}

function buildBareHandler(): void {
  const next = join(ROOT, 'node_modules/next/dist/bin/next');
  const env = { ...process.env, NODE_ENV: 'production' as const, NEXT_TELEMETRY_DISABLED: '1' };
  const { status, stderr } = spawnSync(process.execPath, [next, 'build'], { cwd: BARE, env });
  if (status !== 0) throw new Error(`The bare handler could not be built:\n${stderr}`);
}

/** The position of everybody, as long as nothing happens. */
async function positionOf(databaseUrl: string, cookie: string): Promise<string> {
  const server = await startBelfryServer({ databaseUrl, env: {} });
  try {
    const response = await fetch(`http://127.0.0.1:${server.port}/notifications/poll`, {
      headers: { Cookie: cookie },
    });
    const { state } = (await response.json()) as { state: string };
    return state;
  } finally {
    await server.stop();
  }
}

/** What a stream begins with. */
async function readFirstBytes(url: string, cookie: string): Promise<Buffer> {
  const response = await fetch(url, { headers: { Cookie: cookie } });
  if (!response.ok || !response.body) throw new Error(`The stream was refused: ${await response.text()}`);
  const reader = response.body.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return Buffer.from(value ?? []);
}

async function open(
  server: { pid: number; port: number; stop: () => Promise<void> },
  streams: number,
  openRequest: (index: number) => string,
): Promise<Opened> {
  const options = { host: '127.0.0.1', port: server.port, openRequest, send: async () => {} };
  const warmUp = new Driver({ ...options, streams: Math.min(WARM_UP_STREAMS, streams) });
  const driver = new Driver({ ...options, streams });
  try {
    await warmUp.open();
    warmUp.close();
    await sleep(SETTLE_MS);
    const before = cpuMicroseconds(server.pid);
    const perSecond = await driver.open();
    return { cpu: (cpuMicroseconds(server.pid) - before) / streams, seconds: streams / perSecond };
  } finally {
    driver.close();
    await server.stop();
  }
}
