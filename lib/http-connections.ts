/**
 * The HTTP servers and connections of this process. Next makes its server itself and hands neither it
 * nor its responses to anybody, so both are found through Node's own diagnostics channel
 * (https://nodejs.org/api/diagnostics_channel.html#http).
 */
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { settleForwardedHeaders, type TrustedProxies } from './http/trusted-proxies.ts';
import { processSingleton } from './process-singleton.ts';

/** Leads from a route's `Request` to its connection. Overwritten on arrival: a client cannot set it. */
const CONNECTION_HEADER = 'x-belfry-connection';
const STREAM_PATH = '/sse/';
const CLOSE_IDLE_EVERY_MS = 20;
// For the last bytes of streams. Longer than that only those connections stay that never sent anything.
const LEAVE_OPEN_MS = 500;

const found = processSingleton('http-connections', () => ({
  servers: new Set<Server>(),
  /** Responses of streams that a route has not taken yet. */
  responses: new Map<string, ServerResponse>(),
  /** Requests that have not been answered yet, other than streams: those end with the engine. */
  underWay: new Set<ServerResponse>(),
  nextId: 1,
}));

export interface WatchOptions {
  trustedProxies: TrustedProxies;
  /** The headers that every answer has, whoever gives it, by the address that was asked for. */
  headersFor: (url: string) => Readonly<Record<string, string>>;
  /** Looks at a request before Next does. When it answers, it says true, and Next never hears of it. */
  answerBeforeNext: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/**
 * Begins to look, and to settle what each request may say of where it came from. Called once, as early as can
 * be: a request that arrives before it keeps what its client wrote.
 */
export function watchHttpConnections({ trustedProxies, headersFor, answerBeforeNext }: WatchOptions): void {
  subscribe('http.server.request.start', (message) => {
    const { request, response, server } = message as {
      request: IncomingMessage;
      response: ServerResponse;
      server: Server;
    };
    if (!found.servers.has(server)) {
      found.servers.add(server);
      standBeforeNext(server, answerBeforeNext);
    }
    for (const [name, value] of Object.entries(headersFor(request.url ?? '')))
      response.setHeader(name, value);
    settleForwardedHeaders(request.headers, request.socket.remoteAddress, trustedProxies);
    delete request.headers[CONNECTION_HEADER];
    if (request.method !== 'GET' || !request.url?.startsWith(STREAM_PATH)) {
      found.underWay.add(response);
      response.once('close', () => found.underWay.delete(response));
      return;
    }
    const id = String(found.nextId++);
    request.headers[CONNECTION_HEADER] = id;
    found.responses.set(id, response);
    response.once('close', () => found.responses.delete(id));
  });
}

// Told of a request before the listeners are, so that the first one is looked at as well.
function standBeforeNext(server: Server, answerBeforeNext: WatchOptions['answerBeforeNext']): void {
  const listeners = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (answerBeforeNext(request, response)) return;
    for (const listener of listeners) listener.call(server, request, response);
  });
}

/** The `ServerResponse` behind a request for a stream, once; null when it is not to be had. */
export function takeServerResponse(request: Request): ServerResponse | null {
  const id = request.headers.get(CONNECTION_HEADER);
  if (id === null) return null;
  const response = found.responses.get(id) ?? null;
  found.responses.delete(id);
  return response;
}

/**
 * Accepts no more connections, and resolves when the requests under way have been answered. Connections on
 * which nothing was ever asked, such as those that a browser opens ahead, are closed then.
 */
export async function closeHttpServers(): Promise<void> {
  const open = [...found.servers].filter((server) => server.listening);
  let left = open.length;
  const onClosed = () => {
    left -= 1;
  };
  for (const server of open) server.close(onClosed);
  // A kept-alive connection turns idle only after its answer is out, so ask again until all are gone.
  let answeredAt = Number.POSITIVE_INFINITY;
  while (left > 0) {
    for (const server of open) server.closeIdleConnections();
    if (found.underWay.size > 0) answeredAt = Number.POSITIVE_INFINITY;
    else answeredAt = Math.min(answeredAt, performance.now());
    if (performance.now() - answeredAt > LEAVE_OPEN_MS) {
      for (const server of open) server.closeAllConnections();
    }
    await sleep(CLOSE_IDLE_EVERY_MS);
  }
}
