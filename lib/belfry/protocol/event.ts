/**
 * The envelope that every event travels in, in memory. As a row of the table `event` it is in
 * storage/event-row.ts, and as clients read it in item.ts.
 */
import type { FullContent } from './content.ts';
import type { Priority } from './priority.ts';

/** Whom an event is for, as the engine knows them. With neither, it is for everybody. */
export interface Addressed {
  /** The recipient's number. */
  targetUserId: number | null;
  /** The app's own id of that user; `null` with `targetUserId`. */
  target: string | null;
  /** The topic's number: whoever belonged to it when the event happened has it. */
  topicId: number | null;
}

/** For everybody: who is here, who is away, and who comes later. */
export const EVERYBODY: Addressed = { targetUserId: null, target: null, topicId: null };

/** Something that happened. */
export interface EventEnvelope<Payload = unknown> extends Addressed {
  /** Given by the store, ever increasing; `null` for an ephemeral event, which is never stored. */
  id: number | null;
  /** The name of a registered event type. */
  eventType: string;
  priority: Priority;
  createdAt: Date;
  /** Nobody is shown the event from this instant on. `null`: it does not expire. */
  expiresAt: Date | null;
  payload: Payload;
  /** The version of its type that the payload is of. Default 1. */
  payloadVersion?: number | undefined;
  /** How it read in English when it was sent. Default `null`: the payload says it by itself. */
  content?: FullContent | null | undefined;
  /** What it belongs together with. Default `null`: it stands by itself. */
  groupKey?: string | null | undefined;
  /** The question that it asks. Default `null`: it asks nothing. */
  questionId?: string | null | undefined;
}

/** An envelope that the store has given its id. */
export type StoredEvent<Payload = unknown> = EventEnvelope<Payload> & { id: number };

/**
 * The one definition of expiry: an event is expired from the very millisecond of `expiresAt` on, by
 * the server's clock. `NOT_EXPIRED` in inbox/item-sets.ts says the same in SQL, and a test holds them equal.
 */
export function isExpired(event: Pick<EventEnvelope, 'expiresAt'>, at: Date): boolean {
  return event.expiresAt !== null && event.expiresAt.getTime() <= at.getTime();
}
