/** How PostgreSQL answers: by its indexes, so that the cost does not grow with the tables. */
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { createStore, type TestStore } from '../support/engine.ts';

const ADA = 7;
const EVENTS = 50_000;
const USERS = 1_000;
const TABLES = [
  'belfry_event',
  'belfry_event_receipt',
  'belfry_inbox',
  'belfry_inbox_change',
  'belfry_recipient',
  'belfry_topic_member',
];

let database: TestDatabase;
let store: TestStore;
let client: Client;

beforeAll(async () => {
  database = await freshDatabase();
  store = createStore(database.db);
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`
    INSERT INTO belfry_event (event_type, priority, payload, created_at, expires_at, target_userid, group_key)
    SELECT 'Note', 1, '{"text":"hello"}', now(), CASE WHEN n % 50 = 0 THEN now() + interval '1 day' END, 1 + n % ${USERS},
      CASE WHEN n % 10 = 6 THEN 'Note/' || n % 3 END
    FROM generate_series(1, ${EVENTS}) n;
    INSERT INTO belfry_recipient (external_id) SELECT 'user ' || n FROM generate_series(1, ${USERS}) n;
    INSERT INTO belfry_event_receipt (user_id, event_id, done_at, done_revision)
    SELECT target_userid, id, now(), 0 FROM belfry_event WHERE id % 3 = 0;
    INSERT INTO belfry_inbox_change (user_id, kind, through_id, at)
    SELECT n, 'clear', 1, now() FROM generate_series(1, ${USERS}) n;
    INSERT INTO belfry_inbox (user_id, revision) SELECT n, 1 FROM generate_series(1, ${USERS}) n;
  `);
  for (const table of TABLES) await client.query(`VACUUM ANALYZE ${table}`);
}, 60_000);
afterAll(async () => {
  await client.end();
  await database.remove();
});

const questions: [string, () => Promise<unknown>][] = [
  [
    'a page of poll',
    () => store.reader.readPage({ userId: ADA, limit: 50, cursor: { orderId: EVENTS, id: EVENTS } }),
  ],
  ['a snapshot', () => store.reader.readPage({ userId: ADA, limit: 50, eventTypes: ['Note'] })],
  ['the totals', () => store.reader.readSummary(ADA)],
  ['a dismissal', () => store.inbox.dismiss({ userId: ADA, eventIds: [7, 1_007] })],
  ['putting back', () => store.inbox.restore({ userId: ADA, eventIds: [7] })],
  ['a clear', () => store.inbox.clear({ userId: ADA })],
  ['what is done', () => store.reader.readPage({ userId: ADA, limit: 50, view: 'done' })],
  ['a group', () => store.reader.readGroup({ userId: ADA, key: 'Note/1' })],
  ['the items of a group', () => store.reader.readPage({ userId: ADA, limit: 50, groupKey: 'Note/1' })],
  ['a group that is done', () => store.inbox.dismiss({ userId: ADA, groupKey: 'Note/1', throughId: EVENTS })],
  [
    'what changed',
    () => store.reader.readChanges({ userId: ADA, since: { eventId: EVENTS - 10, revision: 0 } }),
  ],
  ['catching up', () => store.eventLog.readAfter({ afterId: EVENTS - 10, limit: 500 })],
  ['the last id', () => store.eventLog.lastId()],
  ['the revisions of those who are connected', () => store.reader.readRevisions([1, 2, 3, ADA])],
];

test.each(questions)('%s reads no table of many rows from end to end', async (_name, ask) => {
  const scansOf = async () => {
    // What a connection counts reaches the view when it is idle for a moment.
    await client.query('SELECT pg_stat_clear_snapshot(), pg_stat_force_next_flush()');
    const { rows } = await client.query<{ relname: string; seq_tup_read: string }>(
      `SELECT relname, seq_tup_read FROM pg_stat_user_tables WHERE relname IN (${TABLES.map((table) => `'${table}'`).join()})`,
    );
    return rows.map(({ relname, seq_tup_read }) => [relname, Number(seq_tup_read)] as const);
  };
  const flushed = async () => {
    await database.db.$queryRaw`SELECT pg_stat_force_next_flush()::text`;
    return new Map(await scansOf());
  };
  const before = await flushed();
  await ask();
  const after = await flushed();
  const read = [...after].map(([table, rows]) => [table, rows - (before.get(table) ?? 0)]);
  expect(read.filter(([, rows]) => Number(rows) > 0)).toEqual([]);
});
