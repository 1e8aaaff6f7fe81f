/**
 * Which items a person has, in SQL: the one place that says what *done*, *read* and *unread* mean.
 *
 * Most items have no row of their own: their state follows from the person's marks, "everything up to this
 * event". A receipt says what became of one item, and at which change (`read_revision`, `done_revision`); a
 * mark concerns it only when it was made by a later change. So:
 *
 * - *snoozed*: the receipt says until when.
 * - *done*: not snoozed, and the receipt says when, or a mark of *clear* that is not undone covers it.
 * - *read*: the receipt says when, or a mark of *read all* that is not undone covers it, or it came while its kind was
 *   muted and nobody has said by name that it is unread.
 * - *unread*: in the inbox (neither done nor snoozed), not expired, and not read.
 *
 * Items that are neither done by a mark nor touched one by one are a range of an index, `event_inbox_idx`:
 * what is above the mark. Those that were put back are found by their receipts.
 */
import { empty, limitTo, type Sql, sql } from '../storage/database.ts';

// Time columns are compared with it where an index is to find the rows that have one.
const LONG_AGO = sql`CAST(${new Date(0)} AS TIMESTAMP)`;

/**
 * The beginning of every statement about a person's items: who it is, at which instant, and how far their marks
 * reach. What comes after refers to it, and has no such value of its own: SQLite would plan a statement anew
 * whenever another one is bound, and a library that handles each value takes its time for each.
 */
export function withReader(userId: number, at: Date): Sql {
  return sql`
    WITH reader AS MATERIALIZED (
      SELECT
        CAST(${userId} AS INTEGER) AS user_id,
        CAST(${at} AS TIMESTAMP) AS at,
        COALESCE(MAX(i.revision), 0) AS revision,
        COALESCE(MAX(i.done_through_id), 0) AS done_through,
        COALESCE(MAX(i.read_through_id), 0) AS read_through,
        COALESCE(MAX(i.seen_through_id), 0) AS seen_through,
        COALESCE(MAX(i.settings_revision), 0) AS settings_revision,
        CASE WHEN EXISTS (SELECT 1 FROM belfry_mute m WHERE m.user_id = ${userId}) THEN 1 ELSE 0 END AS mutes,
        COALESCE((SELECT MAX(id) FROM belfry_event), 0) AS as_of
      FROM belfry_inbox i WHERE i.user_id = ${userId}
    )`;
}

/** Whose items they are. */
export const READER = sql`(SELECT user_id FROM reader)`;

/** The SQL form of `!isExpired(event, at)`, for the table alias `e`. */
export const NOT_EXPIRED = sql`(e.expires_at IS NULL OR e.expires_at > (SELECT at FROM reader))`;

const RECEIPT = sql`LEFT JOIN belfry_event_receipt r ON r.user_id = ${READER} AND r.event_id = e.id`;

/** The three ways in which an event can be a person's, each with the tables that find it by its index. */
export const ADDRESSES: readonly Sql[] = [
  sql`belfry_event e ${RECEIPT} WHERE e.target_userid = ${READER} AND e.topic_id IS NULL`,
  sql`belfry_event e ${RECEIPT} WHERE e.target_userid IS NULL AND e.topic_id IS NULL`,
  // In this order, or a planner would go through all events to find those of a few topics.
  sql`belfry_topic_member m CROSS JOIN belfry_event e ${RECEIPT}
    WHERE m.recipient_id = ${READER} AND e.target_userid IS NULL AND e.topic_id = m.topic_id
      AND e.id > m.since_event_id AND (m.until_event_id IS NULL OR e.id <= m.until_event_id)`,
];

/** Whether an event is a person's at all, for the table alias `e`. */
export const IS_ADDRESSED = sql`(e.target_userid = ${READER} OR (e.target_userid IS NULL AND (e.topic_id IS NULL OR EXISTS (
  SELECT 1 FROM belfry_topic_member m
  WHERE m.recipient_id = ${READER} AND m.topic_id = e.topic_id
    AND e.id > m.since_event_id AND (m.until_event_id IS NULL OR e.id <= m.until_event_id)))))`;

/** The ids of a person's events between two ids, the lowest of them first, as many as `limit` of each way to have them. */
export function idsBetween({
  above,
  through,
  limit,
}: {
  above: number;
  through: number;
  limit: number;
}): Sql {
  const [own, everybodys, topics] = ADDRESSES.map(
    (from) => sql`
      SELECT id FROM (
        SELECT e.id FROM ${from} AND e.id > CAST(${above} AS BIGINT) AND e.id <= CAST(${through} AS BIGINT)
        ORDER BY e.id ${limitTo(limit)}) addressed`,
  );
  return sql`${own} UNION ALL ${everybodys} UNION ALL ${topics}`;
}

/** Whether nothing was ever said of this item that a mark does not say as well, but that it was read or seen. */
export const FOLLOWS_THE_MARK = sql`(r.snoozed_until IS NULL AND r.done_at IS NULL AND r.done_revision IS NULL)`;

/** Those receipts of a person that list an item by itself: it was put back, or came back from a snooze. */
export const IS_LISTED_BY_ITSELF = sql`(r.snoozed_until IS NULL AND r.done_at IS NULL AND r.done_revision >= 0)`;

const KINDS = { clear: sql`'clear'`, 'read-all': sql`'read-all'` };

