/**
 * What a container runs, without a container: the folder as the Dockerfile makes it, and nothing around it.
 *
 * @module-tag long
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { redisServer } from '../../scripts/servers.mjs';
import { startCollector } from '../support/collector.ts';
import { until } from '../support/engine.ts';
import { freePort } from '../support/free-port.ts';
import { sendNotification } from '../support/http-sender.ts';
import { openHttpStream } from '../support/http-stream.ts';
import { startUnderOldNode } from '../support/old-node.ts';
import { HAS_REDIS } from '../support/redis.ts';
import { signIn, type TestServer } from '../support/server.ts';
import { startTestServer } from '../support/test-server.ts';

// Each test starts a server from a folder that nothing has read yet.
vi.setConfig({ testTimeout: 60_000 });

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BUILD_LIMIT_MS = 180_000;
const BUILD_SCRIPT = 'scripts/build-standalone.mjs';
const DOCKERFILE = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');

/** As a container sets it: a name that only it knows, and an address that is not loopback. */
const CONTAINER = {
  HOSTNAME: 'a1b2c3d4e5f6',
  BELFRY_HOST: '',
  NEXT_MANUAL_SIG_HANDLE: '',
  NEXTAUTH_SECRET: 'a secret for this test alone',
  NEXTAUTH_URL: '',
  BELFRY_DEMO: '1',
  LOG_LEVEL: 'warn',
};

let folder: string;
let app: string;
let server: TestServer | undefined;

beforeAll(async () => {
  // Builds only what changed since `npm test` built it.
  await run(process.execPath, [join(ROOT, BUILD_SCRIPT)], { cwd: ROOT });
  // Outside the project, so that no folder above it has a node_modules.
  folder = mkdtempSync(join(tmpdir(), 'belfry-image-'));
  app = join(folder, 'app');
  for (const { sources, target } of copiesOfLastStage()) {
    for (const source of sources)
      cpSync(source, join(app, target), { recursive: true, verbatimSymlinks: true });
  }
}, BUILD_LIMIT_MS);

