/**
 * The envelope that every event travels in, and its three forms: in memory (`EventEnvelope`), as a row
 * of the table `event` (`EventRow`), and as JSON on the wire (`EventJson`). Each form turns into the
 * next without loss. Pure: this file also runs in the browser.
 */

/** From least to most urgent; the row holds the position in this list, so that it sorts. */
export const PRIORITIES = ['LOW', 'NORMAL', 'HIGH', 'CRITICAL'] as const;
/** How urgent an event is: the order of a backlog, and how loudly it is shown. */
export type Priority = (typeof PRIORITIES)[number];

/** Something that happened, to one user (`targetUserId`) or to everybody (`null`). */
export interface EventEnvelope<Payload = unknown> {
  /** Given by the store, ever increasing; `null` for an ephemeral event, which is never stored. */
  id: number | null;
  /** The name of a registered event type. */
  eventType: string;
  priority: Priority;
  createdAt: Date;
  /** Nobody is shown the event from this instant on. `null`: it does not expire. */
  expiresAt: Date | null;
  targetUserId: number | null;
  payload: Payload;
}

/** An envelope that the store has given its id. */
export type StoredEvent<Payload = unknown> = EventEnvelope<Payload> & { id: number };

/** The columns of the table `event` that hold the envelope. */
export interface EventRow {
  /** 64 bits. It counts up from 1, so that a number of JavaScript's holds it exactly. */
  id: bigint | number;
  eventType: string;
  /** Index into `PRIORITIES`. */
  priority: number;
  createdAt: Date;
  expiresAt: Date | null;
  targetUserId: number | null;
  /** JSON text. */
  payload: string;
}

/** What clients read, from the stream and from poll alike. Times are ISO 8601 in UTC. */
export interface EventJson<Payload = unknown> {
  id: number | null;
  eventType: string;
  priority: Priority;
  createdAt: string;
  expiresAt: string | null;
  targetUserId: number | null;
  payload: Payload;
  /** True when it was read back from the database, false when it arrives as it happens. */
  isRecovered: boolean;
}

/**
 * The one definition of expiry: an event is expired from the very millisecond of `expiresAt` on, by
 * the server's clock. `notExpired` in event-store.ts says the same in SQL, and a test holds them equal.
 */
export function isExpired(event: Pick<EventEnvelope, 'expiresAt'>, at: Date): boolean {
  return event.expiresAt !== null && event.expiresAt.getTime() <= at.getTime();
}

/** The position in `PRIORITIES`: 0 is the least urgent. */
export function priorityRank(priority: Priority): number {
  return PRIORITIES.indexOf(priority);
}

/** The row of an event that has no id yet. */
export function eventToRow(event: EventEnvelope): Omit<EventRow, 'id'> {
  return {
    eventType: event.eventType,
    priority: priorityRank(event.priority),
    createdAt: event.createdAt,
    expiresAt: event.expiresAt,
    targetUserId: event.targetUserId,
    payload: JSON.stringify(event.payload),
  };
}

/** @throws RangeError when the row holds a priority that this version does not know. */
export function rowToEvent(row: EventRow): StoredEvent {
  const priority = PRIORITIES[row.priority];
  if (!priority) throw new RangeError(`Event ${row.id} has the unknown priority ${row.priority}.`);
  return {
    id: Number(row.id),
    eventType: row.eventType,
    priority,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    targetUserId: row.targetUserId,
    payload: JSON.parse(row.payload),
  };
}

/** The wire form of an event. */
export function eventToJson<Payload>(
  event: EventEnvelope<Payload>,
  { isRecovered }: { isRecovered: boolean },
): EventJson<Payload> {
  return {
    id: event.id,
    eventType: event.eventType,
    priority: event.priority,
    createdAt: event.createdAt.toISOString(),
    expiresAt: event.expiresAt?.toISOString() ?? null,
    targetUserId: event.targetUserId,
    payload: event.payload,
    isRecovered,
  };
}

/** The envelope that a wire form came from; the counterpart of `eventToJson`. */
export function jsonToEvent<Payload>(json: EventJson<Payload>): EventEnvelope<Payload> {
  return {
    id: json.id,
    eventType: json.eventType,
    priority: json.priority,
    createdAt: new Date(json.createdAt),
    expiresAt: json.expiresAt === null ? null : new Date(json.expiresAt),
    targetUserId: json.targetUserId,
    payload: json.payload,
  };
}
