/**
 * Removes what is one user's alone. What was sent to everybody or to a topic stays, and so does the id by which the user was
 * known. The newest event and the newest change lose their content in place of going: ids only grow, and with them the
 * positions of clients.
 */
import { PROGRESS, SEND, WAKE } from '../jobs/own-kinds.ts';
import { type Sql, type SqlDatabase, type SqlRunner, sql, toNumber } from './database.ts';

// Others who write wait meanwhile.
const EVENTS_AT_ONCE = 1_000;

/**
 * Twice does nothing more.
 *
 * @param userId As the app has it.
 */
export async function deleteUser(database: SqlDatabase, userId: string): Promise<void> {
  const [recipient] = await database.query<{ id: bigint | number }>(
    sql`SELECT id FROM belfry_recipient WHERE external_id = ${userId}`,
  );
  // First what something new would come of. Whoever is no recipient yet may be named there all the same.
  await database.transaction(async (tx) => {
    await leaveOutOfSends(tx, userId);
    await tx.execute(sql`
      DELETE FROM belfry_job WHERE kind = ${PROGRESS} AND ${textAt(tx, sql`'$.user'`, sql`'{user}'`)} = ${userId}`);
    await tx.execute(sql`
      UPDATE belfry_event_outbox SET user_ids = ${listWithout(tx, sql`user_ids`, userId)}
      WHERE ${listHas(tx, sql`user_ids`, userId)}`);
    await tx.execute(sql`DELETE FROM belfry_event_outbox WHERE user_ids = '[]'`);
  });
  if (recipient) await deleteRecipient(database, { id: toNumber(recipient.id), userId });
}

async function deleteRecipient(
  database: SqlDatabase,
  { id, userId }: { id: number; userId: string },
): Promise<void> {
  let removed = EVENTS_AT_ONCE;
  while (removed === EVENTS_AT_ONCE) removed = await database.transaction((tx) => deleteSomeEvents(tx, id));
  await database.transaction(async (tx) => {
    await tx.execute(sql`
      DELETE FROM belfry_job WHERE kind = ${WAKE} AND ${textAt(tx, sql`'$.userId'`, sql`'{userId}'`)} = ${String(id)}`);
    await tx.execute(sql`
      UPDATE belfry_question SET answered_by = '', input = NULL WHERE answered_by = ${userId}`);
    await tx.execute(sql`DELETE FROM belfry_topic_member WHERE recipient_id = ${id}`);
    await tx.execute(sql`DELETE FROM belfry_event_receipt WHERE user_id = ${id}`);
    await tx.execute(sql`DELETE FROM belfry_mute WHERE user_id = ${id}`);
    await tx.execute(sql`DELETE FROM belfry_inbox WHERE user_id = ${id}`);
    await tx.execute(sql`
      UPDATE belfry_inbox_change SET user_id = 0, kind = 'deleted', through_id = NULL, token = NULL, before = NULL
      WHERE revision = (SELECT MAX(revision) FROM belfry_inbox_change) AND user_id = ${id}`);
    await tx.execute(sql`DELETE FROM belfry_inbox_change WHERE user_id = ${id}`);
  });
}

async function deleteSomeEvents(tx: SqlRunner, id: number): Promise<number> {
  const own = sql`SELECT id FROM belfry_event WHERE target_userid = ${id} ORDER BY id LIMIT ${EVENTS_AT_ONCE}`;
  // Of what several people were asked, the others still have theirs.
  await tx.execute(sql`
    DELETE FROM belfry_question WHERE id IN (SELECT e.question_id FROM belfry_event e WHERE e.id IN (${own}))
      AND NOT EXISTS (
        SELECT 1 FROM belfry_event e WHERE e.question_id = belfry_question.id AND e.target_userid <> ${id})`);
  await tx.execute(sql`
    UPDATE belfry_event SET event_type = 'Deleted', target_userid = 0, payload = '{}', expires_at = created_at,
      idempotency_key = NULL, sent_by = NULL, payload_version = 1, content = NULL, group_key = NULL, question_id = NULL
    WHERE id = (SELECT MAX(id) FROM belfry_event) AND target_userid = ${id}`);
  const some = sql`SELECT id FROM belfry_event WHERE target_userid = ${id} ORDER BY id LIMIT ${EVENTS_AT_ONCE}`;
  await tx.execute(sql`DELETE FROM belfry_event_receipt WHERE event_id IN (${some})`);
  return tx.execute(sql`DELETE FROM belfry_event WHERE id IN (${some})`);
}

/** What was to be sent to them later; who else it is for still gets it. */
async function leaveOutOfSends(tx: SqlRunner, userId: string): Promise<void> {
  const users = textAt(tx, sql`'$.audience.users'`, sql`'{audience,users}'`);
  const others = listWithout(tx, users, userId);
  await tx.execute(sql`
    DELETE FROM belfry_job WHERE kind = ${SEND} AND ${textAt(tx, sql`'$.audience.user'`, sql`'{audience,user}'`)} = ${userId}`);
  await tx.execute(sql`
    UPDATE belfry_job SET payload = ${
      tx.dialect === 'sqlite'
        ? sql`json_set(payload, '$.audience.users', json(${others}))`
        : sql`CAST(json_build_object('draft', CAST(payload AS JSON) -> 'draft',
            'audience', json_build_object('users', CAST(${others} AS JSON))) AS TEXT)`
    } WHERE kind = ${SEND} AND ${listHas(tx, users, userId)}`);
  await tx.execute(sql`DELETE FROM belfry_job WHERE kind = ${SEND} AND ${users} = '[]'`);
}

/** What stands in the payload of a job, as text. */
function textAt({ dialect }: SqlRunner, sqlitePath: Sql, postgresqlPath: Sql): Sql {
  return dialect === 'sqlite'
    ? sql`CAST(payload ->> ${sqlitePath} AS TEXT)`
    : sql`(CAST(payload AS JSON) #>> ${postgresqlPath})`;
}

/** A JSON list of texts, as text, without one of them. */
function listWithout(tx: SqlRunner, list: Sql, text: string): Sql {
  const others = sql`FROM ${elementsOf(tx, list)} WHERE "value" <> ${text}`;
  return tx.dialect === 'sqlite'
    ? sql`(SELECT json_group_array("value") ${others})`
    : sql`(SELECT COALESCE(CAST(json_agg("value") AS TEXT), '[]') ${others})`;
}

/** Whether one is in a JSON list of texts; not where there is no list. */
function listHas(tx: SqlRunner, list: Sql, text: string): Sql {
  return sql`EXISTS (SELECT 1 FROM ${elementsOf(tx, list)} WHERE "value" = ${text})`;
}

/** A table of one column, `value`. */
function elementsOf({ dialect }: SqlRunner, list: Sql): Sql {
  return dialect === 'sqlite'
    ? sql`json_each(${list})`
    : sql`json_array_elements_text(CAST(${list} AS JSON)) AS "element" ("value")`;
}
