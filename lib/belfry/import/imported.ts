/** Stores what is imported: the writer of the table `belfry_imported`. Events and states are written as if they had come about here. */
import { SystemNotification } from '../notifications/system-notification.ts';
import {
  letGoWhenSilent,
  type Sql,
  type SqlDatabase,
  type SqlRunner,
  sql,
  toNumber,
} from '../storage/database.ts';
import { insertRows, newRow } from '../storage/event-row.ts';
import { elements, type Recipients } from '../storage/recipients.ts';
import type { ImportedRow } from './row.ts';

/** Which of these rows were imported before, by their ids. */
export async function alreadyImported(
  database: SqlRunner,
  rows: readonly ImportedRow[],
): Promise<Set<string>> {
  const found = await database.query<{ id: string }>(sql`
    SELECT "id" FROM "belfry_imported"
    WHERE "id" IN (SELECT "value" FROM ${elements(
      database,
      rows.map(({ id }) => id),
    )})`);
  return new Set(found.map(({ id }) => id));
}

/**
 * Stores rows in one transaction, in their order. Those that were imported before are left out, whatever became of their
 * events.
 *
 * @returns How many were stored.
 */
export async function storeImported(
  { database, recipients, now }: { database: SqlDatabase; recipients: Recipients; now: Date },
  rows: readonly ImportedRow[],
): Promise<number> {
  const people = await recipients.idsOf([...new Set(rows.map(({ userId }) => userId))]);
  return database.transaction(async (tx) => {
    await letGoWhenSilent(tx);
    const isNew = await take(tx, rows);
    const taken = rows
      .filter(({ id }) => isNew.delete(id))
      .map((row) => ({ ...row, targetUserId: people.get(row.userId) as number }));
    if (taken.length === 0) return 0;
    const changed = taken.filter(({ readAt, doneAt }) => readAt !== null || doneAt !== null);
    const users = [...new Set(changed.map(({ targetUserId }) => targetUserId))].sort((a, b) => a - b);
    // Before the events, whose ids everybody who sends waits for.
    await lockInboxes(tx, users);
    const ids = await insertRows(tx, taken.map(toNewRow));
    if (changed.length === 0) return taken.length;
    const revisions = await recordChange(tx, users, now);
    const receipts = taken.flatMap(({ targetUserId, readAt, doneAt }, at) =>
      readAt === null && doneAt === null
        ? []
        : [[targetUserId, ids[at], readAt, doneAt, revisions.get(targetUserId)]],
    );
    await writeReceipts(tx, JSON.stringify(receipts));
    return taken.length;
  });
}

/** Those that nobody else has imported, or is about to. */
async function take(tx: SqlRunner, rows: readonly ImportedRow[]): Promise<Set<string>> {
  // Sorted: two at once wait for each other's rows in one order, and never for each other.
  const ids = rows.map(({ id }) => id).sort();
  const taken = await tx.query<{ id: string }>(sql`
    INSERT INTO "belfry_imported" ("id") SELECT "value" FROM ${elements(tx, ids)} WHERE TRUE
    ON CONFLICT ("id") DO NOTHING RETURNING "id"`);
  return new Set(taken.map(({ id }) => id));
}

function toNewRow({
  payload,
  createdAt,
  expiresAt,
  targetUserId,
  userId,
}: ImportedRow & { targetUserId: number }) {
  return newRow({
    id: null,
    eventType: SystemNotification.name,
    priority: 'NORMAL',
    payload,
    createdAt: new Date(createdAt),
    expiresAt: expiresAt === null ? null : new Date(expiresAt),
    targetUserId,
    target: userId,
    topicId: null,
  });
}

/** Holds the users' rows until the transaction ends, and makes them at first need: their changes come one after the other. */
async function lockInboxes(tx: SqlRunner, users: readonly number[]): Promise<void> {
  if (users.length === 0) return;
  await tx.execute(sql`
    INSERT INTO belfry_inbox (user_id) SELECT ${integers(tx, users)} WHERE TRUE
    ON CONFLICT (user_id) DO UPDATE SET revision = belfry_inbox.revision`);
}

/** One change for each user, by which clients notice that something happened. */
async function recordChange(tx: SqlRunner, users: readonly number[], at: Date): Promise<Map<number, number>> {
  const changes = await tx.query<{ user_id: bigint | number; revision: bigint | number }>(sql`
    INSERT INTO belfry_inbox_change (user_id, kind, at)
    SELECT user_id, 'import', CAST(${at} AS TIMESTAMP) FROM (SELECT ${integers(tx, users)}) AS changed WHERE TRUE
    RETURNING user_id, revision`);
  const revisions = new Map(changes.map((row) => [toNumber(row.user_id), toNumber(row.revision)]));
  await tx.execute(sql`
    UPDATE belfry_inbox SET revision = (
      SELECT MAX(c.revision) FROM belfry_inbox_change c WHERE c.user_id = belfry_inbox.user_id)
    WHERE user_id IN (SELECT ${integers(tx, users)})`);
  return revisions;
}

/** Numbers as the column `user_id`, to stand behind SELECT. */
function integers(tx: SqlRunner, values: readonly number[]): Sql {
  return sql`CAST("value" AS INTEGER) AS user_id FROM ${elements(tx, values)}`;
}

/** @param rows As JSON: user, event, when it was read, when it was done, and the revision of that. */
async function writeReceipts(tx: SqlRunner, rows: string): Promise<void> {
  const isSqlite = tx.dialect === 'sqlite';
  const whole = (at: Sql) => (isSqlite ? sql`value ->> ${at}` : sql`CAST(value ->> ${at} AS BIGINT)`);
  const time = (at: Sql) =>
    isSqlite
      ? sql`value ->> ${at}`
      : sql`to_timestamp(CAST(value ->> ${at} AS BIGINT) / 1000.0) AT TIME ZONE 'UTC'`;
  const [user, event, readAt, doneAt, revision] = [sql`0`, sql`1`, sql`2`, sql`3`, sql`4`];
  const ofChange = (at: Sql) => sql`CASE WHEN value ->> ${at} IS NOT NULL THEN ${whole(revision)} END`;
  await tx.execute(sql`
    INSERT INTO belfry_event_receipt (user_id, event_id, read_at, read_revision, done_at, done_revision, revision)
    SELECT ${whole(user)}, ${whole(event)}, ${time(readAt)}, ${ofChange(readAt)}, ${time(doneAt)}, ${ofChange(doneAt)}, ${whole(revision)}
    FROM ${isSqlite ? sql`json_each(${rows})` : sql`json_array_elements(CAST(${rows} AS JSON))`}`);
}
