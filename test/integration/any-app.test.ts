/** Belfry as an app of somebody else has it: their accounts, their database, the routes as Next would call them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { SignedInUser } from '../../lib/belfry/accounts/accounts.ts';
import { type Belfry, type BelfryOptions, createBelfry } from '../../lib/belfry/create-belfry.ts';
import { defineEventType } from '../../lib/belfry/definitions/event-type.ts';
import { migrate } from '../../lib/belfry/migrations/migrations.ts';
import { defineBelfry } from '../../lib/belfry/next/define-belfry.ts';
import { notificationRoutes, streamRoutes } from '../../lib/belfry/next/routes.ts';
import { SystemNotification } from '../../lib/belfry/notifications/system-notification.ts';
import { isBelfryError } from '../../lib/belfry/protocol/errors.ts';
import { sql } from '../../lib/belfry/storage/database.ts';
import { postgresqlDatabase } from '../../lib/belfry/storage/postgresql-database.ts';
import { sqliteDatabase } from '../../lib/belfry/storage/sqlite-database.ts';
import { emptyDatabase, ON_POSTGRESQL } from '../support/empty-database.ts';
import { until } from '../support/engine.ts';
import { createSseReader } from '../support/sse.ts';

const SITE = 'http://app.test';
const ADA = '0a9c1f0e-ada';
const SECRET = 'a secret of the clock';
const SILENT = { info() {}, warn() {}, error() {} };

/** The app's accounts: who has which session, by cookie. */
const sessions = new Map<string, SignedInUser>();
const current = ({ headers }: Request) => sessions.get(headers.get('cookie') ?? '') ?? null;

let belfry: Belfry;
let remove: () => Promise<unknown>;
let database: BelfryOptions['database'];
let transact: (work: (tx: unknown) => void) => Promise<void>;

beforeEach(async () => {
  sessions.clear();
  sessions.set('session=phone', { id: ADA, session: 'phone' });
  sessions.set('session=laptop', { id: ADA, session: 'laptop' });
  sessions.set('session=ben', { id: 2, session: 'ben' });
  if (ON_POSTGRESQL) {
    const { url } = await emptyDatabase();
    const pool = new Pool({ connectionString: url });
    database = postgresqlDatabase(pool);
    remove = () => pool.end();
    transact = async (work) => {
      const client = await pool.connect();
      await client.query('BEGIN');
      try {
        await work(client);
        await client.query('COMMIT');
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      } finally {
        client.release();
      }
    };
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'belfry-test-'));
  const connection = new BetterSqlite3(join(folder, 'app.db'));
  database = sqliteDatabase(connection);
  transact = async (work) =>
    connection.transaction(() => {
      work(connection);
    })();
  remove = async () => {
    connection.close();
    rmSync(folder, { recursive: true });
  };
});
afterEach(async () => {
  vi.useRealTimers();
  await belfry.shutdown();
  await remove();
});

function makeBelfry(options: Partial<BelfryOptions> = {}): void {
  belfry = createBelfry({ database, users: { current }, migrates: true, log: SILENT, ...options });
}

