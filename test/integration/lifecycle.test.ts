import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { openDatabase } from '../../lib/database/db.ts';
import { until } from '../support/engine.ts';
import { startAndFail } from '../support/failing-start.ts';
import { createToken, sendNotification, sendWith } from '../support/http-sender.ts';
import { openHttpStream } from '../support/http-stream.ts';
import { startUnderOldNode } from '../support/old-node.ts';
import type { SignedIn, TestServer } from '../support/server.ts';
import { dataOf } from '../support/sse.ts';
import { startTestServer } from '../support/test-server.ts';

const NEXT = fileURLToPath(new URL('../../node_modules/next/dist/bin/next', import.meta.url));
const servers: TestServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.remove()));
});

async function start(env: Record<string, string> = {}): Promise<TestServer> {
  const server = await startTestServer({ env: { LOG_LEVEL: 'warn', ...env } });
  servers.push(server);
  return server;
}

async function unreadIds(user: SignedIn): Promise<number[]> {
  const response = await user.fetch('/notifications/poll?limit=100');
  return ((await response.json()) as { notifications: { id: number }[] }).notifications.map(({ id }) => id);
}

test('what was acknowledged survives kill -9 under load, dismissals too, and the next start serves it', async () => {
  const server = await start();
  const ada = await server.signIn('ada@belfry.test');
  const token = await createToken(server);
  const dismissed = await sendNotification(server, {}, token);
  await ada.post('/notifications/dismiss', { ids: [dismissed] });
  const acknowledged: number[] = [];
  const senders = Array.from({ length: 4 }, async () => {
    for (;;) acknowledged.push(await sendNotification(server, {}, token));
  }).map((sender) => sender.catch(() => undefined));
  await until(() => acknowledged.length >= 40);
  await server.stop('SIGKILL');
  await Promise.all(senders);
  await server.start();
  const again = await unreadIds(ada);
  expect(acknowledged.filter((id) => !again.includes(id))).toEqual([]);
  expect(again).not.toContain(dismissed);
  // A request that was cut off may have been stored; nothing else is there.
  expect(again.length - acknowledged.length).toBeLessThanOrEqual(4);
});

test.each(['handover', 'plain'])(
  'SIGTERM tells every open stream to come back, and the server is gone within 5 s (%s)',
  async (STREAM_PATH) => {
    const server = await start({ STREAM_PATH });
    const [ada, ben] = [await server.signIn('ada@belfry.test'), await server.signIn('ben@belfry.test')];
    const streams = [await openHttpStream(ada), await openHttpStream(ada), await openHttpStream(ben)];
    const { milliseconds, code } = await server.stop('SIGTERM');
    expect(code).toBe(0);
    expect(milliseconds).toBeLessThan(5_000);
    await until(() => streams.every(({ ended }) => ended));
    for (const stream of streams) {
      expect(dataOf<{ afterMs: number }>(stream.messages, 'reconnect')).toHaveLength(1);
      expect(stream.retries.at(-1)).toBeGreaterThanOrEqual(500);
    }

    await server.start();
    const missed = await sendNotification(server);
    const reopened = await openHttpStream(ada, { headers: { 'Last-Event-ID': '' } });
    await until(() => reopened.ids.length > 0);
    expect(reopened.ids).toEqual([missed]);
    reopened.close();
  },
);

test('SIGINT stops it as well, and a stop with a stalled client too', async () => {
  const server = await start();
  const ada = await server.signIn('ada@belfry.test');
  // Its body is never read.
  const stalled = await ada.fetch('/sse/SystemNotification');
  for (let n = 0; n < 5; n += 1) await sendNotification(server, { message: 'x'.repeat(9_000) });
  const { milliseconds, code } = await server.stop('SIGINT');
  expect(code).toBe(0);
  expect(milliseconds).toBeLessThan(5_000);
  await stalled.body?.cancel().catch(() => undefined);
});

test('a connection on which nothing was asked does not hold up a stop', async () => {
  const server = await start();
  const { port, hostname } = new URL(server.url);
  const silent = connect(Number(port), hostname);
  silent.on('error', () => {});
  await once(silent, 'connect');
  const { milliseconds, code } = await server.stop('SIGTERM');
  expect(code).toBe(0);
  expect(milliseconds).toBeLessThan(3_000);
  expect(server.log()).not.toContain('shutdown_failed');
});

test('what a proxy sends on a connection that it kept is answered while the server stops, as the last on it', async () => {
  const server = await start({ TRUSTED_PROXIES: '127.0.0.1' });
  const token = await createToken(server);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const send = () =>
    new Promise<{ status: number | undefined; connection: string | undefined; isKept: boolean }>(
      (resolve, reject) => {
        const headers = {
          'X-Forwarded-For': '203.0.113.7',
          Authorization: `Bearer ${token}`,
          'Content-Type': 'application/json',
        };
        const url = `${server.url}/notifications/send`;
        const outgoing = request(url, { method: 'POST', agent, headers }, (incoming) => {
          incoming.resume().once('end', () => {
            const { statusCode: status, headers: answered } = incoming;
            resolve({ status, connection: answered.connection, isKept: outgoing.reusedSocket });
          });
        });
        outgoing.once('error', reject);
        outgoing.end(JSON.stringify({ title: 'x', message: 'x', audience: 'all' }));
      },
    );
  expect(await send()).toEqual({ status: 201, connection: 'keep-alive', isKept: false });
  const stopped = server.stop('SIGTERM');
  await until(() =>
    fetch(server.url).then(
      () => false,
      () => true,
    ),
  );
  expect(await send()).toEqual({ status: 201, connection: 'close', isKept: true });
  const { milliseconds, code } = await stopped;
  expect(code).toBe(0);
  expect(milliseconds).toBeLessThan(5_000);
  agent.destroy();
});

