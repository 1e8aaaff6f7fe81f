import { afterAll, beforeAll, expect, test } from 'vitest';
import { empty, raw, type Sql, type SqlDatabase, sql, toNumber } from '../../lib/belfry/storage/database.ts';
import { prismaDatabase } from '../../lib/belfry/storage/prisma-database.ts';
import { type Database, openDatabase } from '../../lib/database/db.ts';
import { migrate, readMigrations } from '../../lib/database/migrations.ts';
import { emptyDatabase } from '../support/empty-database.ts';

const USERS = 1_000;
const EVENTS = 100_000;
const LONG_AGO = new Date(Date.UTC(2025, 0, 1));
const PAST = new Date(Date.UTC(2025, 5, 1));
const FAR_AHEAD = new Date(Date.UTC(2125, 0, 1));

let client: Database;
let db: SqlDatabase;
let remove: () => Promise<void>;
let inboxesBefore: unknown[];
let rowsBefore: Record<string, unknown[]>;

/** A table, under its name of before and of now. */
const at = (when: 'before' | 'after', table: string) =>
  raw(when === 'before' ? `"${table}"` : `"belfry_${table}"`);

// What the migration may neither lose nor change.
const KEPT: Record<string, (when: 'before' | 'after') => Sql> = {
  accounts: () =>
    sql`SELECT "id", "email", "name", "password_hash", "role", "disabled_at" FROM "user" ORDER BY "id"`,
  tokens: () =>
    sql`SELECT "id", "name", "token_hash", "created_at", "last_used_at", "revoked_at" FROM "api_token" ORDER BY "id"`,
  outbox: (when) => sql`SELECT "id", "event_type", ${recipientOf(when)} AS "recipient", "priority", "payload",
    "created_at", "expires_at", "idempotency_key", "sent_by" FROM ${at(when, 'event_outbox')} ORDER BY "id"`,
  events: (
    when,
  ) => sql`SELECT "id", "event_type", "target_userid", "priority", "payload", "created_at", "expires_at",
    "idempotency_key", "sent_by" FROM ${at(when, 'event')} ORDER BY "id"`,
};

function recipientOf(when: 'before' | 'after'): Sql {
  if (when === 'before') return sql`CAST("target_userid" AS TEXT)`;
  return db.dialect === 'sqlite' ? sql`"user_ids" ->> 0` : sql`CAST("user_ids" AS json) ->> 0`;
}

beforeAll(async () => {
  const fresh = await emptyDatabase();
  remove = fresh.remove;
  const dialect = fresh.url.startsWith('postgres') ? 'postgresql' : 'sqlite';
  await migrate(fresh.url, readMigrations(dialect).slice(0, 1));
  client = openDatabase(fresh.url);
  db = prismaDatabase(client, { provider: dialect });
  await fill();
  inboxesBefore = await inboxes('before', {
    receipt: empty,
    marked: sql`m."cleared_through_id"`,
  });
  rowsBefore = await keptRows('before');
  await client.$disconnect();
  await migrate(fresh.url);
  client = openDatabase(fresh.url);
  db = prismaDatabase(client, { provider: dialect });
}, 120_000);
afterAll(async () => {
  await client.$disconnect();
  await remove();
});

const time = (date: Date) =>
  db.dialect === 'postgresql' ? sql`CAST(${date} AS TIMESTAMP(3))` : sql`${date}`;

/** `WITH "n" ("i")`: the numbers from 1 up to and including one. */
const numbers = (last: number) =>
  sql`WITH RECURSIVE "n" ("i") AS (SELECT 1 UNION ALL SELECT "i" + 1 FROM "n" WHERE "i" < ${last})`;

// Version 0.1.0 kept events of people who were deleted: every 50th is.
async function fill(): Promise<void> {
  await db.execute(sql`INSERT INTO "user" ("email", "name", "password_hash", "created_at", "disabled_at") ${numbers(USERS)}
    SELECT 'user-' || "i" || '@example.com', 'User ' || "i", 'hash', ${time(LONG_AGO)},
      CASE WHEN "i" % 40 = 0 THEN ${time(PAST)} END FROM "n"`);
  await db.execute(sql`INSERT INTO "api_token" ("name", "token_hash", "created_at", "revoked_at") ${numbers(20)}
    SELECT 'Token ' || "i", 'hash-' || "i", ${time(LONG_AGO)}, CASE WHEN "i" % 4 = 0 THEN ${time(PAST)} END FROM "n"`);
  for (const [table, count] of [
    [sql`"event"`, EVENTS],
    [sql`"event_outbox"`, 500],
  ] as const) {
    await db.execute(sql`INSERT INTO ${table} ("event_type", "target_userid", "priority", "payload", "created_at",
        "expires_at", "idempotency_key", "sent_by") ${numbers(count)}
      SELECT 'SystemNotification', CASE WHEN "i" % 100 = 7 THEN NULL ELSE "i" * 7919 % ${USERS} + 1 END, "i" % 4,
        '{"title":"Number ' || "i" || '","body":""}', ${time(LONG_AGO)},
        CASE "i" % 5 WHEN 0 THEN ${time(PAST)} WHEN 1 THEN ${time(FAR_AHEAD)} END,
        CASE WHEN "i" % 10 = 3 THEN 'key-' || "i" END, CASE WHEN "i" % 3 = 0 THEN 'An admin' END FROM "n"`);
  }
  await db.execute(sql`INSERT INTO "event_receipt" ("user_id", "event_id", "dismissed_at")
    SELECT "target_userid", "id", ${time(PAST)} FROM "event" WHERE "target_userid" IS NOT NULL AND "id" % 6 = 1
    UNION ALL SELECT u."id", e."id", ${time(PAST)} FROM "user" u CROSS JOIN "event" e
      WHERE e."target_userid" IS NULL AND (e."id" + u."id") % 11 = 0`);
  await db.execute(sql`INSERT INTO "inbox" ("user_id", "cleared_through_id", "cleared_at", "revision")
    SELECT "id", CASE WHEN "id" % 3 = 0 THEN "id" * 37 ELSE 0 END, CASE WHEN "id" % 3 = 0 THEN ${time(PAST)} END, "id" % 9
    FROM "user" WHERE "id" % 2 = 0 OR "id" % 3 = 0`);
  await db.execute(sql`DELETE FROM "user" WHERE "id" % 50 = 0`);
}

