/**
 * The event bus: how one instance of the app tells the others (and itself) that something happened.
 *
 * The bus carries hints, never the truth. Every stored event is in the database before it is published,
 * so a backend may lose a message, deliver it late, or deliver it twice: managers catch up from the
 * database and leave out what they have already delivered. A backend may not change a message, and it
 * delivers what one instance published in that order. An instance hears its own messages too.
 */
import type { EventEnvelope } from './event.ts';

/** What a user's other tabs and devices have to know about their inbox. */
export interface InboxChange {
  /** Ids that this user dismissed. */
  dismissed?: number[];
  /** Everything up to this event id was cleared. */
  clearedThroughId?: number;
}

export type BusMessage =
  | { kind: 'event'; event: EventEnvelope }
  | { kind: 'inbox-changed'; userId: number; change: InboxChange }
  | { kind: 'disconnect'; userId: number };

export type BusListener = (message: BusMessage) => void;

export interface EventBus {
  /** Hands the message to every instance. Resolves when the backend has it; rejects when it cannot. */
  publish(message: BusMessage): Promise<void>;
  /** Calls `listener` for every message from now on. Returns its own undo. */
  subscribe(listener: BusListener): () => void;
  /** No message is delivered after this. Twice does nothing. */
  close(): Promise<void>;
}

/** The bus of a single instance: a function call. */
export class InProcessEventBus implements EventBus {
  readonly #listeners = new Set<BusListener>();

  async publish(message: BusMessage): Promise<void> {
    for (const listener of this.#listeners) listener(message);
  }

  subscribe(listener: BusListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }
}
