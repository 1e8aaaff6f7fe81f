/** A response that is a stream of server-sent events, by the fast path or by the plain one. */
import type { ServerResponse } from 'node:http';
import { createReadableSink, type StreamSink } from '../engine/stream-sink.ts';
import { createHandoverSink } from './stream-handover.ts';

/** What keeps caches, proxies and compression from holding events back. */
export const SSE_HEADERS = {
  'Content-Type': 'text/event-stream',
  // It is one person's. no-transform keeps compression, Next's and a proxy's, off the stream.
  'Cache-Control': 'private, no-store, no-transform',
  // nginx would otherwise hold events back until a buffer is full.
  'X-Accel-Buffering': 'no',
};

/**
 * Makes the response to `request`, and the sink that its bytes go into.
 *
 * @param connection What is behind the request, for the fast path; `null` takes the plain one.
 * @param onGone Called when the client goes away, perhaps more than once.
 */
export function createSseResponse(
  request: Request,
  connection: ServerResponse | null,
  onGone: () => void,
): { sink: StreamSink; response: Response } {
  const handedOver = connection && createHandoverSink(connection, onGone);
  if (handedOver) return { sink: handedOver, response: new Response(null, { headers: SSE_HEADERS }) };
  // A client that left before the response began is only told of here.
  request.signal.addEventListener('abort', onGone, { once: true });
  const { sink, body } = createReadableSink(onGone);
  // A server that stops waits for connections that are kept, and those of streams fall silent only then.
  return { sink, response: new Response(body, { headers: { ...SSE_HEADERS, Connection: 'close' } }) };
}