interface Asking {
  method?: string;
  cookie?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

function ask(path: string, { method = 'GET', cookie = 'session=phone', headers = {}, body }: Asking = {}) {
  const routes = notificationRoutes(belfry, { cronSecret: SECRET });
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const request = new Request(`${SITE}/base/notifications/${path}`, {
    method,
    headers: { cookie, host: 'app.test', 'content-type': 'application/json', ...headers },
    ...sent,
  });
  return routes[method as 'GET' | 'POST'](request, {});
}

const change = (path: string, body: unknown, headers: Record<string, string> = { origin: SITE }) =>
  ask(path, { method: 'POST', body, headers });

async function codeOf(answer: Promise<Response>): Promise<[number, string]> {
  const response = await answer;
  return [response.status, (await response.json()).error.code];
}

/** What arrives on a stream, and whether it has ended. */
async function listen(cookie = 'session=phone') {
  const { GET } = streamRoutes(belfry);
  const request = new Request(`${SITE}/sse/SystemNotification`, { headers: { cookie } });
  const response = await GET(request, { params: Promise.resolve({ eventType: 'SystemNotification' }) });
  const reader = createSseReader();
  const stream = { status: response.status, reader, ended: false };
  const decoder = new TextDecoder();
  void (async () => {
    for await (const chunk of response.body ?? []) reader.feed(decoder.decode(chunk, { stream: true }));
    stream.ended = true;
  })();
  await until(() => reader.decoded.messages.length > 0 || stream.ended);
  return stream;
}

const names = ({ reader }: Awaited<ReturnType<typeof listen>>) =>
  reader.decoded.messages.map(({ event }) => event);
const welcome = { title: 'Welcome', message: 'Have a look around.' };

describe('the routes', () => {
  test('they start Belfry and make its tables by themselves, and give each user what is theirs', async () => {
    makeBelfry();
    expect(await (await ask('poll')).json()).toMatchObject({ notifications: [], unreadTotal: 0 });
    await belfry.sendUserNotification({ ...welcome, targetUserId: ADA });
    await belfry.sendUserNotification({ ...welcome, targetUserId: 2 });
    const { notifications, unreadTotal } = await (await ask('poll')).json();
    expect([unreadTotal, notifications[0].title, notifications[0].targetUserId]).toEqual([1, 'Welcome', ADA]);
    const dismissed = await change('dismiss', { ids: [notifications[0].id] });
    expect(await dismissed.json()).toMatchObject({ totals: { unread: 0 }, undo: expect.any(String) });
  });

  test('who is not signed in, is somebody else than the page thinks, or comes from elsewhere, is refused in JSON', async () => {
    makeBelfry();
    expect(await codeOf(ask('poll', { cookie: '' }))).toEqual([401, 'not_signed_in']);
    expect(await codeOf(ask('poll', { headers: { 'x-belfry-user': '2' } }))).toEqual([401, 'not_signed_in']);
    expect(await codeOf(change('clear', {}, { origin: 'https://evil.test' }))).toEqual([403, 'wrong_origin']);
    expect(await codeOf(change('clear', {}, {}))).toEqual([403, 'wrong_origin']);
    expect((await listen('')).status).toBe(401);
  });

  test('what is not there, has another method, or is asked too often, is refused in JSON', async () => {
    makeBelfry();
    expect(await codeOf(ask('nothing'))).toEqual([404, 'not_found']);
    expect(await codeOf(ask('poll/further'))).toEqual([404, 'not_found']);
    expect(await codeOf(ask('poll', { method: 'POST', body: {} }))).toEqual([405, 'method_not_allowed']);
    const { GET } = notificationRoutes(belfry, { limits: { poll: 1, connect: 1, change: 1 } });
    const poll = () =>
      GET(new Request(`${SITE}/notifications/poll`, { headers: { cookie: 'session=ben' } }), {});
    expect((await poll()).status).toBe(200);
    const refused = await poll();
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true]);
  });

  test('a failure of the app is told without its inside', async () => {
    const error = vi.fn();
    makeBelfry({
      users: {
        current: () => {
          throw new Error('password=secret');
        },
      },
      log: { ...SILENT, error },
    });
    const answer = await ask('poll');
    expect([answer.status, await answer.text()]).toEqual([500, expect.not.stringContaining('secret')]);
    expect(error).toHaveBeenCalledOnce();
  });

  test('the route for a clock outside runs what is due, for who knows its secret', async () => {
    makeBelfry();
    expect(await codeOf(ask('jobs'))).toEqual([403, 'not_allowed']);
    expect(await codeOf(ask('jobs', { headers: { authorization: 'Bearer guess' } }))).toEqual([
      403,
      'not_allowed',
    ]);
    await belfry.start();
    await belfry.shutdown();
    // An instance that nobody has started: nothing of it runs by itself.
    makeBelfry();
    const ran = vi.fn();
    belfry.jobs.define('app.work', { run: async () => ran() });
    await belfry.jobs.enqueue({ kind: 'app.work' });
    const answer = await ask('jobs', { headers: { authorization: `Bearer ${SECRET}` }, cookie: '' });
    expect([answer.status, ran.mock.calls.length]).toEqual([200, 1]);
  });
});

test.skipIf(ON_POSTGRESQL)('a file of SQLite is in write-ahead mode then', async () => {
  makeBelfry();
  await belfry.start();
  expect(await database.query(sql`PRAGMA journal_mode`)).toEqual([{ journal_mode: 'wal' }]);
});

test('a start that failed half-way is tried again by the next request, and streams are live then', async () => {
  let isAway = true;
  const query: typeof database.query = (statement) =>
    isAway && /belfry_history/.test(statement.sql)
      ? Promise.reject(Object.assign(new Error('away'), { code: '57P01' }))
      : database.query(statement);
  const transaction: typeof database.transaction = (work) =>
    database.transaction((tx) =>
      work({ ...tx, query: (statement) => (isAway ? query(statement) : tx.query(statement)) }),
    );
  makeBelfry({ database: { ...database, query, transaction }, migrates: false });
  await migrate(database);
  expect((await ask('poll')).status).toBe(503);
  isAway = false;
  const phone = await listen();
  await belfry.sendUserNotification({ ...welcome, targetUserId: ADA });
  await until(() => names(phone).includes('SystemNotification'));
});