test('a send under way while the server stops is either acknowledged and stored, or refused', async () => {
  const server = await start();
  const ada = await server.signIn('ada@belfry.test');
  const token = await createToken(server);
  const body = { title: 'x', message: 'x', audience: 'all' };
  const acknowledged: number[] = [];
  const sending = Array.from({ length: 30 }, async () => {
    const response = await sendWith(server, token, body);
    if (response.status === 201) acknowledged.push(((await response.json()) as { id: number }).id);
  }).map((one) => one.catch(() => undefined));
  const stopped = server.stop('SIGTERM');
  await Promise.all([...sending, stopped]);
  await server.start();
  const stored = await unreadIds(ada);
  expect(acknowledged.filter((id) => !stored.includes(id))).toEqual([]);
});

test('sessions, tokens and the inbox go on after a restart; demo accounts are made once', async () => {
  const server = await start();
  const ada = await server.signIn('ada@belfry.test');
  const token = await createToken(server);
  const id = await sendNotification(server, { idempotencyKey: 'across' }, token);
  await server.stop();
  await server.start();
  expect(await unreadIds(ada)).toEqual([id]);
  expect(await sendNotification(server, { idempotencyKey: 'across' }, token)).toBe(id);
  await server.signIn('ben@belfry.test');
});

test('a page that fails says so to the reader, and in the log as one line with a code, which is counted', async () => {
  const server = await start();
  const ada = await server.signIn('ada@belfry.test');
  const token = await createToken(server);
  const db = openDatabase(server.databaseUrl);
  await db.$executeRaw`ALTER TABLE "user" RENAME TO user_away`;
  const page = await ada.fetch('/');
  await db.$executeRaw`ALTER TABLE user_away RENAME TO "user"`;
  await db.$disconnect();
  expect([page.status, (await ada.fetch('/')).status]).toEqual([500, 200]);
  const lines = () =>
    server
      .log()
      .split('\n')
      .filter((line) => line.includes('"code":"page_failed"'));
  await until(() => lines().length > 0);
  expect(JSON.parse(lines()[0] ?? '')).toMatchObject({ level: 'error', method: 'GET', path: '/' });
  const metrics = await fetch(`${server.url}/api/metrics`, { headers: { Authorization: `Bearer ${token}` } });
  expect(await metrics.text()).toMatch(/^belfry_failures_total\{code="page_failed"\} [1-9]/m);
});

test('a file that is no database stops the start with a sentence, without a stack trace', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-test-'));
  const file = join(folder, 'diary.txt');
  writeFileSync(file, 'my diary '.repeat(1_000));
  const { code, output } = await startAndFail({ DATABASE_URL: `file:${file}` });
  rmSync(folder, { recursive: true });
  expect(code).toBe(1);
  expect(output).toMatch(/The database .*diary\.txt cannot be used .*DATABASE_URL/);
  expect(output).not.toMatch(/^\s+at /m);
});

test.each([
  [{ MAX_STREAMS_PER_USER: 'many' }, 'MAX_STREAMS_PER_USER must be a whole number above 0.'],
  [{ BELFRY_HOST: '0.0.0.0', NEXTAUTH_SECRET: '' }, 'without NEXTAUTH_SECRET'],
])('a variable that cannot be used stops the start with a sentence: %j', async (env, sentence) => {
  const { code, output } = await startAndFail(env);
  expect(code).toBe(1);
  expect(output).toContain(sentence);
  expect(output).not.toMatch(/^\s+at /m);
});

test('a Node that is too old is refused with a sentence by `next start` itself', async () => {
  const { code, output } = await startUnderOldNode(
    process.cwd(),
    [NEXT, 'start', '-H', '127.0.0.1', '-p', '0'],
    {
      DATABASE_URL: 'file:/nowhere/belfry.db',
    },
  );
  expect(code).toBe(1);
  expect(output).toContain('Belfry needs Node 22 or later, and this is 20.20.2.');
  expect(output).not.toMatch(/^\s+at /m);
});

test('the oldest Node that is taken is the one that the database driver asks for, wherever it is said', () => {
  const { engines } = JSON.parse(readFileSync('node_modules/better-sqlite3/package.json', 'utf8'));
  const said = ['lib/lifecycle/node-version.ts', 'deploy/check-node.mjs'].map(
    (file) => /OLDEST_NODE = (\d+)/.exec(readFileSync(file, 'utf8'))?.[1],
  );
  expect(said.map((version) => `>=${version}`)).toEqual([engines.node, engines.node]);
});
