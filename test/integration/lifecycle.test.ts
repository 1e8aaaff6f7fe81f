import { afterEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../lib/database/db.ts';
import { until } from '../support/engine.ts';
import { createToken, sendNotification, sendWith } from '../support/http-sender.ts';
import { openHttpStream } from '../support/http-stream.ts';
import type { SignedIn, TestServer } from '../support/server.ts';
import { dataOf } from '../support/sse.ts';
import { startTestServer } from '../support/test-server.ts';

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

describe.each([
  ['handover', ['once']],
  ['plain', ['long']],
])('on SIGTERM, by the path %s', (STREAM_PATH, tags) => {
  test('every open stream is told to come back, and the server is gone within 5 s', { tags }, async () => {
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
  });
});

test('a send under way while the server stops is either acknowledged and stored, or refused', {
  tags: 'long',
}, async () => {
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

test('sessions, tokens and the inbox go on after a restart; demo accounts are made once', {
  tags: 'long',
}, async () => {
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

test('a page that fails says so to the reader, and in the log as one line with a code, which is counted', {
  tags: 'once',
}, async () => {
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
