/** An event as a row of the table `belfry_event`, and back without loss. */
import type { EventEnvelope, StoredEvent } from '../protocol/event.ts';
import { PRIORITIES, priorityRank } from '../protocol/priority.ts';
import { join, raw, type SqlRunner, sql, toDate, toNumber } from './database.ts';

/** An event that is about to be stored, and gets its id then. */
export interface NewEvent extends EventEnvelope {
  id: null;
  /** At most one event is kept under a key. */
  idempotencyKey?: string | undefined;
  /** Who sent it, as an admin will read it. */
  sentBy?: string | undefined;
}

/** What a query gives of an event: `EVENT_COLUMNS`. */
export interface EventRow {
  id: bigint | number;
  event_type: string;
  target_userid: bigint | number | null;
  /** The app's id of that user, out of the table `recipient`. */
  external_id: string | null;
  topic_id: bigint | number | null;
  priority: bigint | number;
  /** JSON text. */
  payload: string;
  created_at: Date | bigint | number;
  expires_at: Date | bigint | number | null;
  payload_version: bigint | number;
  /** JSON text. */
  content: string | null;
  group_key: string | null;
  question_id: string | null;
}

/** The columns of `EventRow`, of an event `e`. A join would have PostgreSQL read all people for a few events. */
export const EVENT_COLUMNS = sql`
  e.id, e.event_type, e.target_userid, (SELECT p.external_id FROM belfry_recipient p WHERE p.id = e.target_userid) AS external_id,
  e.topic_id, e.priority, e.payload, e.created_at, e.expires_at, e.payload_version, e.content, e.group_key,
  e.question_id`;

/** @throws RangeError when the row holds a priority that this version does not know. */
export function rowToEvent(row: EventRow): StoredEvent {
  const priority = PRIORITIES[toNumber(row.priority)];
  if (!priority) throw new RangeError(`Event ${row.id} has the unknown priority ${row.priority}.`);
  return {
    id: toNumber(row.id),
    eventType: row.event_type,
    priority,
    createdAt: toDate(row.created_at) as Date,
    expiresAt: toDate(row.expires_at),
    targetUserId: row.target_userid === null ? null : toNumber(row.target_userid),
    target: row.external_id,
    topicId: row.topic_id === null ? null : toNumber(row.topic_id),
    payload: JSON.parse(row.payload),
    payloadVersion: toNumber(row.payload_version),
    content: row.content === null ? null : JSON.parse(row.content),
    groupKey: row.group_key,
    questionId: row.question_id,
  };
}

/** A new row: what `insertRows` takes. */
export type NewRow = readonly [
  eventType: string,
  priority: number,
  payload: string,
  createdAt: number,
  expiresAt: number | null,
  targetUserId: number | null,
  topicId: number | null,
  idempotencyKey: string | null,
  sentBy: string | null,
  payloadVersion: number,
  content: string | null,
  groupKey: string | null,
  questionId: string | null,
];

/** @param texts The payload and the content as JSON text; several events of one sending share them. */
export function newRow(event: NewEvent, { payload, content } = textsOf(event)): NewRow {
  return [
    event.eventType,
    priorityRank(event.priority),
    payload,
    event.createdAt.getTime(),
    event.expiresAt?.getTime() ?? null,
    event.targetUserId,
    event.topicId,
    event.idempotencyKey ?? null,
    event.sentBy ?? null,
    event.payloadVersion ?? 1,
    content,
    event.groupKey ?? null,
    event.questionId ?? null,
  ];
}

/** What of an event is stored as JSON text. */
export function textsOf({ payload, content }: Pick<NewEvent, 'payload' | 'content'>): {
  payload: string;
  content: string | null;
} {
  return { payload: JSON.stringify(payload), content: content ? JSON.stringify(content) : null };
}

const COLUMNS = sql`event_type, priority, payload, created_at, expires_at, target_userid, topic_id, idempotency_key, sent_by,
  payload_version, content, group_key, question_id`;

/**
 * Inserts rows with one statement and one parameter: a library that handles every single parameter takes more
 * CPU for that than storing the row does. A row whose idempotency key is there already is left out.
 *
 * @returns The ids, rising: in the order of the rows when none was left out.
 */
export async function insertRows(runner: SqlRunner, rows: readonly NewRow[]): Promise<number[]> {
  const json = JSON.stringify(rows);
  const values =
    runner.dialect === 'sqlite'
      ? sql`SELECT ${join(Array.from({ length: 13 }, (_, at) => sql`value ->> ${raw(`${at}`)}`))} FROM json_each(${json}) WHERE 1 = 1`
      : sql`
          SELECT value ->> 0, (value ->> 1)::int, value ->> 2, to_timestamp((value ->> 3)::bigint / 1000.0) AT TIME ZONE 'UTC',
            to_timestamp((value ->> 4)::bigint / 1000.0) AT TIME ZONE 'UTC', (value ->> 5)::int, (value ->> 6)::int,
            value ->> 7, value ->> 8, (value ->> 9)::int, value ->> 10, value ->> 11, value ->> 12
          FROM json_array_elements(CAST(${json} AS json)) WITH ORDINALITY ORDER BY ordinality`;
  const inserted = await runner.query<{ id: bigint | number }>(sql`
    INSERT INTO belfry_event (${COLUMNS}) ${values}
    ON CONFLICT (idempotency_key) DO NOTHING RETURNING id`);
  // Ids are given in the order of the rows; the statement does not promise to return them so.
  return inserted.map(({ id }) => toNumber(id)).sort((a, b) => a - b);
}