/** When the earliest mark was made that covers the item `e` with the receipt `r`; null when none does. */
export function markedAt(kind: 'clear' | 'read-all'): Sql {
  const since = kind === 'clear' ? sql`r.done_revision` : sql`r.read_revision`;
  return sql`(
    SELECT c.at FROM belfry_inbox_change c
    WHERE c.user_id = ${READER} AND c.kind = ${KINDS[kind]} AND c.undone_by IS NULL AND c.through_id >= e.id
      AND c.revision > COALESCE(${since}, -1)
    ORDER BY c.revision LIMIT 1)`;
}

/** Whether a mark covers an item that was put back, or made unread, by name. */
export function isCoveredAgain(kind: 'clear' | 'read-all'): Sql {
  const [through, since] =
    kind === 'clear' ? [sql`done_through`, sql`r.done_revision`] : [sql`read_through`, sql`r.read_revision`];
  return sql`(e.id <= (SELECT ${through} FROM reader) AND EXISTS (
    SELECT 1 FROM belfry_inbox_change c
    WHERE c.user_id = ${READER} AND c.kind = ${KINDS[kind]} AND c.undone_by IS NULL AND c.through_id >= e.id
      AND c.revision > ${since}))`;
}

/**
 * Whether the event `e` came while its type was muted. Who has muted nothing pays no more than the question whether they
 * have; the table itself is looked at for others alone.
 */
export const IS_MUTED = sql`((SELECT mutes FROM reader) = 1 AND EXISTS (
  SELECT 1 FROM belfry_mute m
  WHERE m.user_id = ${READER} AND m.event_type = e.event_type
    AND e.id > m.since_event_id AND (m.until_event_id IS NULL OR e.id <= m.until_event_id)))`;

/** 1 for what is not read, 0 for what is. */
const IS_UNREAD = sql`
  CASE WHEN r.read_at IS NOT NULL THEN 0
    WHEN r.read_revision IS NULL
      THEN CASE WHEN e.id > (SELECT read_through FROM reader) AND NOT ${IS_MUTED} THEN 1 ELSE 0 END
    WHEN ${isCoveredAgain('read-all')} THEN 0
    ELSE 1 END`;

/** The items that have a receipt, by its index. */
const BY_RECEIPT = sql`belfry_event_receipt r CROSS JOIN belfry_event e WHERE r.user_id = ${READER} AND e.id = r.event_id AND ${NOT_EXPIRED}`;

/** What counting and sorting need of an item. */
const ITEM = sql`e.id, COALESCE(r.order_id, e.id) AS order_id, e.event_type, e.priority, e.expires_at`;

/**
 * What is in a person's inbox: one row for each item.
 *
 * @param condition On which of them, for the table alias `e`, beginning with AND. Default: on all.
 */
export function inboxItems(condition: Sql = empty): Sql {
  const [own, everybodys, topics] = ADDRESSES.map(
    (from) => sql`
      SELECT e.id, e.id AS order_id, e.event_type, e.priority, e.expires_at, ${IS_UNREAD} AS is_unread
      FROM ${from} AND e.id > (SELECT done_through FROM reader) AND ${NOT_EXPIRED} AND ${FOLLOWS_THE_MARK} ${condition}`,
  );
  return sql`
    ${own} UNION ALL ${everybodys} UNION ALL ${topics} UNION ALL
    SELECT ${ITEM}, ${IS_UNREAD} AS is_unread
    FROM ${BY_RECEIPT} AND ${IS_LISTED_BY_ITSELF} AND NOT ${isCoveredAgain('clear')} ${condition}`;
}

/** What a person has put off. */
export const SNOOZED_ITEMS = sql`SELECT ${ITEM}, 0 AS is_unread FROM ${BY_RECEIPT} AND r.snoozed_until > ${LONG_AGO}`;

/** A part of a list that may be long: of each kind the first so many, so that a page costs a page and not all that ever was. */
export interface Part {
  /** More conditions, beginning with AND. */
  before: Sql;
  limit: number;
}

/** What a person has done with, newest first. */
export function doneItems({ before, limit }: Part): Sql {
  const byMark = ADDRESSES.map(
    (from) => sql`
      SELECT * FROM (
        SELECT ${ITEM}, 0 AS is_unread
        FROM ${from} AND e.id <= (SELECT done_through FROM reader) AND ${NOT_EXPIRED} AND ${FOLLOWS_THE_MARK} ${before}
        ORDER BY e.id DESC ${limitTo(limit)}) marked`,
  );
  return sql`
    ${byMark[0]} UNION ALL ${byMark[1]} UNION ALL ${byMark[2]} UNION ALL
    SELECT * FROM (
      SELECT ${ITEM}, 0 AS is_unread FROM ${BY_RECEIPT} AND r.snoozed_until IS NULL AND r.done_at > ${LONG_AGO} ${before}
      ORDER BY e.id DESC ${limitTo(limit)}) named
    UNION ALL
    SELECT ${ITEM}, 0 AS is_unread FROM ${BY_RECEIPT} AND ${IS_LISTED_BY_ITSELF} AND ${isCoveredAgain('clear')} ${before}`;
}

/** Everything of a person's, in the same way. */
export function allItems({ before, limit }: Part): Sql {
  const [own, everybodys, topics] = ADDRESSES.map(
    (from) => sql`
      SELECT * FROM (
        SELECT ${ITEM}, 0 AS is_unread FROM ${from} AND ${NOT_EXPIRED} AND r.order_id IS NULL ${before}
        ORDER BY e.id DESC ${limitTo(limit)}) addressed`,
  );
  return sql`
    ${own} UNION ALL ${everybodys} UNION ALL ${topics} UNION ALL
    SELECT ${ITEM}, 0 AS is_unread FROM ${BY_RECEIPT} AND r.order_id IS NOT NULL`;
}
