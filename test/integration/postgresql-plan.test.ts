/** How PostgreSQL answers: by its indexes, so that the cost does not grow with the tables. */
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EventStore } from '../../lib/belfry/storage/event-store.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

const ADA = 7;
const EVENTS = 50_000;
const USERS = 1_000;

let database: TestDatabase;
let store: EventStore;
let client: Client;

beforeAll(async () => {
  database = await freshDatabase();
  store = new EventStore(database.db);
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`
    INSERT INTO event (event_type, priority, payload, created_at, expires_at, target_userid)
    SELECT 'Note', 1, '{"text":"hello"}', now(), CASE WHEN n % 50 = 0 THEN now() + interval '1 day' END, 1 + n % ${USERS}
    FROM generate_series(1, ${EVENTS}) n;
    INSERT INTO event_receipt (user_id, event_id, dismissed_at)
    SELECT target_userid, id, now() FROM event WHERE id % 3 = 0;
    INSERT INTO inbox (user_id, revision) SELECT n, 1 FROM generate_series(1, ${USERS}) n;
  `);
  for (const table of ['event', 'event_receipt', 'inbox']) await client.query(`VACUUM ANALYZE ${table}`);
}, 60_000);
afterAll(async () => {
  await client.end();
  await database.remove();
});

const questions: [string, () => Promise<unknown>][] = [
  ['a page of poll', () => store.readInbox({ userId: ADA, limit: 51, order: 'newest', beforeId: EVENTS })],
  [
    'the backlog of a stream',
    () => store.readInbox({ userId: ADA, limit: 100, order: 'urgent', eventTypes: ['Note'], knownId: 3 }),
  ],
  ['the unread total', () => store.readInboxState(ADA)],
  ['a dismissal', () => store.dismiss({ userId: ADA, eventIds: [7, 1_007] })],
  ['a clear', () => store.clear(ADA)],
  ['catching up', () => store.readAfter({ afterId: EVENTS - 10, limit: 500 })],
  ['the last id', () => store.lastId()],
  ['the revisions of those who are connected', () => store.readRevisions([1, 2, 3, ADA])],
];

test.each(questions)('%s reads no table of many rows from end to end', async (_name, ask) => {
  const scansOf = async () => {
    // What a connection counts reaches the view when it is idle for a moment.
    await client.query('SELECT pg_stat_clear_snapshot(), pg_stat_force_next_flush()');
    const { rows } = await client.query<{ relname: string; seq_tup_read: string }>(
      `SELECT relname, seq_tup_read FROM pg_stat_user_tables WHERE relname IN ('event', 'event_receipt', 'inbox')`,
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
