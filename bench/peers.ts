/** What is measured side by side: each peer as a process, how to open a stream on it, and how to send. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '../lib/database/db.ts';
import { migrate } from '../lib/database/migrations.ts';
import { sessionCookie, sessionRow } from '../test/support/session.ts';
import { post } from './driver.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SECRET = 'a secret that only the benchmark uses';
const START_LIMIT_MS = 30_000;
// What a user of Belfry has waiting when they connect, and is sent first.
const UNREAD = 10;

export interface Peer {
  name: string;
  start: (streams: number) => Promise<RunningPeer>;
}

export interface RunningPeer {
  pid: number;
  port: number;
  openRequest: (index: number) => string;
  /** Sent on the connection once the stream is open. */
  greeting?: Buffer;
  send: (text: string) => Promise<void>;
  stop: () => Promise<void>;
}

// Below the ports that the system gives to the connections of the load.
const port = () => 15_000 + Math.floor(Math.random() * 15_000);

/** Runs a program on the server's core, or on another one, where the machine can pin. */
function spawnPinned(command: string, args: string[], env: Record<string, string>, core = 0): ChildProcess {
  const pinned = spawnSync('taskset', ['-c', String(core), 'true']).status === 0;
  const [program, programArgs] = pinned
    ? ['taskset', ['-c', String(core), command, ...args]]
    : [command, args];
  return spawn(program as string, programArgs as string[], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function untilAnswers(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(1_000) });
      return;
    } catch (error) {
      if (child.exitCode !== null || Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  while (child.exitCode === null && child.signalCode === null) await sleep(20);
}

const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}\r\n`;

function simplePeer(name: string, file: string, extra: Partial<RunningPeer> = {}): Peer {
  return {
    name,
    async start() {
      const at = port();
      const child = spawnPinned(process.execPath, [join(ROOT, 'bench/servers', file)], { PORT: String(at) });
      await untilAnswers(`http://127.0.0.1:${at}/`, child).catch(() => sleep(500));
      const agent = new Agent({ keepAlive: true });
      return {
        pid: child.pid ?? 0,
        port: at,
        openRequest: () => get('/'),
        send: (text) => post({ host: '127.0.0.1', port: at, path: '/', headers: {}, body: text, agent }),
        stop: () => stop(child),
        ...extra,
      };
    },
  };
}

/** A client-to-server WebSocket text frame with the mask 0. */
function webSocketText(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

const webSocketUpgrade = () =>
  get(
    '/socket.io/?EIO=4&transport=websocket',
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n',
  );

function nchanPeer(): Peer | null {
  const modules = '/usr/lib/nginx/modules/ngx_nchan_module.so';
  const nginx = spawnSync('nginx', ['-v']).status === 0;
  if (!nginx || spawnSync('test', ['-f', modules]).status !== 0) return null;
  return {
    name: 'nginx + nchan',
    async start() {
      const at = port();
      const folder = mkdtempSync(join(tmpdir(), 'belfry-nchan-'));
      const file = join(folder, 'nginx.conf');
      writeFileSync(
        file,
        `load_module ${modules}; daemon off; master_process off; pid ${folder}/pid; error_log stderr crit;
         worker_rlimit_nofile 20000;
         events { worker_connections 16000; }
         http { access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
           uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
           server { listen 127.0.0.1:${at} backlog=1024; keepalive_requests 1000000;
             location = /pub { nchan_publisher; nchan_channel_id all; nchan_store_messages off; }
             location = /sub { nchan_subscriber eventsource; nchan_channel_id all; } } }`,
      );
      const child = spawnPinned('nginx', ['-c', file], {});
      await untilAnswers(`http://127.0.0.1:${at}/`, child);
      const agent = new Agent({ keepAlive: true });
      return {
        pid: child.pid ?? 0,
        port: at,
        openRequest: () => get('/sub', 'Accept: text/event-stream\r\n'),
        send: (text) => post({ host: '127.0.0.1', port: at, path: '/pub', headers: {}, body: text, agent }),
        async stop() {
          await stop(child);
          rmSync(folder, { recursive: true, force: true });
        },
      };
    },
  };
}

/** The built app: every stream belongs to a signed-in user of its own, every send is a durable row. */
export function belfryPeer(
  name: string,
  {
    streamPath,
    node = process.execPath,
    unread = 0,
  }: { streamPath: 'handover' | 'plain'; node?: string; unread?: number },
): Peer {
  return {
    name,
    async start(streams) {
      const folder = mkdtempSync(join(tmpdir(), 'belfry-bench-'));
      const databaseUrl = `file:${join(folder, 'belfry.db')}`;
      const { cookies, token } = await prepare(databaseUrl, streams, unread);
      const server = await startBelfryServer({ databaseUrl, node, env: { STREAM_PATH: streamPath } });
      return {
        pid: server.pid,
        port: server.port,
        openRequest: (index) => server.openRequest(cookies[index % cookies.length] ?? ''),
        send: server.sender(token, new Agent({ keepAlive: true })),
        async stop() {
          await server.stop();
          rmSync(folder, { recursive: true, force: true });
        },
      };
    },
  };
}

/** One instance of the built app. */
export interface BelfryServer {
  pid: number;
  port: number;
  openRequest: (cookie: string) => string;
  /** Sends a notice to everybody with the token. */
  sender: (token: string, agent: Agent) => (text: string) => Promise<void>;
  stop: () => Promise<void>;
}

export async function startBelfryServer({
  databaseUrl,
  node = process.execPath,
  core = 0,
  env,
}: {
  databaseUrl: string;
  node?: string;
  core?: number;
  env: Record<string, string>;
}): Promise<BelfryServer> {
  const {
    pid,
    port: at,
    stop,
  } = await spawnNext(ROOT, {
    node,
    core,
    env: {
      DATABASE_URL: databaseUrl,
      NEXTAUTH_SECRET: SECRET,
      NEXT_MANUAL_SIG_HANDLE: 'true',
      SEND_LIMIT_PER_MINUTE: '100000000',
      CONNECT_LIMIT_PER_MINUTE: '100000000',
      BELFRY_DEMO: '0',
      LOG_LEVEL: 'warn',
      ...env,
    },
  });
  return {
    pid,
    port: at,
    openRequest: (cookie) => get('/sse/SystemNotification', `Cookie: ${cookie}\r\n`),
    sender: (token, agent) => (text) =>
      post({
        host: '127.0.0.1',
        port: at,
        path: '/notifications/send',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ title: 'Load', message: text, audience: 'all', expiresIn: 60 }),
        agent,
      }),
    stop,
  };
}

