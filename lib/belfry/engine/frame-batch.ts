/**
 * Frames that leave together. What many streams get is encoded and joined once, and the same bytes go
 * to all of them.
 */
import { type EventEnvelope, eventToJson } from '../protocol/event.ts';
import { encode, formatFrame } from '../protocol/sse-format.ts';

/** One event or control frame, as text. */
export interface Frame {
  /** The event's id; `null` for ephemeral events and control frames, which are never merged. */
  id: number | null;
  text: string;
}

/** Frames in their order. Immutable, and shared by all streams that get the same ones. */
export class FrameBatch {
  readonly frames: readonly Frame[];
  readonly #lowestId: number;
  #chunk: Uint8Array | null = null;

  constructor(frames: readonly Frame[]) {
    this.frames = frames;
    this.#lowestId = frames.reduce(
      (lowest, { id }) => Math.min(lowest, id ?? Number.POSITIVE_INFINITY),
      Number.POSITIVE_INFINITY,
    );
  }

  /** The bytes of all frames, made at the first asking. */
  get chunk(): Uint8Array {
    this.#chunk ??= encode(this.frames.map(({ text }) => text).join(''));
    return this.#chunk;
  }

  /** The same without the events up to an id. Itself when it holds none of them. */
  above(id: number): FrameBatch {
    if (this.#lowestId > id) return this;
    return new FrameBatch(this.frames.filter((frame) => frame.id === null || frame.id > id));
  }
}

/** A live event as a frame. */
export function eventFrame(event: EventEnvelope): Frame {
  const text = formatFrame({
    ...(event.id === null ? {} : { id: event.id }),
    event: event.eventType,
    data: eventToJson(event, { isRecovered: false }),
  });
  return { id: event.id, text };
}

/** Whom a batch is for: a user, and the types that a stream of theirs asked for. */
export interface Audience {
  userId: number;
  eventTypes: ReadonlySet<string>;
  /** The same for every stream that asked for the same types. */
  eventTypesKey: string;
}

/**
 * Sorts events into batches, one for each audience. Streams that get the same events get the very same
 * batch: everybody who asked for the same types and is not addressed personally.
 */
export class BatchSorter {
  readonly #events: { event: EventEnvelope; frame: Frame }[] = [];
  readonly #addressed = new Set<number | null>();
  readonly #batches = new Map<string, FrameBatch>();
  #length = 0;

  /** Adds an event, in the order in which they are to arrive, and before the first batch is asked for. */
  add(event: EventEnvelope): void {
    const frame = eventFrame(event);
    this.#events.push({ event, frame });
    this.#addressed.add(event.targetUserId);
    this.#length += frame.text.length;
  }

  /** How much text there is, in UTF-16 units. */
  get length(): number {
    return this.#length;
  }

  /** Whether any event is for everybody. */
  get isForEverybody(): boolean {
    return this.#addressed.has(null);
  }

  /** The users who are addressed personally. */
  get addressedUsers(): number[] {
    return [...this.#addressed].filter((userId) => userId !== null);
  }

  /** What one stream is to get, in order; perhaps nothing. */
  batchFor({ userId, eventTypes, eventTypesKey }: Audience): FrameBatch {
    const isAddressed = this.#addressed.has(userId);
    const key = isAddressed ? `${userId} ${eventTypesKey}` : eventTypesKey;
    let batch = this.#batches.get(key);
    if (!batch) {
      const isFor = ({ targetUserId, eventType }: EventEnvelope) =>
        (targetUserId === null || targetUserId === userId) && eventTypes.has(eventType);
      batch = new FrameBatch(this.#events.filter(({ event }) => isFor(event)).map(({ frame }) => frame));
      this.#batches.set(key, batch);
    }
    return batch;
  }
}
