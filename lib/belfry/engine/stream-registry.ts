/** Who is connected: the open streams of this instance, by user. */
import type { EventStream } from './event-stream.ts';

/** Knows each open stream once. */
export class StreamRegistry {
  readonly #byUser = new Map<number, Set<EventStream>>();
  #size = 0;

  /** How many streams are open. */
  get size(): number {
    return this.#size;
  }

  /** Twice does nothing. */
  add(stream: EventStream): void {
    const ofUser = this.#byUser.get(stream.userId) ?? new Set();
    if (ofUser.has(stream)) return;
    this.#byUser.set(stream.userId, ofUser.add(stream));
    this.#size += 1;
  }

  /** Twice does nothing. */
  remove(stream: EventStream): void {
    const ofUser = this.#byUser.get(stream.userId);
    if (!ofUser?.delete(stream)) return;
    this.#size -= 1;
    if (ofUser.size === 0) this.#byUser.delete(stream.userId);
  }

  /** A copy: a stream that closes meanwhile does not disturb a loop over it. */
  all(): EventStream[] {
    return [...this.#byUser.values()].flatMap((streams) => [...streams]);
  }

  /** A copy, as `all`. */
  ofUser(userId: number): EventStream[] {
    return [...(this.#byUser.get(userId) ?? [])];
  }

  /** How many streams of a user are open. */
  countOf(userId: number): number {
    return this.#byUser.get(userId)?.size ?? 0;
  }

  /** The users who listen to a type, each once: all of them, or `userId` alone if they do. */
  usersListeningTo(eventType: string, userId?: number): number[] {
    const asked = userId === undefined ? [...this.#byUser.keys()] : [userId];
    return asked.filter((id) => this.ofUser(id).some((stream) => stream.eventTypes.has(eventType)));
  }
}
