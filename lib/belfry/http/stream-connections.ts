/**
 * The connections of streams that are being opened, for the fast path (`stream-handover.ts`). Next hands its responses to
 * nobody, so they are found through Node's own diagnostics channel `http.server.request.start`
 * (https://nodejs.org/api/diagnostics_channel.html#built-in-channels). What is not found there has the plain path.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Leads from a route's `Request` to its connection. Overwritten on arrival: a client cannot set it. */
const CONNECTION_HEADER = 'x-belfry-connection';
// Below whatever base path.
const STREAM_PATH = /^[^?]*\/sse\//;

interface Noted {
  /** Responses of streams that a route has not taken yet. */
  responses: Map<string, ServerResponse>;
  nextId: number;
  isWatching: boolean;
}

// Next bundles routes and instrumentation separately, and a module exists in each.
const KEPT = Symbol.for('belfry.stream-connections');
const holder = globalThis as typeof globalThis & { [KEPT]?: Noted };
holder[KEPT] ??= { responses: new Map(), nextId: 1, isWatching: false };
const noted = holder[KEPT];

/** Whether it is a request for a stream. */
export function isStreamRequest({ method, url }: IncomingMessage): boolean {
  return method === 'GET' && url !== undefined && STREAM_PATH.test(url);
}

/** To be told of each request before Next is. */
export function noteStreamConnection(request: IncomingMessage, response: ServerResponse): void {
  delete request.headers[CONNECTION_HEADER];
  if (!isStreamRequest(request)) return;
  const id = String(noted.nextId++);
  request.headers[CONNECTION_HEADER] = id;
  noted.responses.set(id, response);
  response.once('close', () => noted.responses.delete(id));
}

/** Has every HTTP server of the process tell, from here on. Twice does nothing. */
export function watchStreamConnections(): void {
  if (noted.isWatching) return;
  noted.isWatching = true;
  subscribe('http.server.request.start', (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    noteStreamConnection(request, response);
  });
}

/** The `ServerResponse` behind a request for a stream, once; null when it is not to be had. */
export function takeStreamConnection(request: Request): ServerResponse | null {
  const id = request.headers.get(CONNECTION_HEADER);
  if (id === null) return null;
  const response = noted.responses.get(id) ?? null;
  noted.responses.delete(id);
  return response;
}
