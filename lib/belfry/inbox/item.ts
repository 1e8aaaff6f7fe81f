/** An item: a notification as one person has it. */
import type { StoredEvent } from '../protocol/event.ts';
import { type Sql, sql, toDate, toNumber } from '../storage/database.ts';
import { EVENT_COLUMNS, type EventRow, rowToEvent } from '../storage/event-row.ts';
import { markedAt, READER } from './item-sets.ts';

/** What became of an item. Each is a time, `null` as long as it did not happen or was taken back. */
export interface ItemState {
  seenAt: Date | null;
  readAt: Date | null;
  doneAt: Date | null;
  snoozedUntil: Date | null;
  /** The name of the action that was taken. */
  actedWith: string | null;
  /** Where it stands in a list, newest first: its id, or the newest id there was when it came back from a snooze. */
  orderId: number;
}

export type Item = StoredEvent & ItemState;

/** What a query gives of an item: `itemColumns`. */
export interface ItemRow extends EventRow {
  order_id: bigint | number;
  seen_at: Date | number | null;
  read_at: Date | number | null;
  done_at: Date | number | null;
  snoozed_until: Date | number | null;
  acted_with: string | null;
  seen_mark_at: Date | number | null;
  read_mark_at: Date | number | null;
  done_mark_at: Date | number | null;
}

/** The columns of `ItemRow`, of an event `e` with `ITEM_TABLES`. */
export const ITEM_COLUMNS: Sql = sql`
    ${EVENT_COLUMNS}, COALESCE(r.order_id, e.id) AS order_id,
    r.seen_at, r.read_at, r.done_at, r.snoozed_until, r.acted_with,
    CASE WHEN r.seen_at IS NULL AND e.id <= (SELECT seen_through FROM reader)
      THEN (SELECT i.seen_at FROM inbox i WHERE i.user_id = ${READER}) END AS seen_mark_at,
    CASE WHEN r.read_at IS NULL AND e.id <= (SELECT read_through FROM reader)
      THEN ${markedAt('read-all')} END AS read_mark_at,
    CASE WHEN r.done_at IS NULL AND r.snoozed_until IS NULL AND e.id <= (SELECT done_through FROM reader)
      THEN ${markedAt('clear')} END AS done_mark_at`;

/** What is joined to the event `e` for `ITEM_COLUMNS`. */
export const ITEM_TABLES: Sql = sql`LEFT JOIN event_receipt r ON r.user_id = ${READER} AND r.event_id = e.id`;

/** @throws RangeError as `rowToEvent` does. */
export function rowToItem(row: ItemRow): Item {
  return {
    ...rowToEvent(row),
    seenAt: toDate(row.seen_at ?? row.seen_mark_at),
    readAt: toDate(row.read_at ?? row.read_mark_at),
    doneAt: toDate(row.done_at ?? row.done_mark_at),
    snoozedUntil: toDate(row.snoozed_until),
    actedWith: row.acted_with,
    orderId: toNumber(row.order_id),
  };
}
