/**
 * One connection of one user: first the backlog, then live events, until either side closes.
 *
 * It is registered before the backlog is read, so that nothing falls between the two. What arrives
 * meanwhile waits until the backlog is there. An event that was stored when it was read is left out then:
 * it is in the backlog, or further down in poll, or the user has dismissed it.
 */

import type { InboxChange } from '../bus/event-bus.ts';
import { eventToJson } from '../protocol/event.ts';
import { encode, formatComment, formatFrame } from '../protocol/sse-format.ts';
import type { InboxPage, InboxState } from '../storage/event-store.ts';
import type { FrameBatch } from './frame-batch.ts';
import { SeenIds } from './seen-ids.ts';
import type { StreamSink } from './stream-sink.ts';

/** Why a stream ended; the metrics count by it. */
export type CloseReason =
  | 'client-gone'
  | 'too-slow'
  | 'session-ended'
  | 'session-changed'
  | 'shutting-down'
  | 'backlog-failed'
  | 'inbox-changed';

/** What a stream was opened with, for whoever let it in: the engine only asks whether it still stands. */
export interface StreamSession {
  /** Opaque. Several streams may have one session. */
  id: string;
  /** What the user was then. A stream ends when that changes. Left out: it does not matter. */
  role?: string | undefined;
}

/** Whose stream it is, and its bounds. */
export interface EventStreamOptions {
  userId: number;
  eventTypes: ReadonlySet<string>;
  sink: StreamSink;
  /** The stream is ended when more bytes than this wait for the client. */
  maxQueuedBytes: number;
  /** When the session behind it ends at the latest. */
  validUntil: Date;
  session: StreamSession;
  /** Called once, however the stream ends. */
  onClose: (stream: EventStream, reason: CloseReason) => void;
}

// A browser that loses the connection comes back after this long, unless it is told otherwise.
const RECONNECT_MS = 2_000;
// The rest of it is for what arrives next; what does not fit is in poll.
const BACKLOG_SHARE_OF_QUEUE = 1 / 2;

/** Made when it is registered; `begin` sends the backlog and makes it live; `close` ends it. It never throws. */
export class EventStream {
  readonly id = crypto.randomUUID();
  readonly userId: number;
  readonly eventTypes: ReadonlySet<string>;
  /** The same for every stream that asked for the same types. */
  readonly eventTypesKey: string;
  readonly validUntil: Date;
  readonly session: StreamSession;
  readonly #sink: StreamSink;
  readonly #maxQueuedBytes: number;
  readonly #onClose: EventStreamOptions['onClose'];
  /** What arrived before the backlog; `null` once live. */
  #waiting: FrameBatch[] | null = [];
  #waitingBytes = 0;
  /** Events up to this id were there when the backlog was read: they are in it, in poll, or dismissed. */
  #asOf = 0;
  /** Of the changes to the inbox: which of them the client was told of, or reads in the backlog. */
  readonly #revisions = new SeenIds(0);
  #closed = false;

  constructor(options: EventStreamOptions) {
    this.userId = options.userId;
    this.eventTypes = options.eventTypes;
    this.eventTypesKey = [...options.eventTypes].sort().join();
    this.validUntil = options.validUntil;
    this.session = options.session;
    this.#sink = options.sink;
    this.#maxQueuedBytes = options.maxQueuedBytes;
    this.#onClose = options.onClose;
    // Response headers leave with the first bytes, not before.
    this.#write(encode(`retry: ${RECONNECT_MS}\n${formatComment('belfry')}`));
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The client knows of every change to the inbox up to this revision; `null` before `begin`. */
  get revision(): number | null {
    return this.#waiting === null ? this.#revisions.upTo : null;
  }

  /** The client was told of the change that made this revision. One before it may have got lost. */
  noteRevision(revision: number): void {
    this.#revisions.add(revision);
  }

  /**
   * Sends what the user has not dismissed, then whatever arrived since the stream was made, and goes
   * live. Call it once. After a close it does nothing.
   *
   * @param reset Tells the client to forget what it has: its Last-Event-ID is not one of its own.
   * @returns How many events it wrote: of the backlog, and of what arrived meanwhile.
   */
  begin(backlog: InboxPage, { reset }: { reset: boolean }): { recovered: number; live: number } {
    if (this.#closed || this.#waiting === null) return { recovered: 0, live: 0 };
    const waiting = this.#waiting;
    this.#waiting = null;
    this.#revisions.skipTo(backlog.revision);
    this.#asOf = backlog.asOf;
    const frames = backlog.events
      .map((event) => ({
        id: event.id,
        chunk: encode(
          formatFrame({
            id: event.id,
            event: event.eventType,
            data: eventToJson(event, { isRecovered: true }),
          }),
        ),
      }))
      .filter(fitsInto(this.#maxQueuedBytes * BACKLOG_SHARE_OF_QUEUE));
    const start = formatInboxFrame(backlog, { backlog: frames.length, ...(reset ? { reset } : {}) });
    const isWritten = this.#write(Buffer.concat([encode(start), ...frames.map(({ chunk }) => chunk)]));
    const live = waiting.reduce((sum, batch) => sum + this.send(batch), 0);
    return { recovered: isWritten ? frames.length : 0, live };
  }

  /**
   * Sends frames, at once or when the backlog is out. Events that were there when it was read are left out.
   *
   * @returns How many it wrote now.
   */
  send(batch: FrameBatch): number {
    if (this.#closed || batch.frames.length === 0) return 0;
    if (this.#waiting) {
      this.#waiting.push(batch);
      this.#waitingBytes += batch.chunk.byteLength;
      // What waits here counts like what waits in the sink: a backlog that never comes must not hoard.
      if (this.#waitingBytes > this.#maxQueuedBytes) this.close('too-slow');
      return 0;
    }
    const unsent = batch.above(this.#asOf);
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
      this.#sink.write(chunk);
      return true;
    } catch {
      // The connection broke, which its owner will say too; until then nobody else must suffer for it.
      this.close('client-gone');
      return false;
    }
  }
}

/** A filter that lets the first chunks through, as long as they have room together. */
function fitsInto(maxBytes: number): (item: { chunk: Uint8Array }) => boolean {
  let bytes = 0;
  return ({ chunk }) => {
    bytes += chunk.byteLength;
    return bytes <= maxBytes;
  };
}

/** What else an `inbox` frame may say. */
export interface InboxNotice extends Partial<InboxChange> {
  /** How many recovered events follow: on the first frame of a stream. */
  backlog?: number;
  /** The client is to forget what it has. */
  reset?: boolean;
}

/** The control event `inbox`: the totals that every tab of the user agrees on, and what changed. */
export function formatInboxFrame(state: InboxState, notice: InboxNotice): string {
  const { clearedThroughId, revision: _, ...rest } = notice;
  return formatFrame({
    event: 'inbox',
    data: {
      unreadTotal: state.unreadTotal,
      asOf: state.asOf,
      revision: state.revision,
      readAt: state.readAt.toISOString(),
      nextExpiresAt: state.nextExpiresAt?.toISOString() ?? null,
      ...rest,
      ...(clearedThroughId === undefined ? {} : { cleared: true, clearedThroughId }),
    },
  });
}
