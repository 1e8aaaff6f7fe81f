/**
 * The fast path of a stream, in this one file: the body of the response hands the connection over.
 *
 * Next sends a route's body with `body.pipeTo(writer)`, and keeps a web-stream pipe, with its promises
 * and queues, for as long as the stream lives: nearly half of the CPU of a delivery and a good part of the
 * memory of a stream. Here `pipeTo` lets the first chunk through that writer, so that Next sends the
 * status and the headers in its own way, and then returns without closing. For Next the request is
 * over. What follows goes to the request's own `ServerResponse`.
 *
 * It is no API of Next's, so nothing rests on it: `createReadableSink` is the plain path, and whatever
 * is not as expected here leads back to it. See docs/decisions/007-stream-handover.md.
 */
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { StreamSink } from '../engine/stream-sink.ts';

const doNothing = () => {};
const OF_NODE: object = ServerResponse.prototype;
const REPLACED_BY_NEXT = ['setHeader', 'writeHead', 'write', 'end', 'on', 'flush'];
const NOTES_OF_NEXT = Symbol.for('NextInternalRequestMeta');

/**
 * A sink that writes to the connection itself, and the body that makes Next hand it over. Null when
 * this response cannot be handed over. `onGone` is called once when the client goes away.
 */
export function createHandoverSink(
  response: ServerResponse,
  onGone: () => void,
): { sink: StreamSink; body: ReadableStream<Uint8Array> } | null {
  if (response.destroyed || response.writableEnded || response.headersSent) return null;
  const handover = new Handover(response, onGone);
  response.once('close', onGone);
  return { sink: handover, body: new HandoverBody(handover) };
}

class Handover implements StreamSink {
  readonly #response: ServerResponse;
  readonly #onGone: () => void;
  /** What was written before Next began to send; null once the connection is ours. */
  #early: Uint8Array[] | null = [];
  /** Somebody reads the body instead of piping it: then it is an ordinary stream. */
  #reader: ReadableStreamDefaultController<Uint8Array> | null = null;
  #ended = false;
  #noteWritten = () => {};
  /** Resolves once there is something to send, or nothing will come any more. */
  readonly written = new Promise<void>((resolve) => {
    this.#noteWritten = resolve;
  });

  constructor(response: ServerResponse, onGone: () => void) {
    this.#response = response;
    this.#onGone = onGone;
  }

  get queuedBytes(): number {
    if (this.#early) return this.#early.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    if (this.#reader) return -(this.#reader.desiredSize ?? 0);
    // The socket's own queue is counted in it.
    return this.#response.writableLength;
  }

  write(chunk: Uint8Array): void {
    if (this.#ended) return;
    if (this.#early) this.#early.push(chunk);
    else if (this.#reader) this.#reader.enqueue(chunk);
    else send(this.#response, chunk);
    this.#noteWritten();
  }

  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#noteWritten();
    if (this.#early) return;
    if (this.#reader) this.#reader.close();
    else this.#response.end();
  }

  abort(): void {
    this.#ended = true;
    this.#noteWritten();
    this.#response.destroy();
  }

  /** The first bytes, for Next to send with the headers. */
  takeEarly(): Uint8Array {
    const [first, ...more] = this.#early?.splice(0) ?? [];
    return first && more.length === 0 ? first : Buffer.concat(first ? [first, ...more] : []);
  }

  /** Has the headers leave together with the first bytes, while `write` runs: Next would send them by themselves before. */
  async withHeaders(write: () => Promise<void>): Promise<void> {
    this.#response.flushHeaders = doNothing;
    try {
      await write();
    } finally {
      // Not deleted: an object that loses a property is kept in a slower form.
      this.#response.flushHeaders = ServerResponse.prototype.flushHeaders;
    }
  }

  /** Next has sent the headers and the first bytes: from here on the connection is ours. */
  takeOver(): void {
    const early = this.#early ?? [];
    this.#early = null;
    for (const chunk of early) send(this.#response, chunk);
    if (this.#ended) this.#response.end();
    else setImmediate(() => letGoOfNext(this.#response, this.#onGone));
  }

  /** The body is being read like any other: everything goes through it. */
  fallBack(reader: ReadableStreamDefaultController<Uint8Array>): void {
    if (!this.#early) return;
    const early = this.takeEarly();
    if (early.byteLength > 0) reader.enqueue(early);
    this.#early = null;
    this.#reader = reader;
    if (this.#ended) reader.close();
  }
}

class HandoverBody extends ReadableStream<Uint8Array> {
  readonly #handover: Handover;

  constructor(handover: Handover) {
    // Asked for bytes only when somebody reads, which `pipeTo` below does not.
    super(
      { pull: (reader) => handover.fallBack(reader), cancel: () => handover.abort() },
      new ByteLengthQueuingStrategy({ highWaterMark: 0 }),
    );
    this.#handover = handover;
  }

  override async pipeTo(destination: WritableStream<Uint8Array>): Promise<void> {
    await this.#handover.written;
    const early = this.#handover.takeEarly();
    // Otherwise the client has gone before there was anything to send.
    if (early.byteLength > 0) {
      const writer = destination.getWriter();
      await this.#handover.withHeaders(() => writer.write(early));
      writer.releaseLock();
    }
    this.#handover.takeOver();
  }
}

/**
 * Takes off the response what Next left on it, and would keep until the stream ends: the request in its
 * several forms, their abort signals, caches, and promises that nobody waits for any more. It is a third
 * of the memory of a stream. Next has returned by now; from here on its `request.signal` stays silent.
 */
function letGoOfNext(response: ServerResponse, onGone: () => void): void {
  if (response.destroyed) return;
  response.removeAllListeners('close');
  response.removeAllListeners('drain');
  response.once('close', onGone);
  const replaced = response as ServerResponse & Record<string, unknown>;
  for (const method of REPLACED_BY_NEXT) {
    if (Object.hasOwn(replaced, method)) replaced[method] = Reflect.get(OF_NODE, method);
  }
  const request: IncomingMessage & { cookies?: unknown; [NOTES_OF_NEXT]?: unknown } = response.req;
  if (NOTES_OF_NEXT in request) request[NOTES_OF_NEXT] = undefined;
  request.cookies = undefined;
  request.headers = {};
  request.rawHeaders = [];
}

const CRLF = Buffer.from('\r\n');
// One chunk goes to many streams: its framing is made once.
const framed = new WeakMap<Uint8Array, Buffer>();

/**
 * Writes a chunk in HTTP/1.1's chunked coding (RFC 9112, 7.1) straight to the socket, or leaves it to
 * the response when that is not possible: for HTTP/1.0, and while the response still holds bytes.
 */
function send(response: ServerResponse, chunk: Uint8Array): void {
  const { socket } = response;
  if (response.destroyed || socket?.destroyed || chunk.byteLength === 0) return;
  // Without a socket it waits for its turn behind another response (pipelining), and keeps what is written.
  if (!socket || !response.chunkedEncoding || response.writableLength > socket.writableLength) {
    response.write(chunk);
    return;
  }
  let bytes = framed.get(chunk);
  if (!bytes) {
    bytes = Buffer.concat([Buffer.from(`${chunk.byteLength.toString(16)}\r\n`), chunk, CRLF]);
    framed.set(chunk, bytes);
  }
  socket.write(bytes);
}
