/** `npx belfry import`: for people who come with a notifications table of their own. On real databases. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Belfry, createBelfry } from '../../lib/belfry/create-belfry.ts';
import { importRows } from '../../lib/belfry/import/import.ts';
import { sqlRows } from '../../lib/belfry/import/sql-rows.ts';
import { type SqlDatabase, sql, toNumber } from '../../lib/belfry/storage/database.ts';
import {
  type FilledDatabase,
  filledDatabase,
  freshDatabase,
  type TestDatabase,
} from '../support/database.ts';
import { DIALECT, ON_POSTGRESQL } from '../support/empty-database.ts';
import { HOUR_MS, MemorySink, NO_LOG, portOf, until } from '../support/engine.ts';
import { fillingsOn } from '../support/fillings.ts';
import { type ImportingApp, importingApp, importJson, run } from '../support/importing.ts';

// Each command is a process of its own, and some tests run many of them.
vi.setConfig({ testTimeout: 60_000 });

const NOW = new Date();
const DAY_MS = 24 * HOUR_MS;
const ago = (milliseconds: number) => new Date(NOW.getTime() - milliseconds);

const FILLINGS = fillingsOn(DIALECT);

const MAKE_TABLE = ON_POSTGRESQL
  ? `CREATE TABLE old_notifications (id UUID PRIMARY KEY, user_id INTEGER NOT NULL, subject TEXT NOT NULL, body TEXT, url TEXT,
      is_read BOOLEAN NOT NULL DEFAULT FALSE, archived_at TIMESTAMPTZ, made_at TIMESTAMPTZ NOT NULL)`
  : `CREATE TABLE old_notifications (id TEXT PRIMARY KEY, user_id INTEGER NOT NULL, subject TEXT NOT NULL, body TEXT, url TEXT,
      is_read BOOLEAN NOT NULL DEFAULT 0, archived_at DATETIME, made_at DATETIME NOT NULL)`;
const SELECT = `SELECT id, user_id, subject AS title, body AS message, url AS link, is_read AS read_at,
  archived_at AS done_at, made_at AS created_at FROM old_notifications`;

const uuid = (n: number) => `0f8fad5b-d9cb-469f-a165-${String(n).padStart(12, '0')}`;

interface Old {
  n: number;
  user?: number;
  isRead?: boolean;
  archivedAt?: Date;
  madeAt: Date;
}

async function insertOld(port: SqlDatabase, rows: readonly Old[]): Promise<void> {
  const time = (at: Date | undefined) => (at ? `'${at.toISOString()}'` : 'NULL');
  const values = rows.map(
    ({ n, user = 7, isRead = false, archivedAt, madeAt }) =>
      `('${uuid(n)}', ${user}, 'Old ${n}', 'It is number ${n}.', '/orders/${n}', ${isRead}, ${time(archivedAt)}, ${time(madeAt)})`,
  );
  await run(port, `INSERT INTO old_notifications VALUES ${values.join(', ')}`);
}

const countEvents = async (port: SqlDatabase) => {
  const [row] = await port.query<{ rows: number | bigint }>(sql`SELECT COUNT(*) AS rows FROM belfry_event`);
  return toNumber(row?.rows);
};

function belfryOn(database: SqlDatabase, options: Partial<Parameters<typeof createBelfry>[0]> = {}): Belfry {
  return createBelfry({ database, log: NO_LOG, ...options });
}

const pageOf = (belfry: Belfry, userId: string, view: 'inbox' | 'unread' | 'done' | 'all' = 'inbox') =>
  belfry.notifications.fetchPage({ userId, view });

for (const [n, filling] of FILLINGS.entries()) {
  // The same statements reach the database through each.
  describe(`from a table in the database, through ${filling.name}`, { tags: n === 0 ? [] : ['long'] }, () => {
    let filled: FilledDatabase;
    let port: SqlDatabase;
    let belfry: Belfry;
    beforeAll(async () => {
      filled = await filledDatabase(filling);
      port = filled.port;
      belfry = belfryOn(port);
      await belfry.start();
      await run(port, MAKE_TABLE);
    });
    afterAll(async () => {
      await belfry.shutdown();
      await filled.remove();
    });

    test('each stands in the inbox as it was: its words, its time, read or done, and the badge counts what is unread', async () => {
      await insertOld(port, [
        { n: 3, madeAt: ago(HOUR_MS) },
        { n: 1, madeAt: ago(3 * DAY_MS), isRead: true },
        { n: 2, madeAt: ago(2 * DAY_MS), archivedAt: ago(DAY_MS) },
        { n: 4, user: 8, madeAt: ago(400 * DAY_MS) },
      ]);
      const result = await importRows({ database: port, source: sqlRows(port, `${SELECT};`), now: NOW });
      expect(result).toMatchObject({ read: 4, imported: 4, users: 2, faults: 0, unread: [] });
      const { notifications, totals, unreadTotal } = await pageOf(belfry, '7');
      // By their times, whatever order they came in.
      expect(notifications.map(({ title, readAt }) => [title, readAt])).toEqual([
        ['Old 3', null],
        ['Old 1', ago(3 * DAY_MS).toISOString()],
      ]);
      expect(notifications[0]).toMatchObject({
        message: 'It is number 3.',
        link: '/orders/3',
        createdAt: ago(HOUR_MS).toISOString(),
        targetUserId: '7',
        eventType: 'SystemNotification',
      });
      expect([unreadTotal, totals]).toEqual([1, { unread: 1, inbox: 2, done: 1, snoozed: 0 }]);
      const { notifications: done } = await pageOf(belfry, '7', 'done');
      expect(done.map(({ title, doneAt }) => [title, doneAt])).toEqual([
        ['Old 2', ago(DAY_MS).toISOString()],
      ]);
      expect((await pageOf(belfry, '8')).notifications.map(({ createdAt }) => createdAt)).toEqual([
        ago(400 * DAY_MS).toISOString(),
      ]);
    });

    test('what its people do with it counts, and can be undone, as with anything else', async () => {
      const { notifications } = await pageOf(belfry, '7');
      const [unread, read] = notifications.map(({ id }) => id);
      const { notifications: provider } = belfry;
      await provider.unread({ userId: '7', ids: [read as number] });
      expect((await pageOf(belfry, '7')).unreadTotal).toBe(2);
      const { undo } = await provider.dismiss({ userId: '7', ids: [unread as number] });
      expect((await pageOf(belfry, '7')).totals).toMatchObject({ unread: 1, inbox: 1, done: 2 });
      await provider.undo({ userId: '7', undo: undo as string });
      const { undo: cleared } = await provider.clear({ userId: '7' });
      expect((await pageOf(belfry, '7')).totals).toMatchObject({ unread: 0, inbox: 0, done: 3 });
      await provider.undo({ userId: '7', undo: cleared as string });
      expect((await pageOf(belfry, '7')).totals).toMatchObject({ unread: 2, inbox: 2, done: 1 });
    });

    test('a second run writes nothing, and one more row of the table is one more notification', async () => {
      const before = await pageOf(belfry, '7', 'all');
      const again = () => importRows({ database: port, source: sqlRows(port, SELECT), now: NOW });
      expect(await again()).toMatchObject({ read: 4, imported: 0, there: 4 });
      expect((await pageOf(belfry, '7', 'all')).state).toBe(before.state);
      await insertOld(port, [{ n: 5, user: 8, madeAt: ago(1_000) }]);
      expect(await again()).toMatchObject({ read: 5, imported: 1, there: 4 });
      expect((await pageOf(belfry, '8')).notifications.map(({ title }) => title)).toEqual(['Old 5', 'Old 4']);
    });

    test('two at once import each row once', async () => {
      const many = Array.from({ length: 2_500 }, (_, n) => ({
        n: 100 + n,
        user: n % 50,
        madeAt: ago(DAY_MS + n),
      }));
      for (let at = 0; at < many.length; at += 500) await insertOld(port, many.slice(at, at + 500));
      const before = await countEvents(port);
      const results = await Promise.all(
        [1, 2].map(() => importRows({ database: port, source: sqlRows(port, SELECT, 900), now: NOW })),
      );
      expect(results.reduce((sum, { imported }) => sum + imported, 0)).toBe(2_500);
      expect((await countEvents(port)) - before).toBe(2_500);
    });

    test('a time is read as the driver gives it', async () => {
      const at = '2024-02-29 12:30:15.123';
      const times = ON_POSTGRESQL
        ? [
            `TIMESTAMP '${at}'`,
            `TIMESTAMPTZ '2024-02-29 13:30:15.123+01'`,
            `CAST(1709209815123 AS BIGINT)`,
            `'2024-02-29T13:30:15.123+01:00'`,
            `CAST(1709209815123 AS NUMERIC)`,
          ]
        : [`'${at}'`, `1709209815123`, `'2024-02-29T13:30:15.123+01:00'`, `'1709209815123'`];
      const select = times.map(
        (time, n) =>
          `SELECT 'time-${n}' AS id, 'times' AS user_id, 'T' AS title, 'M' AS message, ${time} AS created_at`,
      );
      for (const one of select)
        expect(await importRows({ database: port, source: sqlRows(port, one), now: NOW })).toMatchObject({
          imported: 1,
          faults: 0,
        });
      const { notifications } = await pageOf(belfry, 'times');
      expect(notifications.map(({ createdAt }) => createdAt)).toEqual(
        times.map(() => '2024-02-29T12:30:15.123Z'),
      );
    });

    test('ids may be numbers or text', async () => {
      const of = (id: string) =>
        importRows({
          database: port,
          // A page for each.
          source: sqlRows(
            port,
            `SELECT * FROM (SELECT ${id} AS id, n AS "userId", 'T' AS title, 'M' AS message, 1709209815123 AS created_at
            FROM (SELECT 1000001 AS n UNION ALL SELECT 1000002) AS numbers) AS given -- with a remark`,
            1,
          ),
          now: NOW,
        });
      expect(await of('n')).toMatchObject({ imported: 2, users: 2 });
      expect(await of("'orders-' || n")).toMatchObject({ imported: 2, users: 2 });
      expect(await of('n')).toMatchObject({ imported: 0, there: 2 });
    });

    test.skipIf(ON_POSTGRESQL)(
      'the id may be written in capital letters, on as many pages as there are',
      async () => {
        const select = `SELECT n AS ID, 'capitals' AS user_id, 'T' AS title, 'M' AS message, 1709209815123 AS created_at
      FROM (SELECT 2000001 AS n UNION ALL SELECT 2000002 UNION ALL SELECT 2000003) AS numbers`;
        let pages = 0;
        // One that does not go on would go on for ever.
        const query: typeof port.query = (statement) => {
          pages += 1;
          if (pages > 10) throw new Error('It reads the same page again.');
          return port.query(statement);
        };
        const source = sqlRows({ ...port, query }, select, 1);
        expect(await importRows({ database: port, source, now: NOW })).toMatchObject({
          imported: 3,
          faults: 0,
        });
      },
    );

    test('a SELECT that the database does not run is refused with its own words, and one whose ids are not unique with how to go on', async () => {
      const of = (select: string) => importRows({ database: port, source: sqlRows(port, select), now: NOW });
      await expect(of('SELECT id FROM nowhere')).rejects.toMatchObject({
        code: 'invalid_input',
        message: expect.stringContaining('nowhere'),
      });
      await expect(of("SELECT 'T' AS title")).rejects.toMatchObject({
        message: expect.stringMatching(/does not run this SELECT: .*id/),
      });
      await expect(of('DELETE FROM old_notifications')).rejects.toMatchObject({ code: 'invalid_input' });
      await expect(of("SELECT 1 AS id, 'T' AS title UNION ALL SELECT 1, 'U'")).rejects.toMatchObject({
        message: expect.stringMatching(/2 rows with 1 different ids.*id of its own/),
      });
      expect(await countEvents(port)).toBeGreaterThan(0);
    });
  });
}

describe('on one database', () => {
  let database: TestDatabase;
  let port: SqlDatabase;
  let belfry: Belfry;
  let time = NOW.getTime();
  beforeEach(async () => {
    time = NOW.getTime();
    database = await freshDatabase();
    port = portOf(database.db);
    belfry = belfryOn(port, { now: () => new Date(time) });
    await belfry.start();
  });
  afterEach(async () => {
    await belfry.shutdown();
    await database.remove();
  });

  const row = (id: string | number, more: object = {}) => ({
    id,
    userId: 'ada',
    title: `Title ${id}`,
    message: 'Message',
    createdAt: ago(DAY_MS).toISOString(),
    ...more,
  });
  const imported = async () => (await pageOf(belfry, 'ada', 'all')).notifications.map(({ title }) => title);

  test.each(['an array', 'an object on each line'])('from a file that holds %s', async (form) => {
    const rows = [
      row(1, { message: 'With "quotes", ] } and [ {, a \\ and a line break:\n🔔' }),
      row('two', { createdAt: NOW.getTime() - HOUR_MS, read_at: true, LINK: '' }),
      row(3, {
        created_at: ago(2 * DAY_MS),
        createdAt: undefined,
        doneAt: ago(DAY_MS),
        link: 'https://x.test/',
      }),
    ];
    const text =
      form === 'an array'
        ? `\uFEFF ${JSON.stringify(rows, null, 2)}\n`
        : rows.map((one) => JSON.stringify(one)).join('\r\n');
    for (const pieces of [1, 1_000]) {
      const result = await importJson(port, text, { pieces, now: NOW });
      expect(result).toMatchObject({ read: 3, faults: 0, [pieces === 1 ? 'imported' : 'there']: 3 });
    }
    expect(await imported()).toEqual(['Title two', 'Title 1', 'Title 3']);
    const { notifications, unreadTotal } = await pageOf(belfry, 'ada');
    expect(notifications[1]?.message).toBe(rows[0]?.message);
    expect(notifications[0]?.readAt).toBe(notifications[0]?.createdAt);
    expect(unreadTotal).toBe(1);
  });

  test('nothing is imported from an empty file, nor from an empty array', async () => {
    for (const text of ['', ' \n', '[]', '[ ]\n'])
      expect(await importJson(port, text)).toMatchObject({ read: 0, imported: 0, faults: 0 });
  });

  test('a file that is cut off is refused, and nothing of it was written', async () => {
    const text = JSON.stringify([row(1), row(2), row(3)]);
    await expect(importJson(port, text.slice(0, -20))).rejects.toThrow('after row 2 the file is cut off');
    await expect(importJson(port, text.slice(0, -1))).rejects.toThrow('cut off');
    await expect(importJson(port, `${text}]`)).rejects.toThrow('behind the end of the array');
    expect(await imported()).toEqual([]);
  });

  test('with one row that is wrong nothing is imported, and each is named with its place and a sentence', async () => {
    const rows = [
      row(1),
      row(2, { title: '' }),
      row(3, { message: null }),
      row(4, { userId: null }),
      row(5, { createdAt: undefined }),
      row(6, { createdAt: 1_709_209_815 }),
      row(7, { createdAt: 'yesterday' }),
      row(8, { createdAt: ago(-2 * HOUR_MS) }),
      row(9, { link: 'javascript:alert(1)' }),
      row(1),
      row(10, { id: undefined }),
      row(11, { title: 'x'.repeat(201) }),
      'text',
    ];
    const lines = rows.map((one) => JSON.stringify(one)).join('\n');
    const result = await importJson(port, `${lines}\n{"id": 12`, { now: NOW });
    expect(result).toMatchObject({ read: 14, imported: 1, faults: 13 });
    expect(result.firstFaults).toEqual([
      'line 2 (id 2): title: Give the notification a title.',
      'line 3 (id 3): message: Write a message.',
      'line 4 (id 4): user_id is missing.',
      'line 5 (id 5): created_at is missing.',
      'line 6 (id 6): created_at is 1970-01-20T18:46:49.815Z: give milliseconds since 1970, and not seconds, or an ISO 8601 time.',
      'line 7 (id 7): created_at is "yesterday": give an ISO 8601 time, or milliseconds since 1970.',
      `line 8 (id 8): created_at is ${ago(-2 * HOUR_MS).toISOString()}, which is yet to come: a time without a zone is taken for UTC.`,
      'line 9 (id 9): link: Start the link with / for a page of this site, or with https://.',
      'line 10 (id 1): Another row has this id.',
      'line 11: id is missing, or longer than 255 characters.',
    ]);
    expect(await imported()).toEqual([]);
  });

  test('what has expired, what was done long ago, and what is of nobody is left out and counted', async () => {
    const rows = [
      row(1),
      row(2, { expiresAt: ago(1_000) }),
      row(3, { expiresAt: ago(-DAY_MS) }),
      row(4, { doneAt: ago(8 * DAY_MS), createdAt: ago(9 * DAY_MS) }),
      row(5, { userId: 'gone' }),
      row(6, { userId: 17 }),
      row(7, { userId: 17 }),
      row(8, { is_read: 1, kind: 'x' }),
    ];
    const asked: string[] = [];
    const find = async (ids: readonly string[]) => {
      asked.push(...ids);
      return ['ada'];
    };
    const result = await importJson(port, JSON.stringify(rows), { find, now: NOW });
    expect(result).toMatchObject({
      read: 8,
      imported: 3,
      expired: 1,
      doneLongAgo: 1,
      ofUnknownUsers: 3,
      unknownUsers: ['gone', '17'],
      unread: ['is_read', 'kind'],
    });
    expect(asked).toEqual(['ada', 'gone', '17']);
    // Once somebody is known, theirs are imported.
    expect(await importJson(port, JSON.stringify(rows), { now: NOW })).toMatchObject({
      imported: 3,
      there: 3,
    });
    const { notifications } = await pageOf(belfry, 'ada');
    expect(notifications.map(({ expiresAt }) => expiresAt)).toContain(ago(-DAY_MS).toISOString());
  });

  test('what was done with and cleaned up after the import does not come back with the next', async () => {
    const text = JSON.stringify([
      row(1),
      row(2),
      row(3, { doneAt: ago(HOUR_MS) }),
      row(4, { createdAt: ago(1) }),
    ]);
    await importJson(port, text, { now: NOW });
    const { notifications } = await pageOf(belfry, 'ada');
    const dismissed = notifications.filter(({ title }) => title !== 'Title 4').map(({ id }) => id);
    await belfry.notifications.dismiss({ userId: 'ada', ids: dismissed });
    time += 8 * DAY_MS;
    expect(await belfry.cleanUp()).toBe(3);
    expect(await imported()).toEqual(['Title 4']);
    expect(await importJson(port, text, { now: new Date(time) })).toMatchObject({
      imported: 0,
      there: 3,
      doneLongAgo: 1,
    });
    expect(await imported()).toEqual(['Title 4']);
  });

  test('a dry run says the same, and writes nothing', async () => {
    await importJson(port, JSON.stringify([row(1)]), { now: NOW });
    const text = JSON.stringify([row(1), row(2), row(3, { expiresAt: ago(1) })]);
    const before = await pageOf(belfry, 'ada', 'all');
    expect(await importJson(port, text, { dryRun: true, now: NOW })).toMatchObject({
      imported: 1,
      there: 1,
      expired: 1,
    });
    expect(await pageOf(belfry, 'ada', 'all')).toMatchObject({ state: before.state });
    expect(await importJson(port, text, { now: NOW })).toMatchObject({ imported: 1, there: 1, expired: 1 });
  });

  test('a page that is open is told where the inbox stands, and of nothing as if it happened now', async () => {
    const open = async () => {
      const sink = new MemorySink();
      const connect = await belfry.prepareStream({
        credentials: { userId: 'ada', key: 'a', expiresAt: new Date(8.64e15) },
        eventTypes: ['SystemNotification'],
      } as never);
      connect(sink);
      await until(() => sink.inbox.length === 1);
      return sink;
    };
    const sink = await open();
    await importJson(
      port,
      JSON.stringify([row(1), row(2, { readAt: true }), row(3, { doneAt: ago(HOUR_MS) }), row(4)]),
      { now: NOW },
    );
    await until(() => sink.inbox.some(({ totals }) => totals.inbox === 3));
    const last = sink.inbox.at(-1);
    expect(last).toMatchObject({ kind: 'snapshot', totals: { unread: 2, inbox: 3, done: 1 } });
    expect(
      sink.events.map(({ title, isRecovered, readAt }) => [title, isRecovered, readAt !== null]),
    ).toEqual([
      ['Title 4', true, false],
      ['Title 2', true, true],
      ['Title 1', true, false],
    ]);
    await belfry.sendUserNotification({ targetUserId: 'ada', title: 'Live', message: 'Now.' });
    await until(() => sink.events.some(({ title, isRecovered }) => title === 'Live' && !isRecovered));
    expect(sink.events).toHaveLength(4);
  });
});

describe('the command', { tags: 'once' }, () => {
  let database: TestDatabase;
  let app: ImportingApp;
  beforeEach(async () => {
    database = await freshDatabase();
    app = importingApp(database.url, "{ find: async (ids) => ids.filter((id) => id !== '99') }");
  });
  afterEach(async () => {
    app.remove();
    await database.remove();
  });

  const line = (id: number, more: object = {}) =>
    JSON.stringify({
      id,
      user_id: id % 100,
      title: `Title ${id}`,
      message: 'M',
      created_at: ago(DAY_MS),
      ...more,
    });

  test('says on its standard output what became of the rows, and ends with 0', async () => {
    app.write(
      'rows.ndjson',
      [line(1), line(2), line(99), line(4, { kind: 'x', expires_at: ago(1) })].join('\n'),
    );
    const expected = (did: string) => ({
      code: 0,
      stdout: [
        'Read: 4 rows.',
        `${did}: 2 notifications of 2 users.`,
        'Left out, as they have expired: 1.',
        'Left out, as users.find does not know 1 user (99): 1.',
        'Not read: kind. What is read: id, user_id, title, message, link, created_at, read_at, done_at, expires_at.\n',
      ].join('\n'),
      stderr: '',
    });
    expect(await app.belfry('import', 'rows.ndjson', '--dry-run')).toEqual(expected('To be imported'));
    expect(await app.belfry('import', 'rows.ndjson')).toEqual(expected('Imported'));
    expect((await app.belfry('import', 'rows.ndjson')).stdout).toContain(
      'Imported: 0 notifications of 0 users.\nImported before: 2.\n',
    );
  });

  test('reads what is piped in, and the own table of the app', { tags: 'long' }, async () => {
    const piped = app.start('import', '-');
    piped.write(`[${line(1)},${line(2)}]`);
    expect(await piped.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('Imported: 2 ') });
    const port = portOf(database.db);
    await run(port, MAKE_TABLE);
    await insertOld(port, [{ n: 1, madeAt: ago(HOUR_MS) }]);
    expect(await app.belfry('import', '--sql', SELECT)).toMatchObject({
      code: 0,
      stdout: 'Read: 1 row.\nImported: 1 notification of 1 user.\n',
    });
  });

  test('ends with 1 and says how to go on, where rows are wrong, where there is no such file, and where tables are missing', {
    tags: 'long',
  }, async () => {
    app.write('rows.ndjson', [line(1), line(2, { title: '' })].join('\n'));
    for (const args of [[], ['--dry-run']]) {
      const { code, stdout, stderr } = await app.belfry('import', 'rows.ndjson', ...args);
      expect([code, stdout]).toEqual([
        1,
        'Read: 2 rows.\nNothing was imported. Without faults: 1 notification of 1 user.\n',
      ]);
      expect(stderr).toBe(
        '1 row cannot be imported as it is:\n  line 2 (id 2): title: Give the notification a title.\nMend them, or leave them out (WHERE ...), then run the same command again. Nothing was written.\n',
      );
    }
    expect(await app.belfry('import', 'no.json')).toMatchObject({
      code: 1,
      stderr: 'There is no file no.json.\n',
    });
    expect(await app.belfry('import', 'lib')).toMatchObject({
      code: 1,
      stderr: 'lib is a folder: name a file in it.\n',
    });
    expect(await app.belfry('import')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Say what to import'),
    });
    expect((await app.belfry('import', 'a', 'b')).code).toBe(2);
    expect((await app.belfry('migrate', 'a')).code).toBe(2);
    await run(portOf(database.db), `DELETE FROM belfry_migration WHERE name = '0002_imported'`);
    expect(await app.belfry('import', 'rows.ndjson')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('run `npx belfry migrate`'),
    });
  });

  test('one that was killed in the midst of it is finished by the next, and nothing is there twice', {
    tags: 'long',
  }, async () => {
    const rows = 30_000;
    app.write(
      'rows.ndjson',
      Array.from({ length: rows }, (_, id) => line(id, { user_id: id % 50, read_at: true })).join('\n'),
    );
    const killed = app.start('import', 'rows.ndjson');
    await killed.says('10,000 of 30,000 written');
    killed.kill();
    expect((await killed.ended).code).toBe(null);
    const port = portOf(database.db);
    const first = await countEvents(port);
    expect(first).toBeGreaterThanOrEqual(10_000);
    expect(first).toBeLessThan(rows);
    const { code, stdout, stderr } = await app.belfry('import', 'rows.ndjson');
    expect([code, stdout]).toEqual([
      0,
      `Read: 30,000 rows.\nImported: ${(rows - first).toLocaleString('en')} notifications of 50 users.\nImported before: ${first.toLocaleString('en')}.\n`,
    ]);
    expect(stderr).toContain('30,000 read\n');
    expect(await countEvents(port)).toBe(rows);
    const [receipts] = await port.query<{ rows: number | bigint }>(
      sql`SELECT COUNT(*) AS rows FROM belfry_event_receipt WHERE read_at IS NOT NULL`,
    );
    expect(toNumber(receipts?.rows)).toBe(rows);
  });
});
