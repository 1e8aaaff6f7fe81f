/**
 * Frames that leave together. What many streams get is encoded and joined once, and the same bytes go
 * to all of them.
 */
import type { Reader } from '../language/translate.ts';
import type { EventEnvelope } from '../protocol/event.ts';
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

/** An event as a frame. `data` is its form on the wire. */
export function eventFrame({ id, eventType }: Pick<EventEnvelope, 'id' | 'eventType'>, data: unknown): Frame {
  return { id, text: formatFrame({ ...(id === null ? {} : { id }), event: eventType, data }) };
}

/** A control frame: something that the protocol itself says. */
export function controlFrame(event: string, data: unknown): Frame {
  return { id: null, text: formatFrame({ event, data }) };
}

/** An event in the words of whoever reads it. */
export type FrameFor = (reader: Reader) => Frame;

/** Whose a stream is, and the types that it asked for. */
export interface Listener {
  userId: number;
  eventTypes: ReadonlySet<string>;
  reader: Reader;
  /** The same for all who read alike. */
  readerKey: string;
  /** The same for all who read alike and asked for the same types. Kept: making it costs more than looking it up. */
  batchKey: string;
}

interface Sorted {
  event: EventEnvelope;
  frames: Map<string, Frame>;
  frameFor: FrameFor;
  /** Of an event to a topic: those of its members who are here. */
  members: ReadonlySet<number> | null;
}

/**
 * Sorts events into batches, one for each kind of listener. Streams that get the same events get the very same
 * batch: everybody who asked for the same types and is not addressed in another way than all.
 */
export class BatchSorter {
  readonly #sorted: Sorted[] = [];
  readonly #addressed = new Set<number>();
  readonly #batches = new Map<string, FrameBatch>();
  #isForEverybody = false;
  #length = 0;

  /**
   * Adds an event, in the order in which they are to arrive, and before the first batch is asked for.
   *
   * @param reader Whose words are made at once: a failure shows before anybody is sent anything.
   * @param members Of an event to a topic: the users who are to have it.
   */
  add(
    event: EventEnvelope,
    { reader, readerKey, frameFor }: Pick<Listener, 'reader' | 'readerKey'> & { frameFor: FrameFor },
    members: ReadonlySet<number> | null = null,
  ): void {
    const frame = frameFor(reader);
    this.#sorted.push({ event, frames: new Map([[readerKey, frame]]), frameFor, members });
    if (members) for (const userId of members) this.#addressed.add(userId);
    else if (event.targetUserId !== null) this.#addressed.add(event.targetUserId);
    else this.#isForEverybody = true;
    this.#length += frame.text.length;
  }

  /** How much text there is for one reader, in UTF-16 units. */
  get length(): number {
    return this.#length;
  }

  /** Whether any event is for everybody. */
  get isForEverybody(): boolean {
    return this.#isForEverybody;
  }

  /** The users who are addressed in another way than all. */
  get addressedUsers(): number[] {
    return [...this.#addressed];
  }

  /** What one stream is to get, in order; perhaps nothing. */
  batchFor({ userId, eventTypes, reader, readerKey, batchKey }: Listener): FrameBatch {
    const key = this.#addressed.has(userId) ? `${userId} ${batchKey}` : batchKey;
    let batch = this.#batches.get(key);
    if (!batch) {
      const isFor = ({ event, members }: Sorted) =>
        eventTypes.has(event.eventType) &&
        (members ? members.has(userId) : event.targetUserId === null || event.targetUserId === userId);
      const frames = this.#sorted.filter(isFor).map((sorted) => frameOf(sorted, { reader, readerKey }));
      batch = new FrameBatch(frames);
      this.#batches.set(key, batch);
    }
    return batch;
  }
}

/** Made once for all who read alike. */
function frameOf(
  { frames, frameFor }: Sorted,
  { reader, readerKey }: Pick<Listener, 'reader' | 'readerKey'>,
): Frame {
  let frame = frames.get(readerKey);
  if (!frame) {
    frame = frameFor(reader);
    frames.set(readerKey, frame);
  }
  return frame;
}
