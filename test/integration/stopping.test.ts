/**
 * What is open when the server is told to stop.
 *
 * @module-tag once
 */
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { until } from '../support/engine.ts';
import { createToken, sendNotification } from '../support/http-sender.ts';
import type { TestServer } from '../support/server.ts';
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

test('a connection on which nothing was asked does not hold up a stop', { tags: 'long' }, async () => {
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

test('what a proxy sends on a connection that it kept is answered while the server stops, as the last on it', {
  tags: 'long',
}, async () => {
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
