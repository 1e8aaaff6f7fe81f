/** How the database answers: by its indexes, so that the cost does not grow with the tables. */
import BetterSqlite3 from 'better-sqlite3';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { EventStore } from '../../lib/belfry/storage/event-store.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { fileOf } from '../support/empty-database.ts';
import { newEvent } from '../support/engine.ts';

const ADA = 1;
const prepare = vi.spyOn(BetterSqlite3.prototype, 'prepare');

let database: TestDatabase;
let store: EventStore;

beforeAll(async () => {
  database = await freshDatabase();
  store = new EventStore(database.db);
  for (let count = 0; count < 5; count += 1) await store.append(newEvent({ targetUserId: ADA }));
});
afterAll(() => database.remove());

const questions: [string, () => Promise<unknown>][] = [
  ['a page of poll', () => store.readInbox({ userId: ADA, limit: 51, order: 'newest', beforeId: 4 })],
  [
    'the backlog of a stream',
    () => store.readInbox({ userId: ADA, limit: 100, order: 'urgent', eventTypes: ['Note'], knownId: 3 }),
  ],
  ['the unread total', () => store.readInboxState(ADA)],
  ['a dismissal', () => store.dismiss({ userId: ADA, eventIds: [1, 2] })],
  ['a clear', () => store.clear(ADA)],
  ['catching up', () => store.readAfter({ afterId: 2, limit: 500 })],
  ['the last id', () => store.lastId()],
  ['what became of the last notices', () => store.recentGlobal({ eventType: 'Note', limit: 20 })],
  ['clean-up', () => store.removeObsolete({ dismissedBefore: new Date() })],
];

test.each(questions)('%s reads no table from end to end', async (_name, ask) => {
  prepare.mockClear();
  await ask();
  const asked = prepare.mock.calls
    .map(([sql]) => sql)
    .filter((sql) => /\b(event|event_receipt|inbox)\b/.test(sql));
  expect(asked.length).toBeGreaterThan(0);
  const scans = asked
    .flatMap(planOf)
    .filter((step) => /^SCAN (e|r|i|event|event_receipt|inbox)\b/.test(step));
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