test('where a pool of pg cannot reach its server, a request is told that the database is away, and when to try again', async () => {
  // Nobody listens there.
  const pool = new Pool({ connectionString: 'postgresql://127.0.0.1:1/app' });
  makeBelfry({ database: postgresqlDatabase(pool), migrates: false });
  const answer = await ask('poll');
  expect([answer.status, (await answer.json()).error.code]).toEqual([503, 'database_unusable']);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  // So says any other server that is away: a job that needs one has been tried.
  const other = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:25'), { code: 'ECONNREFUSED' });
  expect(belfry.database.isUnavailable(other)).toBe(false);
});

describe('a stream', () => {
  test('ends with the session that signs out, on the one call, and no other does', async () => {
    makeBelfry();
    const [phone, laptop, ben] = [
      await listen(),
      await listen('session=laptop'),
      await listen('session=ben'),
    ];
    await belfry.disconnect({ userId: ADA, sessions: ['phone'] });
    await until(() => phone.ended);
    expect(names(phone).at(-1)).toBe('session-ended');
    await belfry.disconnect({ userId: ADA });
    await until(() => laptop.ended);
    expect(ben.ended).toBe(false);
  });

  test('ends within 30 s after a sign-out that nobody told of, and goes on for who is still signed in', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    makeBelfry();
    const stream = async (cookie: string) => {
      const listening = listen(cookie);
      await vi.advanceTimersByTimeAsync(100);
      return listening;
    };
    const [phone, laptop] = [await stream('session=phone'), await stream('session=laptop')];
    sessions.delete('session=phone');
    await vi.advanceTimersByTimeAsync(30_000);
    expect([phone.ended, names(phone).includes('session-ended'), laptop.ended]).toEqual([true, true, false]);
  });

  test('stays while the app cannot say who is signed in', async () => {
    let isAway = false;
    makeBelfry({
      revalidateEveryMs: 20,
      users: {
        current: (request) => {
          if (isAway) throw new Error('The accounts are away.');
          return current(request);
        },
      },
    });
    const phone = await listen();
    isAway = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(phone.ended).toBe(false);
  });

  test('ends before its time is over where it may not last, and tells the client to come back', async () => {
    makeBelfry({ maxStreamMs: 200 });
    const phone = await listen();
    await until(() => phone.ended, 400);
    expect(names(phone).at(-1)).toBe('reconnect');
  });
});

describe("a transaction of the app's", () => {
  test('stores a notification with its commit, and nothing with its rollback', async () => {
    makeBelfry();
    await belfry.start();
    const phone = await listen();
    const failing = transact((tx) => {
      const sent = belfry.sendUserNotification({ ...welcome, targetUserId: ADA }, { tx });
      if (ON_POSTGRESQL) return sent.then(() => Promise.reject(new Error('changed my mind')));
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    await transact((tx) =>
      belfry.sendUserNotification({ ...welcome, title: 'Kept', targetUserId: 'new' }, { tx }),
    );
    await transact((tx) =>
      belfry.notify(SystemNotification, { to: { users: [ADA, 'new'] }, payload: welcome }, { tx }),
    );
    await until(() => names(phone).includes('SystemNotification'));
    expect((await (await ask('poll')).json()).notifications).toHaveLength(1);
  });

  test('that is synchronous is rolled back by what is refused', async () => {
    makeBelfry();
    await belfry.start();
    const refused = transact((tx) => {
      belfry.sendUserNotification({ ...welcome, targetUserId: ADA }, { tx });
      return belfry.sendUserNotification({ title: '', message: '', targetUserId: ADA }, { tx });
    });
    await expect(refused).rejects.toSatisfy((error) => isBelfryError(error, 'invalid_input'));
    await belfry.runJobs();
    expect((await (await ask('poll')).json()).notifications).toEqual([]);
  });
});

test('one Belfry is defined in a process, and asks the app as it was loaded last', async () => {
  const types = [defineEventType({ name: 'Later', payload: z.object({}) })];
  const open = vi.fn(() => database);
  const onStarted = vi.fn();
  const first = defineBelfry({
    database: open,
    users: { current: () => null },
    migrates: true,
    log: SILENT,
    onStarted,
  });
  belfry = defineBelfry({ database, users: { current }, types, migrates: true, log: SILENT });
  expect(belfry).toBe(first);
  // A build defines it as well.
  expect(open).not.toHaveBeenCalled();
  const listenedBefore = process.listenerCount('SIGTERM');
  expect((await ask('poll')).status).toBe(200);
  expect(process.listenerCount('SIGTERM')).toBe(listenedBefore + 1);
  expect(onStarted).toHaveBeenCalledOnce();
  await expect(belfry.connectedUsers(types[0] as never)).resolves.toEqual([]);
  expect(await belfry.sendUserNotification({ ...welcome, targetUserId: 'anybody' })).toEqual({
    id: expect.any(Number),
  });
});
