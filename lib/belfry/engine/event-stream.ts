/**
 * One connection of one user: first where the inbox stands, then live events, until either side closes.
 *
 * It is registered before the inbox is read, so that nothing falls between the two. What arrives
 * meanwhile waits until that is there. An event that was stored when it was read is left out then:
 * it is in what was read, or further down in poll, or the user has done with it.
 */
import type { Reader } from '../language/translate.ts';
import type { InboxState } from '../protocol/inbox-state.ts';
import { encode, formatComment, formatFrame } from '../protocol/sse-format.ts';
import { type Frame, FrameBatch } from './frame-batch.ts';
import type { StreamSink } from './stream-sink.ts';

/** Why a stream ended; the metrics count by it. */
export type CloseReason =
  | 'client-gone'
  | 'too-slow'
  | 'session-ended'
  | 'session-changed'
  | 'shutting-down'
  | 'backlog-failed'
  | 'history-ended'
  /** It was open for as long as a stream may be. */
  | 'time-over';

/** What a stream was opened with, for whoever let it in: the engine only asks whether it still stands. */
export interface Credentials {
  /** The app's own id of the user. */
  userId: string;
  /** When they end at the latest, and the stream with them. */
  expiresAt: Date;
  /** What ends together: of a session, its id. Several streams may have one. */
  key: string;
  /** Whatever else `revalidate` needs. */
  info?: unknown;
  /** How the user reads, as far as the app knows. */
  locale?: string | null | undefined;
  timeZone?: string | null | undefined;
}

/** Whose stream it is, and its bounds. */
export interface EventStreamOptions {
  userId: number;
  eventTypes: ReadonlySet<string>;
  /** In whose words it is told. */
  reader: Reader;
  sink: StreamSink;
  /** The stream is ended when more bytes than this wait for the client. */
  maxQueuedBytes: number;
  credentials: Credentials;
  /** Called once, however the stream ends. */
  onClose: (stream: EventStream, reason: CloseReason) => void;
}

/** Where the inbox stands, to begin a stream with or to go on with. */
export interface Statement {
  /** The control event `inbox`. */
  inbox: Frame;
  /** What follows it: the items of a snapshot. */
  items: readonly Frame[];
  /** The position that the client has reached then. */
  position: Pick<InboxState, 'eventId' | 'revision'>;
}

// A browser that loses the connection comes back after this long, unless it is told otherwise.
const RECONNECT_MS = 2_000;
const OPENING = encode(`retry: ${RECONNECT_MS}\n${formatComment('belfry')}`);

/** Made when it is registered; `begin` makes it live; `close` ends it. It never throws. */
export class EventStream {
  readonly userId: number;
  readonly eventTypes: ReadonlySet<string>;
  readonly reader: Reader;
  /** The same for every stream whose people read alike. */
  readonly readerKey: string;
  /** The same for every stream that gets the same, as far as it is for everybody. */
  readonly batchKey: string;
  readonly credentials: Credentials;
  readonly #sink: StreamSink;
  readonly #maxQueuedBytes: number;
  readonly #onClose: EventStreamOptions['onClose'];
  /** What arrived before the first statement; `null` once live. */
  #waiting: FrameBatch[] | null = [];
  #waitingBytes = 0;
  /** What the client has been told of: events up to this id, the user's changes up to this revision. */
  #position = { eventId: 0, revision: 0 };
  /** Leaves with whatever is written first: each write of its own costs as much as reading the inbox. */
  #opening: Uint8Array | null = OPENING;
  #closed = false;
  #id: string | null = null;

  constructor(options: EventStreamOptions) {
    this.userId = options.userId;
    this.eventTypes = options.eventTypes;
    this.reader = options.reader;
    this.readerKey = keyOf(options.reader);
    this.batchKey = `${[...options.eventTypes].sort().join()} ${this.readerKey}`;
    this.credentials = options.credentials;
    this.#sink = options.sink;
    this.#maxQueuedBytes = options.maxQueuedBytes;
    this.#onClose = options.onClose;
  }

