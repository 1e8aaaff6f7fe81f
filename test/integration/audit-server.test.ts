import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../../lib/database/db.ts';
import { createToken, sendWith } from '../support/http-sender.ts';
import type { TestServer } from '../support/server.ts';
import { startTestServer } from '../support/test-server.ts';

const DAY_MS = 24 * 60 * 60_000;
const NOTICE = { title: 'Fire drill', message: 'At noon.', audience: 'all' };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
}, 60_000);
afterAll(() => server?.remove());

async function entries() {
  const db = openDatabase(server.databaseUrl);
  try {
    return await db.auditEntry.findMany({ orderBy: { id: 'asc' } });
  } finally {
    await db.$disconnect();
  }
}

test('a token does what its scopes say, until its last day', async () => {
  const send = (token: string) => sendWith(server, token, NOTICE);
  const metrics = (token: string) =>
    fetch(`${server.url}/api/metrics`, { headers: { Authorization: `Bearer ${token}` } });
  const sender = await createToken(server, { scopes: 'send', expiresAt: new Date(Date.now() + DAY_MS) });
  const reader = await createToken(server, { scopes: 'metrics' });
  expect([(await send(sender)).status, (await metrics(reader)).status]).toEqual([201, 200]);
  for (const [refused, scope] of [
    [await send(reader), 'send'],
    [await metrics(sender), 'metrics'],
  ] as const) {
    expect(refused.status).toBe(403);
    const { error } = await refused.json();
    expect(error).toMatchObject({
      code: 'not_allowed',
      message: expect.stringContaining(`scope "${scope}"`),
    });
  }
  const expired = await send(await createToken(server, { expiresAt: new Date(Date.now() - 1) }));
  expect(expired.status).toBe(401);
  expect((await expired.json()).error.message).toMatch(/^This token has expired\./);
});

test('what people and programs do is in the trail once the server has stopped, and in its log', async () => {
  const admin = await server.signIn('admin@belfry.test');
  await expect(server.signIn('ada@belfry.test', 'a wrong password')).rejects.toThrow();
  const revoked = await createToken(server, { revoked: true });
  for (let n = 0; n < 5; n += 1) await sendWith(server, revoked, NOTICE);
  expect((await admin.post('/notifications/send', NOTICE)).status).toBe(201);
  expect(
    (await admin.post('/notifications/send', { ...NOTICE, audience: undefined, targetUserId: 2 })).status,
  ).toBe(201);
  await server.stop();
  const trail = await entries();
  const of = (action: string) => trail.filter((entry) => entry.action === action);
  const address = '127.0.0.1';
  expect(of('demo_accounts_created')).toMatchObject([{ actor: 'Belfry' }]);
  expect(of('signed_in')).toMatchObject([{ actor: 'admin@belfry.test', address, agent: 'node' }]);
  expect(of('signed_in')[0]?.actorUserId).toBeGreaterThan(0);
  expect(of('sign_in_refused')).toMatchObject([{ actor: 'ada@belfry.test', address }]);
  expect(of('token_refused').map(({ detail }) => detail)).toEqual([
    '{"reason":"expired"}',
    '{"reason":"revoked"}',
  ]);
  expect(of('notification_sent').map(({ actor, subject }) => [actor, subject])).toEqual([
    [expect.stringMatching(/^token \d+ \(test\)$/), 'everyone'],
    ['admin@belfry.test', 'everyone'],
    ['admin@belfry.test', 'user 2'],
  ]);
  // The title of what one person got is theirs.
  expect(of('notification_sent').map(({ detail }) => detail?.includes('Fire drill'))).toEqual([
    true,
    true,
    false,
  ]);
  expect(JSON.stringify(trail, (_, value) => (typeof value === 'bigint' ? 0 : value))).not.toContain(
    'wrong password',
  );
  const lines = server.log().match(/^\{.*"audit":.*\}$/gm) ?? [];
  expect(lines).toHaveLength(trail.length);
});
