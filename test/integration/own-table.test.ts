/** docs/recipes/own-table.md: its SELECT, out of its own text, on a table as apps make it. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Belfry, createBelfry } from '../../lib/belfry/create-belfry.ts';
import { COLUMNS } from '../../lib/belfry/import/row.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { ON_POSTGRESQL } from '../support/empty-database.ts';
import { NO_LOG, portOf } from '../support/engine.ts';
import { importingApp, run } from '../support/importing.ts';

const PAGE = readFileSync(new URL('../../docs/recipes/own-table.md', import.meta.url), 'utf8');
const [, SELECT = ''] = /```sql\n([\s\S]*?)```/.exec(PAGE) ?? [];

const TABLE = ON_POSTGRESQL
  ? `CREATE TABLE notifications (id SERIAL PRIMARY KEY, user_id TEXT NOT NULL, title VARCHAR(200) NOT NULL, body TEXT NOT NULL, url TEXT,
      is_read BOOLEAN NOT NULL DEFAULT FALSE, archived_at TIMESTAMPTZ, created_at TIMESTAMPTZ NOT NULL DEFAULT now())`
  : `CREATE TABLE notifications (id INTEGER PRIMARY KEY AUTOINCREMENT, user_id TEXT NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL, url TEXT,
      is_read INTEGER NOT NULL DEFAULT 0, archived_at DATETIME, created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP)`;
const YESTERDAY = new Date(Date.now() - 24 * 60 * 60_000).toISOString().replace('T', ' ').slice(0, 19);
const UTC = ON_POSTGRESQL ? '+00' : '';
const YES = ON_POSTGRESQL ? 'TRUE' : '1';

let database: TestDatabase;
let belfry: Belfry;
beforeEach(async () => {
  database = await freshDatabase();
  belfry = createBelfry({ database: portOf(database.db), log: NO_LOG });
});
afterEach(async () => {
  await belfry.shutdown();
  await database.remove();
});

test('its SELECT takes a typical table over', { tags: 'once' }, async () => {
  await run(
    portOf(database.db),
    TABLE,
    `INSERT INTO notifications (user_id, title, body, url, is_read, archived_at, created_at) VALUES
      ('ada', 'Shipped', 'Your order is on its way.', '/orders/7', ${YES}, NULL, '2024-03-01 08:00:00${UTC}'),
      ('ada', 'Archived', 'Seen and put away.', NULL, ${YES}, '${YESTERDAY}${UTC}', '2024-03-02 08:00:00${UTC}')`,
    `INSERT INTO notifications (user_id, title, body) VALUES ('ada', 'New', 'Not yet read.'), ('ben', 'New', 'Hello.')`,
  );
  const app = importingApp(database.url);
  const { code, stdout } = await app.belfry('import', '--sql', SELECT);
  app.remove();
  expect([code, stdout]).toEqual([0, 'Read: 4 rows.\nImported: 4 notifications of 2 users.\n']);
  await belfry.start();
  const { notifications, totals } = await belfry.notifications.fetchPage({ userId: 'ada' });
  expect(notifications.map(({ title, link, readAt }) => [title, link, readAt])).toEqual([
    ['New', null, null],
    ['Shipped', '/orders/7', '2024-03-01T08:00:00.000Z'],
  ]);
  expect(totals).toEqual({ unread: 1, inbox: 2, done: 1, snoozed: 0 });
});

test('its table names every column that is read', () => {
  const named = [...PAGE.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  expect(named.sort()).toEqual([...COLUMNS].sort());
});