  /** What it is called in the log; most streams never are. */
  get id(): string {
    this.#id ??= crypto.randomUUID();
    return this.#id;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The position that the last statement ended with; `null` before `begin`. */
  get position(): { eventId: number; revision: number } | null {
    return this.#waiting === null ? this.#position : null;
  }

  /**
   * Sends where the inbox stands, then whatever arrived since the stream was made, and goes
   * live. Call it once. After a close it does nothing.
   *
   * @returns How many events it wrote: of the statement, and of what arrived meanwhile.
   */
  begin(statement: Statement): { recovered: number; live: number } {
    if (this.#closed || this.#waiting === null) return { recovered: 0, live: 0 };
    const waiting = this.#waiting;
    this.#waiting = null;
    const recovered = this.state(statement);
    const live = waiting.reduce((sum, batch) => sum + this.send(batch), 0);
    return { recovered, live };
  }

  /** Sends where the inbox stands now. Returns how many items it wrote. Before `begin` it does nothing. */
  state({ inbox, items, position }: Statement): number {
    if (this.#closed || this.#waiting !== null) return 0;
    const isWritten = this.#write(new FrameBatch([inbox, ...items]).chunk);
    this.#position = {
      eventId: Math.max(this.#position.eventId, position.eventId),
      revision: Math.max(this.#position.revision, position.revision),
    };
    return isWritten ? items.length : 0;
  }

  /**
   * Sends frames, at once or when the stream is live. Events that the client has been told of are left out.
   *
   * @returns How many it wrote now.
   */
  send(batch: FrameBatch): number {
    if (this.#closed || batch.frames.length === 0) return 0;
    if (this.#waiting) {
      this.#waiting.push(batch);
      this.#waitingBytes += batch.chunk.byteLength;
      // What waits here counts like what waits in the sink: a statement that never comes must not hoard.
      if (this.#waitingBytes > this.#maxQueuedBytes) this.close('too-slow');
      return 0;
    }
    const unsent = batch.above(this.#position.eventId);
    return unsent.frames.length > 0 && this.#write(unsent.chunk) ? unsent.frames.length : 0;
  }

  /**
   * Ends the stream. Twice does nothing.
   *
   * @param comeBackMs Tells the client to reconnect after this many milliseconds.
   */
  close(reason: CloseReason, { comeBackMs }: { comeBackMs?: number } = {}): void {
    if (this.#closed) return;
    // So that the page shows it at once, instead of finding out when it comes back.
    if (reason === 'session-ended') this.#write(encode(formatFrame({ event: 'session-ended', data: {} })));
    if (comeBackMs !== undefined) {
      this.#write(
        encode(formatFrame({ retryMs: comeBackMs, event: 'reconnect', data: { afterMs: comeBackMs } })),
      );
    }
    if (this.#closed) return;
    this.#closed = true;
    this.#waiting = null;
    try {
      if (reason === 'too-slow') this.#sink.abort();
      else this.#sink.close();
    } catch {
      // It broke before.
    }
    this.#onClose(this, reason);
  }

  /** False: the stream was ended instead. */
  #write(chunk: Uint8Array): boolean {
    if (this.#sink.queuedBytes + chunk.byteLength > this.#maxQueuedBytes) {
      this.close('too-slow');
      return false;
    }
    try {
      this.#sink.write(this.#opening ? Buffer.concat([this.#opening, chunk]) : chunk);
      this.#opening = null;
      return true;
    } catch {
      // The connection broke, which its owner will say too; until then nobody else must suffer for it.
      this.close('client-gone');
      return false;
    }
  }
}

/** The language says nothing that the locale does not. */
export function keyOf({ locale, timeZone }: Reader): string {
  return `${locale} ${timeZone}`;
}
