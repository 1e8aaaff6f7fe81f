/** How the database answers: by its indexes, so that the cost does not grow with the tables. */
import BetterSqlite3 from 'better-sqlite3';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { SentEvents } from '../../lib/belfry/inbox/sent-events.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { fileOf } from '../support/empty-database.ts';
import { createStore, type TestStore } from '../support/engine.ts';

const ADA = 1;
const prepare = vi.spyOn(BetterSqlite3.prototype, 'prepare');

let database: TestDatabase;
let store: TestStore;

beforeAll(async () => {
  database = await freshDatabase();
  store = createStore(database.db);
  for (let count = 0; count < 5; count += 1) await store.append({ targetUserId: ADA, groupKey: 'Note/1' });
});
afterAll(() => database.remove());

const questions: [string, () => Promise<unknown>][] = [
  ['a page of poll', () => store.reader.readPage({ userId: ADA, limit: 50, cursor: { orderId: 4, id: 4 } })],
  ['a snapshot', () => store.reader.readPage({ userId: ADA, limit: 50, eventTypes: ['Note'] })],
  ['the totals', () => store.reader.readSummary(ADA)],
  ['a dismissal', () => store.inbox.dismiss({ userId: ADA, eventIds: [1, 2] })],
  ['putting back', () => store.inbox.restore({ userId: ADA, eventIds: [1] })],
  ['a clear', () => store.inbox.clear({ userId: ADA })],
  ['what is done', () => store.reader.readPage({ userId: ADA, limit: 50, view: 'done' })],
  ['what changed', () => store.reader.readChanges({ userId: ADA, since: { eventId: 2, revision: 0 } })],
  ['the items of a group', () => store.reader.readPage({ userId: ADA, limit: 50, groupKey: 'Note/1' })],
  ['a group that is done', () => store.inbox.dismiss({ userId: ADA, groupKey: 'Note/1', throughId: 5 })],
  ['catching up', () => store.eventLog.readAfter({ afterId: 2, limit: 500 })],
  ['the last id', () => store.eventLog.lastId()],
  ['the revisions of those who are connected', () => store.reader.readRevisions([1, 2, 3, ADA])],
  [
    'what became of the last notices',
    () => new SentEvents(store.database).recentGlobal({ eventType: 'Note', limit: 20 }),
  ],
  ['clean-up', () => store.cleanUp.run({ now: new Date(), doneBefore: new Date() })],
];

test.each(questions)('%s reads no table from end to end', async (_name, ask) => {
  prepare.mockClear();
  await ask();
  const asked = prepare.mock.calls
    .map(([sql]) => sql)
    .filter((sql) => /\bbelfry_(event|event_receipt|inbox|inbox_change|topic_member|recipient)\b/.test(sql));
  expect(asked.length).toBeGreaterThan(0);
  const scans = asked.flatMap(planOf).filter((step) => /^SCAN (e|r|i|c|m|p|belfry_\w+)\b/.test(step));
  expect(scans).toEqual([]);
});

function planOf(sql: string): string[] {
  const connection = new BetterSqlite3(fileOf(database), { readonly: true });
  try {
    const parameters = Array.from(sql.matchAll(/\?\d*/g), () => null);
    const steps = connection.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(parameters) as { detail: string }[];
    return steps.map(({ detail }) => detail);
  } finally {
    connection.close();
  }
}
