/** How the embedded database looks at sessions: by its indexes, since every request asks. */
// First: the app opens the database that the environment names when it is loaded.
import '../support/app-database.ts';

import BetterSqlite3 from 'better-sqlite3';
import { beforeAll, expect, test, vi } from 'vitest';
import { checkOpenSessions, noteUse } from '../../lib/auth/session-use.ts';
import {
  endOtherSessions,
  findEndedLately,
  findSession,
  listSessions,
  removeOldSessions,
} from '../../lib/auth/sessions.ts';
import { env } from '../../lib/config/env.ts';
import { embeddedDatabaseFile } from '../../lib/config/start-settings.mjs';
import { db } from '../../lib/database/db.ts';
import { until } from '../support/engine.ts';
import { sessionRow } from '../support/session.ts';

const prepare = vi.spyOn(BetterSqlite3.prototype, 'prepare');
const DAY_MS = 24 * 60 * 60_000;

beforeAll(async () => {
  const { id: userId } = await db.user.create({
    data: { email: 'ada@example.com', name: 'Ada', passwordHash: '-' },
  });
  const longAgo = new Date(Date.now() - 100 * DAY_MS);
  await db.session.createMany({
    data: [
      sessionRow({ id: 'phone', userId }),
      { ...sessionRow({ id: 'laptop', userId }), endedAt: longAgo },
      { ...sessionRow({ id: 'tablet', userId }), lastSeenAt: longAgo },
    ],
  });
});

test.each([
  ['who is asking', () => findSession('phone')],
  ['the sessions of a person', () => listSessions(1)],
  ['what was ended lately', () => findEndedLately()],
  ['the sessions of open streams', () => checkOpenSessions([{ id: 'phone' }, { id: 'laptop' }])],
  ['ending all others', () => endOtherSessions({ userId: 1, sessionId: 'phone' })],
  ['clean-up', () => removeOldSessions()],
])('%s is found without going through the table', async (_what, ask) => {
  prepare.mockClear();
  await ask();
  const asked = prepare.mock.calls.map(([sql]) => sql).filter((sql) => /\bsession\b/.test(sql));
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.flatMap(planOf).filter((step) => /^SCAN (s|u|session|user|main)\b/.test(step))).toEqual(
    // The one row that was found by its id.
    asked.flatMap(planOf).some((step) => step.startsWith('CO-ROUTINE s')) ? ['SCAN s'] : [],
  );
});

test('the sessions that were used are found by their ids, however many others stand', async () => {
  const { id: userId } = await db.user.findFirstOrThrow();
  await db.session.create({ data: sessionRow({ id: 'watch', userId }) });
  prepare.mockClear();
  noteUse('watch', { address: '127.0.0.1', agent: 'Chromium' });
  await until(
    async () => (await db.session.findUniqueOrThrow({ where: { id: 'watch' } })).agent === 'Chromium',
  );
  const asked = prepare.mock.calls.map(([sql]) => sql).filter((sql) => sql.includes('UPDATE session'));
  expect(asked.flatMap(planOf).filter((step) => /\bsession\b/.test(step))).toEqual([
    'SEARCH session USING INDEX sqlite_autoindex_session_1 (id=?)',
  ]);
});

function planOf(sql: string): string[] {
  const connection = new BetterSqlite3(embeddedDatabaseFile(env.databaseUrl) as string, { readonly: true });
  try {
    const parameters = Array.from(sql.matchAll(/\?\d*/g), () => null);
    const steps = connection.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(parameters) as { detail: string }[];
    return steps.map(({ detail }) => detail);
  } finally {
    connection.close();
  }
}
