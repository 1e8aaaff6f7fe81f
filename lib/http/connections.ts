/**
 * The HTTP servers, connections and requests of this process. Next makes its server itself and hands neither it
 * nor its responses to anybody, so they are found through Node's own diagnostics channels
 * (https://nodejs.org/api/diagnostics_channel.html#built-in-channels).
 */
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Server } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setImmediate as endOfTurn, setTimeout as sleep } from 'node:timers/promises';
import { isStreamRequest, noteStreamConnection } from '../belfry/http/stream-connections.ts';
import { processSingleton } from '../config/process-singleton.ts';
import {
  Connection,
  ConnectionLimits,
  connectionCounts,
  letItLast,
  limitTimes,
} from './connection-limits.ts';
import { answerEverything } from './impossible-requests.ts';
import { isTrustedProxy, settleForwardedHeaders, type TrustedProxies } from './trusted-proxies.ts';

const CLOSE_IDLE_EVERY_MS = 20;
// As part of all the time that was waited for one. However busy the server is, one comes after five or so.
const SHORT_TURN = 1 / 5;
// With a connection in every turn, as in a flood, it has to stop as well; not before those could be accepted that
// Node lets wait, however long the server was busy meanwhile.
const DRAIN_LIMIT_MS = 500;
const DRAIN_LEAST_TURNS = 511;
// For the last bytes of streams and of answers, and the first ones of a request. What stays longer than that waits
// for its client.
const LEAVE_OPEN_MS = 500;
// A proxy may send on a connection that it has kept just when we close it, and it must not send a POST again.
// deploy/nginx.conf closes those that are silent for 2 s itself.
const LET_PROXIES_CLOSE_MS = 2_500;

/** What Node keeps of a socket, beside what its types say. */
type HttpSocket = Socket & { server?: unknown; _httpMessage?: ServerResponse | null };

const found = processSingleton('http-connections', () => {
  const connections = new Map<Socket, Connection>();
  return {
    servers: new Set<Server>(),
    connections,
    limits: new ConnectionLimits(connections, connectionCounts()),
    /** How many connections there have been. */
    opened: 0,
    isClosing: false,
  };
});

