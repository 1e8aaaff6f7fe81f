/** Proxies in front of the app, as Debian configures them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installDebianPackages } from '../../scripts/debian.mjs';
import { freePort } from '../support/free-port.ts';
import { createSseReader, dataOf, events, inboxFrames } from '../support/sse.ts';
import { type Belfry, idOf, temporaryFolder, withBelfry } from './belfry.ts';
import { type Fault, type Finding, skipped, Verdict } from './fault.ts';
import { comesTrue } from './waiting.ts';

const ALIVE_SECONDS = { short: 20, full: 150 };
const FIRST_EVENT_MS = 1_000;
const GONE_LIMIT_MS = 10_000;
const START_LIMIT_MS = 10_000;
const READERS = { nginx: 2, haproxy: 3 };

interface Proxy {
  name: keyof typeof READERS;
  configuration: string;
  /** Writes what the proxy reads, and gives the command that keeps it in the foreground. */
  configure: (options: { folder: string; port: number; app: number }) => string[];
}

const PROXIES: readonly Proxy[] = [
  {
    name: 'nginx',
    configuration: '/etc/nginx/nginx.conf',
    configure: ({ folder, port, app }) => {
      const site = join(folder, 'site');
      writeFileSync(
        site,
        `server { listen 127.0.0.1:${port} default_server; server_name _; location / { proxy_pass http://127.0.0.1:${app}; } }\n`,
      );
      // Debian's own file, but for where it writes and which sites it serves.
      const main = readFileSync('/etc/nginx/nginx.conf', 'utf8')
        .replace(/^pid .*;$/m, `pid ${folder}/pid;`)
        .replace(/(access_log|error_log) [^;]+;/g, `$1 ${folder}/$1;`)
        .replace(/include \/etc\/nginx\/sites-enabled\/\*;/, `include ${site};`)
        .replace(/^http \{$/m, ['http {', ...temporaryPaths(folder)].join('\n'));
      writeFileSync(join(folder, 'nginx.conf'), main);
      return ['nginx', '-e', join(folder, 'early'), '-c', join(folder, 'nginx.conf'), '-g', 'daemon off;'];
    },
  },
  {
    name: 'haproxy',
    configuration: '/etc/haproxy/haproxy.cfg',
    configure: ({ folder, port, app }) => {
      // Debian's own file; what needs a daemon's folders and rights is left out.
      const main = readFileSync('/etc/haproxy/haproxy.cfg', 'utf8')
        .split('\n')
        .filter((line) => !/^\s*(chroot|stats|user|group|daemon|log)\s?/.test(line) || /^defaults/.test(line))
        .join('\n');
      const added = `
frontend faults
  bind 127.0.0.1:${port}
  default_backend belfry
backend belfry
  server app 127.0.0.1:${app}
`;
      writeFileSync(join(folder, 'haproxy.cfg'), `${main}${added}`);
      return ['haproxy', '-db', '-f', join(folder, 'haproxy.cfg')];
    },
  },
];

export const proxies: Fault = {
  name: 'proxies',
  breaks: "Debian's nginx and haproxy in front, with their default configurations",
  bound: `first event in under 1 s; alive and live after ${ALIVE_SECONDS.full} s (short: ${ALIVE_SECONDS.short} s); a client that leaves leaves no stream`,
  runs: 'beside',
  limitSeconds: { short: 180, full: 300 },
  dependsOnStreamPath: true,
  async take(circumstances) {
    const missing = PROXIES.filter(({ configuration }) => !existsSync(configuration)).map(({ name }) => name);
    if (missing.length > 0 && !(await installDebianPackages(missing)).installed) {
      const names = missing.join(' and ');
      return skipped(`${names}: not installed, and only root can install them, on Debian`);
    }
    const seconds = ALIVE_SECONDS[circumstances.short ? 'short' : 'full'];
    return withBelfry(circumstances, (belfry) => take(belfry, seconds));
  },
};

async function take(belfry: Belfry, seconds: number): Promise<Finding> {
  const verdict = new Verdict();
  const stops: (() => Promise<void>)[] = [];
  try {
    const figures = await Promise.all(
      PROXIES.map((proxy) => takeOne({ belfry, proxy, seconds, verdict, stops })),
    );
    // While the proxies still run: they have to pass on that the client has left. nginx does so at once,
    // haproxy when it has something to write.
    const areGone = await comesTrue(async () => {
      await belfry.send({ title: 'Anybody there?', message: 'No.', audience: 'all' });
      return (await belfry.streams()) === 0;
    }, GONE_LIMIT_MS);
    verdict.expect(areGone, `${await belfry.streams()} streams were left.`);
    return verdict.finding(`${figures.join('; ')}; alive after ${seconds} s`);
  } finally {
    await Promise.all(stops.map((stop) => stop()));
  }
}

interface Taking {
  belfry: Belfry;
  proxy: Proxy;
  seconds: number;
  verdict: Verdict;
  /** What has to be done at the end. */
  stops: (() => Promise<void>)[];
}

async function takeOne({ belfry, proxy, seconds, verdict, stops }: Taking): Promise<string> {
  const { name, configure } = proxy;
  const { folder, remove } = temporaryFolder();
  const port = await freePort();
  const [program = '', ...args] = configure({ folder, port, app: belfry.port });
  // Where Debian puts servers; the path of somebody who is not root may leave it out.
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
  const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.once('error', (error) => {
    complaints += error.message;
  });
  child.stderr.on('data', (text: Buffer) => {
    complaints += text.toString();
  });
  stops.push(async () => {
    await end(child);
    remove();
  });
  const url = `http://127.0.0.1:${port}`;
  const isUp = await comesTrue(
    async () => (await fetchOrNull(`${url}/api/health`))?.ok === true,
    START_LIMIT_MS,
  );
  verdict.expect(isUp, `${name} did not start: ${complaints}`);
  if (!isUp) return `${name} did not start`;

  const leave = new AbortController();
  const since = performance.now();
  const response = await fetch(`${url}/sse/SystemNotification`, {
    headers: { Cookie: await belfry.cookieOf(READERS[name]) },
    signal: leave.signal,
  });
  const reader = createSseReader();
  let isOver = false;
  const reading = (async () => {
    for await (const text of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()))
      reader.feed(text);
  })().catch(() => {});
  void reading.then(() => {
    isOver = true;
  });
  const { messages } = reader.decoded;
  await comesTrue(() => inboxFrames(messages).length > 0, FIRST_EVENT_MS * 5);
  const firstMs = performance.now() - since;
  verdict.expectWithin(
    firstMs < FIRST_EVENT_MS,
    `Behind ${name} the first event took ${firstMs.toFixed(0)} ms.`,
  );

  await comesTrue(() => isOver, seconds * 1_000);
  verdict.expect(!isOver, `Behind ${name} the stream ended.`);
  const beats = dataOf(messages, 'heartbeat').length;
  verdict.expect(beats >= Math.floor(seconds / 15), `Behind ${name} ${beats} heartbeats came.`);
  const sentAt = performance.now();
  const id = idOf(await belfry.send({ title: 'Still there?', message: 'Yes.', audience: 'all' }));
  const came = await comesTrue(() => events(messages).some((event) => event.id === id), FIRST_EVENT_MS);
  verdict.expectWithin(came, `Behind ${name} a notice did not arrive within 1 s.`);
  const liveMs = performance.now() - sentAt;
  leave.abort();
  return `${name}: first event ${firstMs.toFixed(0)} ms, ${beats} heartbeats, then live in ${liveMs.toFixed(0)} ms`;
}

function temporaryPaths(folder: string): string[] {
  return ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => {
    const path = join(folder, what);
    mkdirSync(path, { mode: 0o777 });
    return `${what}_temp_path ${path};`;
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await Promise.race([exited, sleep(2_000)]);
  child.kill('SIGKILL');
}

async function fetchOrNull(url: string): Promise<Response | null> {
  return fetch(url).catch(() => null);
}