/** Serves a built Next app on a free port of its own. */
export async function spawnNext(
  folder: string,
  { node = process.execPath, core = 0, env }: { node?: string; core?: number; env: Record<string, string> },
): Promise<{ pid: number; port: number; stop: () => Promise<void> }> {
  const at = port();
  const next = join(ROOT, 'node_modules/next/dist/bin/next');
  const child = spawnPinned(
    node,
    [next, 'start', folder, '-H', '127.0.0.1', '-p', String(at)],
    { NEXT_TELEMETRY_DISABLED: '1', ...env },
    core,
  );
  await untilAnswers(`http://127.0.0.1:${at}/api/health`, child);
  return { pid: child.pid ?? 0, port: at, stop: () => stop(child) };
}

const sessionOf = (userId: number) => `session of ${userId}`;

/** Users 1 to `users` with something waiting for each, their cookies, and a token that may send. */
export async function prepare(databaseUrl: string, users: number, unread: number) {
  await migrate(databaseUrl);
  const db = openDatabase(databaseUrl);
  const createdAt = new Date();
  const rows = Array.from({ length: users }, (_, index) => ({
    id: index + 1,
    email: `user${index}@belfry.test`,
    name: `User ${index}`,
    passwordHash: '-',
    createdAt,
  }));
  for (let at = 0; at < rows.length; at += 1_000) {
    const some = rows.slice(at, at + 1_000);
    await db.user.createMany({ data: some });
    await db.session.createMany({
      data: some.map(({ id }) => sessionRow({ id: sessionOf(id), userId: id })),
    });
  }
  for (let at = 0; at < users && unread > 0; at += 100) {
    const targets = rows.slice(at, at + 100).flatMap(({ id }) => Array.from({ length: unread }, () => id));
    await db.belfryEvent.createMany({
      data: targets.map((targetUserId) => ({
        eventType: 'SystemNotification',
        targetUserId,
        priority: 1,
        createdAt,
        payload: JSON.stringify({ title: 'Waiting', message: 'Since before you came.' }),
      })),
    });
  }
  const { createHash } = await import('node:crypto');
  const token = `bf_${'b'.repeat(43)}`;
  await db.apiToken.create({
    data: { name: 'bench', tokenHash: createHash('sha256').update(token).digest('hex') },
  });
  await db.$disconnect();
  const cookies = await Promise.all(
    rows.map(({ id }) => sessionCookie({ sessionId: sessionOf(id), secret: SECRET })),
  );
  return { cookies, token };
}

/** All peers that this machine can run. */
export function allPeers(): Peer[] {
  const greeting = webSocketText('40');
  return [
    belfryPeer('belfry', { streamPath: 'handover', unread: UNREAD }),
    belfryPeer('belfry, plain stream', { streamPath: 'plain', unread: UNREAD }),
    simplePeer('node:http, one buffer', 'node-http.mjs'),
    simplePeer('better-sse', 'better-sse.mjs'),
    simplePeer('socket.io', 'socket-io.mjs', { openRequest: webSocketUpgrade, greeting }),
    nchanPeer(),
  ].filter((peer) => peer !== null);
}

/** CPU time of a process and all its threads so far, in microseconds. Linux only. */
export function cpuMicroseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold spaces; utime and stime are fields 14 and 15, in ticks of 10 ms.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** Resident memory of a process, in KiB. */
export function residentKib(pid: number): number {
  const line = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? Number.NaN);
}