/** For each user, how many items their inbox holds, and two sums that no other items have. */
async function inboxes(when: 'before' | 'after', rules: { receipt: Sql; marked: Sql }): Promise<unknown[]> {
  const now = new Date();
  const rows = await db.query<Record<string, bigint | number | string>>(sql`
    SELECT a."user_id", COUNT(*) AS "count", CAST(SUM(a."id") AS TEXT) AS "sum",
      CAST(SUM(a."id" * a."id" % 1000003) AS TEXT) AS "check"
    FROM (
      SELECT u."id" AS "user_id", e."id", e."expires_at" FROM "user" u JOIN ${at(when, 'event')} e ON e."target_userid" = u."id"
      UNION ALL
      SELECT u."id", e."id", e."expires_at" FROM "user" u CROSS JOIN ${at(when, 'event')} e WHERE e."target_userid" IS NULL
    ) a
    LEFT JOIN ${at(when, 'inbox')} m ON m."user_id" = a."user_id"
    WHERE (a."expires_at" IS NULL OR a."expires_at" > ${now}) AND a."id" > COALESCE(${rules.marked}, 0)
      AND NOT EXISTS (SELECT 1 FROM ${at(when, 'event_receipt')} r
        WHERE r."user_id" = a."user_id" AND r."event_id" = a."id" ${rules.receipt})
    GROUP BY a."user_id" ORDER BY a."user_id"`);
  return rows.map((row) => Object.values(row).map(String));
}

async function keptRows(when: 'before' | 'after'): Promise<Record<string, unknown[]>> {
  const kept: Record<string, unknown[]> = {};
  for (const [name, statement] of Object.entries(KEPT)) kept[name] = await db.query(statement(when));
  return kept;
}

async function count(statement: Sql): Promise<number> {
  const [row] = await db.query<{ count: bigint | number }>(statement);
  return toNumber(row?.count);
}

test("everybody's inbox is what it was", async () => {
  const after = await inboxes('after', {
    receipt: sql`AND r."done_at" IS NOT NULL`,
    marked: sql`m."done_through_id"`,
  });
  expect(after).toHaveLength(USERS - USERS / 50);
  expect(after).toEqual(inboxesBefore);
}, 60_000);

test.each(Object.keys(KEPT))('all rows of %s are there, as they were', async (name) => {
  const after = await keptRows('after');
  expect(after[name]?.length).toBeGreaterThan(0);
  // By text: a comparison of 100,000 rows one by one takes long.
  expect(textOf(after[name])).toBe(textOf(rowsBefore[name]));
});

const textOf = (rows: unknown) =>
  JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? Number(value) : value));

test('everybody who is named anywhere keeps their number, also those who were deleted', async () => {
  expect(await count(sql`SELECT COUNT(*) AS "count" FROM "belfry_recipient"`)).toBe(USERS);
  expect(
    await count(
      sql`SELECT COUNT(*) AS "count" FROM "belfry_recipient" WHERE "external_id" <> CAST("id" AS TEXT)`,
    ),
  ).toBe(0);
  await db.execute(sql`INSERT INTO "belfry_recipient" ("external_id") VALUES ('somebody new')`);
  expect(
    await count(sql`SELECT "id" AS "count" FROM "belfry_recipient" WHERE "external_id" = 'somebody new'`),
  ).toBe(USERS + 1);
});

test('a mark of before is a change, which its inbox has as its last one', async () => {
  const marks = await count(sql`SELECT COUNT(*) AS "count" FROM "belfry_inbox" WHERE "done_through_id" > 0`);
  expect(marks).toBe(Math.floor(USERS / 3));
  expect(
    await count(sql`SELECT COUNT(*) AS "count" FROM "belfry_inbox" i JOIN "belfry_inbox_change" c ON c."revision" = i."revision"
      WHERE c."user_id" = i."user_id" AND c."kind" = 'clear' AND c."through_id" = i."done_through_id"
        AND c."token" IS NULL AND i."pruned_through" = i."revision"`),
  ).toBe(marks);
});

test('an event that happens afterwards has an id above all of before', async () => {
  const id = await count(sql`INSERT INTO "belfry_event" ("event_type", "priority", "payload", "created_at")
    VALUES ('Test', 1, '{}', ${new Date()}) RETURNING "id" AS "count"`);
  expect(id).toBe(EVENTS + 1);
});
