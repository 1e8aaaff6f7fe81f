/** An item: a notification as one person has it. */
import type { StoredEvent } from '../protocol/event.ts';
import { findQuestions, type QuestionState } from '../questions/questions.ts';
import { type Sql, type SqlRunner, sql, toDate, toNumber } from '../storage/database.ts';
import { EVENT_COLUMNS, type EventRow, rowToEvent } from '../storage/event-row.ts';
import { IS_MUTED, markedAt, READER } from './item-sets.ts';

/** What became of an item. Each is a time, `null` as long as it did not happen or was taken back. */
export interface ItemState {
  seenAt: Date | null;
  readAt: Date | null;
  doneAt: Date | null;
  snoozedUntil: Date | null;
  /** The name of the action that was taken. */
  actedWith: string | null;
  actedAt: Date | null;
  /** Where it stands in a list, newest first: its id, or, since it came back from a snooze, above all there was then. */
  orderId: number;
}

export interface Item extends StoredEvent, ItemState {
  /** Of an item that asks: the question as it stands. */
  question?: QuestionState | undefined;
  /** Of the newest in the inbox of its group: the group. */
  group?: Group | undefined;
}

/** Of a group, what is in somebody's inbox. */
export interface Group {
  count: number;
  unread: number;
  /** Newest first: one at least, 50 at most. */
  newest: readonly [Item, ...Item[]];
}

/** What a query gives of an item: `ITEM_COLUMNS`. */
export interface ItemRow extends EventRow {
  order_id: bigint | number;
  seen_at: Date | number | null;
  read_at: Date | number | null;
  done_at: Date | number | null;
  snoozed_until: Date | number | null;
  acted_with: string | null;
  acted_at: Date | number | null;
}

/**
 * The columns of `ItemRow`, of an event `e` with `ITEM_TABLES`. A time is the receipt's, or else that of the mark which
 * covers the item; what came while it was muted was read when it came.
 */
export const ITEM_COLUMNS: Sql = sql`
    ${EVENT_COLUMNS}, COALESCE(r.order_id, e.id) AS order_id,
    COALESCE(r.seen_at, CASE WHEN e.id <= (SELECT seen_through FROM reader)
      THEN (SELECT i.seen_at FROM belfry_inbox i WHERE i.user_id = ${READER}) END) AS seen_at,
    COALESCE(r.read_at, CASE WHEN e.id <= (SELECT read_through FROM reader)
      THEN ${markedAt('read-all')} END, CASE WHEN r.read_revision IS NULL AND ${IS_MUTED} THEN e.created_at END) AS read_at,
    COALESCE(r.done_at, CASE WHEN r.snoozed_until IS NULL AND e.id <= (SELECT done_through FROM reader)
      THEN ${markedAt('clear')} END) AS done_at,
    r.snoozed_until, r.acted_with, r.acted_at`;

/** What is joined to the event `e` for `ITEM_COLUMNS`. */
export const ITEM_TABLES: Sql = sql`LEFT JOIN belfry_event_receipt r ON r.user_id = ${READER} AND r.event_id = e.id`;

/** @throws RangeError as `rowToEvent` does. */
export function rowToItem(row: ItemRow): Item {
  const [readAt, doneAt] = [toDate(row.read_at), toDate(row.done_at)];
  return {
    ...rowToEvent(row),
    // Also a mark says that somebody had seen enough of it.
    seenAt: toDate(row.seen_at) ?? readAt ?? doneAt,
    readAt,
    doneAt,
    snoozedUntil: toDate(row.snoozed_until),
    actedWith: row.acted_with,
    actedAt: toDate(row.acted_at),
    orderId: toNumber(row.order_id),
  };
}

/** The same, each that asks with its question. Few do: the others cost nothing. */
export async function withQuestions(runner: SqlRunner, items: readonly Item[]): Promise<Item[]> {
  const ids = items.flatMap(({ questionId }) => questionId ?? []);
  if (ids.length === 0) return [...items];
  const questions = new Map((await findQuestions(runner, ids)).map((question) => [question.id, question]));
  return items.map((item) => ({ ...item, question: questions.get(item.questionId ?? '') }));
}
