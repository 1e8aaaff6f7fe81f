/** Both instances are restarted behind the nginx of deploy/nginx.conf, each as soon as the one before is healthy. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/free-port.ts';
import { temporaryFolder, toApp } from './belfry.ts';
import { type Fault, largest, skipped, Verdict } from './fault.ts';
import { type Instances, withInstances } from './instances.ts';
import { comesTrue, range } from './waiting.ts';

const CONFIGURATION = fileURLToPath(new URL('../../deploy/nginx.conf', import.meta.url));
const USERS = 20;
// Below what the configuration lets one address ask.
const REQUESTS_EACH_SECOND = 40;
const AT_ONCE = 8;
const ROUNDS = { short: 2, full: 6 };
const FEWEST_REQUESTS = 500;
const START_LIMIT_MS = 10_000;

export const rollingRestartNginx: Fault = {
  name: 'rolling-restart-nginx',
  breaks: `SIGTERM and a new start of one instance behind deploy/nginx.conf, and of the other as soon as health says 200, ${ROUNDS.full} times (short: ${ROUNDS.short})`,
  bound: `0 of at least ${FEWEST_REQUESTS} requests fail: pages, polls, streams, and sends, which nginx must not repeat; each instance exits in under 5 s with code 0`,
  runs: 'alone',
  limitSeconds: { short: 120, full: 300 },
  dependsOnStreamPath: false,
  take: (circumstances) => {
    if (!existsSync('/usr/sbin/nginx')) return Promise.resolve(skipped('nginx: not installed'));
    return withInstances({ ...circumstances, users: USERS }, async (instances) => {
      const nginx = await startNginx(instances);
      const agent = new Agent({ keepAlive: true, maxSockets: 100 });
      try {
        const app = toApp({ url: nginx.url, databaseUrl: instances.databaseUrl, agent });
        return await take({ instances, nginx, app, rounds: ROUNDS[circumstances.short ? 'short' : 'full'] });
      } finally {
        agent.destroy();
        await nginx.close();
      }
    });
  },
};

interface Taking {
  instances: Instances;
  nginx: Nginx;
  app: ReturnType<typeof toApp>;
  rounds: number;
}

async function take({ instances, nginx, app, rounds }: Taking) {
  const verdict = new Verdict();
  const cookies = await Promise.all(range(USERS).map((index) => app.cookieOf(index + 1)));
  const failures: string[] = [];
  const longest = { milliseconds: 0 };
  let asked = 0;
  let isOver = false;
  const acknowledged: number[] = [];

  const kinds: ((index: number, headers: Record<string, string>) => Promise<string | null>)[] = [
    async (index) => {
      const answer = await app.send({ title: `Notice ${index}`, message: 'One of many.', targetUserId: 1 });
      if (answer.status !== 201) return `send ${answer.status}`;
      acknowledged.push((JSON.parse(answer.text) as { id: number }).id);
      return null;
    },
    async (_, headers) => told('page', (await app.ask('/', { headers })).status),
    async (_, headers) => told('poll', (await app.ask('/notifications/poll', { headers })).status),
    async (_, headers) => told('stream', await openStream(`${app.url}/sse/SystemNotification`, headers)),
  ];
  const worker = async (first: number) => {
    for (let index = first; !isOver; index += AT_ONCE) {
      const kind = kinds[index % kinds.length] as (typeof kinds)[number];
      const since = performance.now();
      const failure = await kind(index, { Cookie: cookies[index % USERS] as string }).catch(String);
      longest.milliseconds = Math.max(longest.milliseconds, performance.now() - since);
      asked += 1;
      if (failure) failures.push(failure);
      await sleep((AT_ONCE * 1_000) / REQUESTS_EACH_SECOND);
    }
  };
  const workers = range(AT_ONCE).map(worker);

  const exits: number[] = [];
  for (const _ of range(rounds)) {
    for (const { server } of instances.all) {
      const { milliseconds, code } = await server.stop('SIGTERM');
      verdict.expect(code === 0, `An instance exited with ${code}.`);
      exits.push(milliseconds);
      // It returns when health says 200, and not later.
      await server.start();
    }
  }
  await comesTrue(() => asked >= FEWEST_REQUESTS, 30_000);
  isOver = true;
  await Promise.all(workers);
  const stored = (await app.stored()).map(({ id }) => id);
  const lost = acknowledged.filter((id) => !stored.includes(id)).length;
  verdict.expect(
    failures.length === 0,
    `Of ${asked} requests these failed: ${failures.join(', ')}. nginx says:\n${nginx.complaints()}`,
  );
  verdict.expect(lost === 0, `${lost} acknowledged rows are lost.`);
  verdict.expect(
    stored.length === acknowledged.length,
    `${stored.length} are stored, and ${acknowledged.length} were sent.`,
  );
  verdict.expect(asked >= FEWEST_REQUESTS, `Only ${asked} requests were made.`);
  verdict.expectWithin(largest(exits) < 5_000, `An instance took ${largest(exits).toFixed(0)} ms to exit.`);
  return verdict.finding(
    `${failures.length} of ${asked} requests failed in ${rounds * 2} restarts, the slowest answer after ${longest.milliseconds.toFixed(0)} ms; exits in at most ${largest(exits).toFixed(0)} ms`,
  );
}

const told = (what: string, status: number) => (status === 200 ? null : `${what} ${status}`);

/** The status of a stream, which is left as soon as its first bytes are there. */
function openStream(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { headers, agent: false }, (incoming) => {
      const status = incoming.statusCode ?? 0;
      incoming.on('error', () => resolve(status));
      incoming.once('end', () => resolve(status));
      incoming.once('data', () => {
        resolve(status);
        outgoing.destroy();
      });
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/** The file as it is, but for addresses, and for what only newer versions, and containers, know. */
function configurationFor({
  folder,
  port,
  ports,
}: {
  folder: string;
  port: number;
  ports: number[];
}): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((what) => {
    mkdirSync(join(folder, what), { mode: 0o777 });
    return `${what}_temp_path ${join(folder, what)};`;
  });
  const original = readFileSync(CONFIGURATION, 'utf8');
  return original
    .replace(/^pid .*;$/m, `pid ${join(folder, 'pid')};`)
    .replace(/^ *resolver .*;$/m, '')
    .replaceAll(/server app(\d):3000 resolve/g, (_, index) => `server 127.0.0.1:${ports[Number(index) - 1]}`)
    .replace(/listen \d+ default_server;/, `listen 127.0.0.1:${port} default_server;`)
    .replaceAll(/client_body_temp_path.*|(proxy|fastcgi|uwsgi|scgi)_temp_path.*/g, '')
    .replace(/^http \{$/m, ['http {', ...temporary].join('\n'));
}

interface Nginx {
  url: string;
  close: () => Promise<void>;
  /** What it wrote into its error log, but for instances that do not listen: those are what is tried. */
  complaints: () => string;
}

async function startNginx(instances: Instances): Promise<Nginx> {
  const { folder, remove } = temporaryFolder();
  const port = await freePort();
  const ports = instances.all.map(({ url }) => Number(new URL(url).port));
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configurationFor({ folder, port, ports }));
  const args = ['-e', join(folder, 'early'), '-c', file, '-g', 'daemon off;'];
  const child = spawn('/usr/sbin/nginx', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (text: Buffer) => {
    complaints += text.toString();
  });
  const url = `http://127.0.0.1:${port}`;
  const close = async () => {
    await end(child);
    remove();
  };
  const isUp = () =>
    fetch(`${url}/api/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  if (!(await comesTrue(isUp, START_LIMIT_MS))) {
    await close();
    throw new Error(`nginx did not start: ${complaints}`);
  }
  const isOrdinary = (line: string) =>
    /connect\(\) failed \(111|upstream server temporarily disabled/.test(line);
  const linesThatTell = () => complaints.split('\n').filter((line) => !isOrdinary(line));
  return { url, close, complaints: () => linesThatTell().join('\n') };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