afterEach(async () => {
  await server?.remove();
  server = undefined;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The last stage's `COPY --from=build` lines, with the build's folder for this project's. */
function copiesOfLastStage() {
  const [, stage = ''] = DOCKERFILE.split('FROM base AS app');
  return [...stage.matchAll(/^COPY --from=build (.+)$/gm)].map(([, line = '']) => {
    const paths = line.split(/\s+/);
    return {
      sources: paths.slice(0, -1).map((path) => path.replace(/^\/app\//, ROOT)),
      target: paths.at(-1) ?? '',
    };
  });
}

async function start(env: Record<string, string> = {}): Promise<TestServer> {
  server = await startTestServer({ standalone: app, env: { ...CONTAINER, ...env } });
  return server;
}

test('the folder serves by itself: health, sign-in, pages with their files, a live stream, traces; and stops in order', async () => {
  const collector = await startCollector();
  const running = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  const health = await fetch(`${running.url}/api/health`);
  expect(await health.json()).toMatchObject({ app: 'belfry', status: 'ok', database: 'ok' });

  const page = await (await fetch(`${running.url}/sign-in`)).text();
  const files = [...page.matchAll(/"(\/_next\/static\/[^"]+\.(?:css|js))"/g)].map(([, path]) => path);
  expect(files.length).toBeGreaterThan(2);
  for (const path of files) expect((await fetch(`${running.url}${path}`)).status).toBe(200);

  const ada = await running.signIn('ada@belfry.test');
  const stream = await openHttpStream(ada);
  const id = await sendNotification(running);
  await until(() => stream.ids.includes(id));

  const { milliseconds, code } = await running.stop('SIGTERM');
  expect(code).toBe(0);
  expect(milliseconds).toBeLessThan(5_000);
  await until(() => stream.ended);
  expect(stream.messages.map(({ event }) => event)).toContain('reconnect');
  expect(collector.spans.map(({ name }) => name)).toContain('belfry.send');
  collector.close();
});

test('its health check tells a server that is there from one that is not', async () => {
  const { url, stop } = await start();
  const check = async () => {
    const env = { ...process.env, ...CONTAINER, PORT: new URL(url).port };
    const [code] = await once(spawn(process.execPath, ['healthy.mjs'], { cwd: app, env }), 'exit');
    return code;
  };
  expect(await check()).toBe(0);
  await stop();
  expect(await check()).toBe(1);
});

test('without a secret it refuses to start, in a sentence', async () => {
  const env = {
    ...process.env,
    ...CONTAINER,
    NODE_OPTIONS: '',
    NEXTAUTH_SECRET: '',
    PORT: String(await freePort()),
    DATABASE_URL: `file:${join(folder, 'unused.db')}`,
  };
  const child = spawn(process.execPath, ['start.mjs'], { cwd: app, env, timeout: 15_000 });
  const [errors, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect(code).toBe(1);
  expect(errors).toContain('does not listen on 0.0.0.0 without NEXTAUTH_SECRET');
  expect(errors).not.toMatch(/^\s+at /m);
});

test.each(['start.mjs', 'server.js'])(
  'under a Node that is too old %s ends with a sentence, before it serves anything',
  async (script) => {
    const { code, output } = await startUnderOldNode(app, [script]);
    expect(code).toBe(1);
    expect(output).toBe(
      'Belfry needs Node 22 or later, and this is 20.20.2. Start it with a newer one: the image that the Dockerfile makes has the one that Belfry is tested on.\n',
    );
  },
);

test('the folder holds what it runs on, and nothing that only development needs', () => {
  expect(readdirSync(app).sort()).toEqual(
    [
      '.next-standalone',
      'check-node.mjs',
      'healthy.mjs',
      'next-server.js',
      'node_modules',
      'package.json',
      'prisma',
      'server.js',
      'start.mjs',
    ].sort(),
  );
  for (const provider of readdirSync(join(ROOT, 'prisma/migrations'))) {
    const migrations = (root: string) => readdirSync(join(root, 'prisma/migrations', provider)).sort();
    expect(migrations(app)).toEqual(migrations(ROOT));
  }
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  expect(
    files.map(({ name }) => name).filter((name) => name.startsWith('.env') || /\.(db|test\.ts)$/.test(name)),
  ).toEqual([]);
});

test('what the Dockerfile and the compose file name is there', () => {
  const compose = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as Compose;
  const stages = [...DOCKERFILE.matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, name]) => name);
  const named = new Set(Object.keys(compose.services));
  for (const { build, depends_on: needs = {}, volumes = [] } of Object.values(compose.services)) {
    if (build) expect(stages).toContain(build.target);
    for (const [name, { condition }] of Object.entries(needs)) {
      expect(named).toContain(name);
      if (condition !== 'service_healthy') continue;
      const { healthcheck, build: own } = compose.services[name] ?? {};
      expect(Boolean(healthcheck) || own?.target === 'app', `${name} has a health check`).toBe(true);
    }
    for (const volume of volumes) {
      const [source = ''] = volume.split(':');
      if (source.startsWith('.')) expect(existsSync(join(ROOT, source)), source).toBe(true);
      else expect(Object.keys(compose.volumes)).toContain(source);
    }
  }
  for (const name of ['app1', 'app2', 'tools'])
    expect(compose.services[name]?.environment?.NEXTAUTH_SECRET).toMatch(/^\$\{NEXTAUTH_SECRET:\?/);

  const copied = [...DOCKERFILE.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) =>
    paths.split(' '),
  );
  for (const path of copied) expect(existsSync(join(ROOT, path)), path).toBe(true);
  const scripts = [...DOCKERFILE.matchAll(/^(?:RUN|CMD) .*?([\w/-]+\.mjs)/gm)].map(([, path = '']) => path);
  expect(
    scripts.filter((path) => !existsSync(join(ROOT, path)) && !existsSync(join(ROOT, 'deploy', path))),
  ).toEqual([]);
});

test.runIf(HAS_REDIS)(
  'Redis as the compose file starts it lets nobody in without the password, and its health check knows it',
  async () => {
    const compose = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as Compose;
    const { command = [], healthcheck } = compose.services.redis ?? {};
    const [, ...settings] = command.map((word) => (word.startsWith('${REDIS_PASSWORD') ? 'letters' : word));
    const port = String(await freePort());
    const redis = spawn(redisServer() as string, [...settings, '--port', port], { cwd: folder });
    try {
      const check = (env: Record<string, string>) =>
        run('sh', ['-c', (healthcheck?.test[1] ?? '').replace('redis-cli', `redis-cli -p ${port}`)], {
          env: { ...process.env, ...env },
        }).then(
          () => true,
          () => false,
        );
      await until(() => check({ REDISCLI_AUTH: 'letters' }));
      expect(await check({})).toBe(false);
      expect(await check({ REDISCLI_AUTH: 'others' })).toBe(false);
    } finally {
      const exited = once(redis, 'exit');
      redis.kill('SIGTERM');
      await exited;
    }
  },
);

interface Compose {
  services: Record<
    string,
    {
      command?: string[];
      build?: { context: string; target: string };
      depends_on?: Record<string, { condition: string }>;
      environment?: Record<string, string>;
      healthcheck?: { test: string[] };
      volumes?: string[];
    }
  >;
  volumes: Record<string, unknown>;
}

const nginx = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/sbin/nginx'].find((path) => existsSync(path));

// Where there is none, the tests of the proxies (npm run test:faults) install one.
test.runIf(nginx)(
  'nginx takes its configuration, and signing in, dismissing and a live stream work through it',
  async () => {
    const running = await start();
    const port = await freePort();
    const configuration = readFileSync(join(ROOT, 'deploy/nginx.conf'), 'utf8')
      // Names and ports of the containers; older versions do not know `resolve`.
      .replaceAll('server app1:3000 resolve', `server 127.0.0.1:${new URL(running.url).port}`)
      .replaceAll('server app2:3000 resolve', `server 127.0.0.1:${await freePort()}`)
      .replace('listen 80 ', `listen 127.0.0.1:${port} `)
      .replace('/tmp/nginx.pid', join(folder, 'nginx.pid'))
      .replace('include /etc/nginx/mime.types;', temporaryPaths());
    writeFileSync(join(folder, 'nginx.conf'), configuration);
    mkdirSync(join(folder, 'nginx'), { recursive: true });
    const args = ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')];
    await run(nginx as string, ['-t', ...args]);

    const proxy = spawn(nginx as string, [...args, '-g', 'daemon off;'], { stdio: 'ignore' });
    try {
      const url = `http://127.0.0.1:${port}`;
      await until(async () => (await fetch(`${url}/api/health`).catch(() => null))?.ok ?? false);
      const ada = await signIn(url, 'ada@belfry.test');
      const stream = await openHttpStream(ada);
      const id = await sendNotification(running);
      // Before a heartbeat could push it out of a buffer.
      await until(() => stream.ids.includes(id));
      expect(stream.messages.map(({ event }) => event)).not.toContain('heartbeat');
      // The app compares the Origin with the Host that the browser asked.
      expect((await ada.post('/notifications/dismiss', { ids: [id] })).status).toBe(200);
      stream.close();
    } finally {
      const exited = once(proxy, 'exit');
      proxy.kill('SIGTERM');
      await exited;
    }
  },
);

function temporaryPaths(): string {
  return ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(folder, 'nginx', name)};`)
    .join(' ');
}
