/** A response that is a stream of server-sent events, by the fast path or by the plain one. */
import { env } from '../../config/env.ts';
import { takeServerResponse } from '../../http/connections.ts';
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
 * Makes the response to `request`, and the sink that its bytes go into. `onGone` is called when the
 * client goes away, perhaps more than once.
 */
export function createSseResponse(
  request: Request,
  onGone: () => void,
): { sink: StreamSink; response: Response } {
  // A client that left before the response began is only told of here.
  request.signal.addEventListener('abort', onGone, { once: true });
  const connection = env.streamPath === 'handover' ? takeServerResponse(request) : null;
  const { sink, body } = (connection && createHandoverSink(connection, onGone)) ?? createReadableSink(onGone);
  return { sink, response: new Response(body, { headers: SSE_HEADERS }) };
}