export interface WatchOptions {
  trustedProxies: TrustedProxies;
  /** The headers that every answer has, whoever gives it, by the address that was asked for. */
  headersFor: (url: string) => readonly (readonly [name: string, value: string])[];
  /** Looks at a request before Next does. When it answers, it says true, and Next never hears of it. */
  answerBeforeNext: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/**
 * Begins to look after every connection and request: how many there may be and for how long, what they may say
 * of where they came from, and what is refused before Next sees it. Called once, at the start; what came before
 * is found as well.
 */
export function watchHttpConnections({ trustedProxies, headersFor, answerBeforeNext }: WatchOptions): void {
  const onServer = (server: Server) => noteServer(server, answerBeforeNext);
  const onSocket = (socket: HttpSocket) => {
    if (!(socket.server instanceof Server)) return;
    onServer(socket.server);
    noteSocket(socket);
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    // Only those that are trusted: a stop waits for their connections.
    const isOfProxy =
      request.headers['x-forwarded-for'] !== undefined &&
      isTrustedProxy(request.socket.remoteAddress, trustedProxies);
    for (const [name, value] of headersFor(request.url ?? '')) response.setHeader(name, value);
    settleForwardedHeaders(request.headers, request.socket.remoteAddress, trustedProxies);
    noteRequest(request, response, isOfProxy);
  };
  subscribe('net.server.socket', (message) => onSocket((message as { socket: HttpSocket }).socket));
  subscribe('http.server.request.start', (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    onRequest(request, response);
  });
  found.limits.start();
  // Next listens before it starts the app. A request that came so early waits until the app has started, and
  // must not be believed more than others.
  for (const handle of activeHandles()) {
    if (handle instanceof Server) onServer(handle);
    const socket = handle as HttpSocket;
    if (!(socket.server instanceof Server)) continue;
    onSocket(socket);
    if (socket._httpMessage) onRequest(socket._httpMessage.req, socket._httpMessage);
  }
}

/** Node tells of a server only when it is made, which is before this process runs any code of the app. */
function activeHandles(): unknown[] {
  return (process as unknown as { _getActiveHandles?: () => unknown[] })._getActiveHandles?.() ?? [];
}

function noteServer(server: Server, answerBeforeNext: WatchOptions['answerBeforeNext']): void {
  if (found.servers.has(server)) return;
  found.servers.add(server);
  limitTimes(server, found.connections);
  answerEverything(server, answerBeforeNext);
}

function noteSocket(socket: Socket): void {
  if (found.connections.has(socket)) return;
  found.opened += 1;
  found.connections.set(socket, new Connection(socket));
  socket.once('close', () => found.connections.delete(socket));
  found.limits.afterOpening();
}

function noteRequest(request: IncomingMessage, response: ServerResponse, isOfProxy: boolean): void {
  const isStream = isStreamRequest(request);
  const connection = found.connections.get(request.socket);
  if (connection) Object.assign(connection, { askedAt: performance.now(), response, isStream, isOfProxy });
  if (isStream) letItLast(request.socket);
  if (found.isClosing && connection) endWithAnswer(connection);
  if (!found.isClosing) noteStreamConnection(request, response);
}

/** While the server stops: what a connection still asks for is answered, and the answer says that it is the last. */
function endWithAnswer({ response, isStream, socket }: Connection): void {
  if (!response || response.headersSent) return;
  response.shouldKeepAlive = false;
  // Not refused: a proxy then asks another instance, and a browser connects anew.
  if (isStream) socket.destroy();
}

/** Accepts no more connections. What is asked for on those that are open is answered, as the last on each. */
export async function stopListening(): Promise<void> {
  await drainAcceptQueue();
  // Not the close of an HTTP server, which closes the connections that are kept as well.
  for (const server of found.servers) if (server.listening) NetServer.prototype.close.call(server);
  found.isClosing = true;
  for (const connection of found.connections.values()) endWithAnswer(connection);
}

/**
 * After `stopListening`: resolves when the requests under way have been answered, and proxies have closed the
 * connections that they keep, or have had the time to. Connections that wait for their client, because it asked for
 * nothing, or not for all of it, or does not read what it asked for, are closed then. Streams end with the engine.
 */
export async function closeConnections(): Promise<void> {
  const { servers, connections } = found;
  const proxiesHaveUntil = performance.now() + LET_PROXIES_CLOSE_MS;
  while (performance.now() < proxiesHaveUntil && [...connections.values()].some(isKeptByProxy)) {
    await sleep(CLOSE_IDLE_EVERY_MS);
    // What came while the server was busy is read first: it waits for us, and not for its client.
    await endOfTurn();
  }
  // A kept-alive connection turns idle only after its answer is out, so ask again until all are gone.
  let answeredAt = Number.POSITIVE_INFINITY;
  while (connections.size > 0) {
    const all = [...connections.values()];
    // For Node those are idle that have not asked for anything yet.
    if (!all.some(isNew)) for (const server of servers) server.closeIdleConnections();
    const isAnswering = all.some(({ isAnswering, isStream }) => isAnswering && !isStream);
    answeredAt = isAnswering ? Number.POSITIVE_INFINITY : Math.min(answeredAt, performance.now());
    if (performance.now() - answeredAt > LEAVE_OPEN_MS) for (const { socket } of all) socket.destroy();
    await sleep(CLOSE_IDLE_EVERY_MS);
    await endOfTurn();
  }
}

/**
 * Resolves right after the connections that have come are accepted: the system cuts off those that are not when the
 * server stops to listen, and their requests may be on the way. Node accepts one in each turn of its event loop, and
 * what else a turn does gives others time to come; hence after a short turn that brought none.
 */
async function drainAcceptQueue(): Promise<void> {
  const began = performance.now();
  let since = began;
  for (let turns = 0; turns < DRAIN_LEAST_TURNS || since - began < DRAIN_LIMIT_MS; turns += 1) {
    const { opened } = found;
    await endOfTurn();
    const now = performance.now();
    if (found.opened === opened && now - since < (now - began) * SHORT_TURN) return;
    since = now;
  }
}

/** A proxy may ask for more on it, now or when it has its answer. */
function isKeptByProxy({ isOfProxy, isStream, response }: Connection): boolean {
  return isOfProxy && response?.req.complete === true && (!isStream || response.writableFinished);
}

/** Its first request may be on the way. */
function isNew({ response, askedAt }: Connection): boolean {
  return response === null && performance.now() - askedAt < LEAVE_OPEN_MS;
}
