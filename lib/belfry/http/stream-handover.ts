/**
 * The fast path of a stream, in this one file: Next hands the connection over when it ends the response.
 *
 * Next sends a route's body with `body.pipeTo(writer)`, and keeps a web-stream pipe, with its promises
 * and queues, for as long as the stream lives: nearly half of the CPU of a delivery and a good part of the
 * memory of a stream. A response without a body it ends, once it has set status and headers in its own way. Here it
 * has none, and the `end` of the request's own `ServerResponse` is where the stream begins. For Next the request is
 * over. What follows goes to that `ServerResponse`.
 *
 * It is no API of Next's, so nothing rests on it: `createReadableSink` is the plain path. See
 * docs/decisions/007-stream-handover.md.
 */
import { type IncomingMessage, ServerResponse } from 'node:http';
import type { StreamSink } from '../engine/stream-sink.ts';

const OF_NODE: object = ServerResponse.prototype;
const REPLACED_BY_NEXT = ['setHeader', 'writeHead', 'write', 'end', 'on', 'flush'];
const NOTES_OF_NEXT = Symbol.for('NextInternalRequestMeta');

/**
 * A sink that writes to the connection itself, as soon as Next ends the response, which must have no body. Null when
 * this response cannot be handed over.
 *
 * @param onGone Called once, when the client goes away.
 */
export function createHandoverSink(response: ServerResponse, onGone: () => void): StreamSink | null {
  if (response.destroyed || response.writableEnded || response.headersSent) return null;
  response.once('close', onGone);
  return new Handover(response, onGone);
}

class Handover implements StreamSink {
  readonly #response: ServerResponse;
  readonly #onGone: () => void;
  /** What was written before Next ended the response; null once the connection is ours. */
  #early: Uint8Array[] | null = [];
  #ended = false;

  constructor(response: ServerResponse, onGone: () => void) {
    this.#response = response;
    this.#onGone = onGone;
    const end = response.end as (...given: unknown[]) => ServerResponse;
    response.end = (...given: unknown[]) => {
      response.end = end;
      const isOurs = given.length === 0 && !response.headersSent && response.statusCode === 200;
      // An error page, perhaps.
      if (!isOurs) return end.apply(response, given);
      this.#takeOver();
      return response;
    };
  }

  get queuedBytes(): number {
    if (this.#early) return this.#early.reduce((sum, chunk) => sum + chunk.byteLength, 0);
    // The socket's own queue is counted in it.
    return this.#response.writableLength;
  }

  write(chunk: Uint8Array): void {
    if (this.#ended) return;
    if (this.#early) this.#early.push(chunk);
    else send(this.#response, chunk);
  }

  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.#early) this.#response.end();
  }

  abort(): void {
    this.#ended = true;
    this.#response.destroy();
  }

  /** The headers leave with the first bytes. */
  #takeOver(): void {
    const early = this.#early ?? [];
    this.#early = null;
    for (const chunk of early) send(this.#response, chunk);
    if (this.#ended) this.#response.end();
    else setImmediate(() => letGoOfNext(this.#response, this.#onGone));
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
