/**
 * The event bus: how one instance of the app tells the others (and itself) that something happened.
 *
 * The bus carries hints, never the truth. Every stored event is in the database before it is published,
 * so a backend may lose a message, deliver it late, or deliver it twice: managers catch up from the
 * database and leave out what they have already delivered. A backend may not change a message, and it
 * delivers what one instance published for one user in that order. An instance hears its own messages too, whether
 * the backend can be reached or not.
 *
 * A backend that lost touch with the other instances says so twice: `isConnected` is false while it
 * lasts, and `onGap` is called when it is over. Both tell managers to look into the database.
 */
import type { EventEnvelope } from '../protocol/event.ts';

/**
 * What an instance tells: that events happened, each stored or ephemeral, with the name of the history (storage/history.ts)
 * that was its own before it stored them; that a user changed something in their inbox; that streams are to end, those of
 * a user (the recipient's number) that were opened with one of these keys,
 * or, without keys, all of theirs; that a question was answered or taken back.
 */
export type BusMessage =
  | { kind: 'events'; history: string; events: readonly EventEnvelope[] }
  | { kind: 'inbox-changed'; userId: number }
  | { kind: 'disconnect'; userId: number; keys: readonly string[] | null }
  | { kind: 'answered'; questionId: string };

/** Who listens to a type of event: everybody, or whether this one user does. */
export interface ListenersQuestion {
  eventType: string;
  userId?: number;
}

/** What a manager does with what it hears. None of these may throw. */
export interface BusSubscriber {
  /** A message of this instance or of another. */
  onMessage: (message: BusMessage) => void;
  /** Another instance asks; the answer is ids of users, each once. */
  onQuestion: (question: ListenersQuestion) => number[];
  /** Messages may have been lost, on the way to this instance or from another one. */
  onGap: () => void;
}

/** The port. lib/belfry/bus/redis-event-bus.ts is its other adapter, and one suite holds both to it. */
export interface EventBus {
  /** Whether messages reach the other instances at present. */
  readonly isConnected: boolean;
  /** Hands the message to every instance. Resolves when the backend has it; rejects when it cannot. */
  publish(message: BusMessage): Promise<void>;
  /**
   * The users who listen on the other instances, each once. An instance that does not answer in time, or
   * cannot be asked, counts as empty.
   */
  whoListens(question: ListenersQuestion): Promise<number[]>;
  /** Calls `subscriber` from now on. Returns its own undo. */
  subscribe(subscriber: BusSubscriber): () => void;
  /** No message is delivered after this. Twice does nothing. */
  close(): Promise<void>;
}

/** The bus of a single instance: a function call. */
export class InProcessEventBus implements EventBus {
  readonly isConnected = true;
  readonly #subscribers = new Set<BusSubscriber>();

  async publish(message: BusMessage): Promise<void> {
    for (const { onMessage } of this.#subscribers) onMessage(message);
  }

  async whoListens(): Promise<number[]> {
    return [];
  }

  subscribe(subscriber: BusSubscriber): () => void {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  async close(): Promise<void> {
    this.#subscribers.clear();
  }
}
