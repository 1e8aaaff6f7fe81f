/**
 * How long a connection may wait for its client, and how many may. Whoever asks for nothing, sends a request
 * drop by drop, or does not read the answer, costs a file descriptor and some memory; when those run short,
 * such connections make room for people who ask for something.
 */
import { readFileSync } from 'node:fs';
import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { readAddress, UNKNOWN_ADDRESS } from './client-address.ts';

// A browser sends its headers in one go; a bad line needs a few seconds.
const HEADERS_MS = 15_000;
// The longest honest body, a batch of sends, has 1 MB: 35 kB/s, a bad mobile line.
const REQUEST_MS = 30_000;
// Without a byte in either direction. Streams send a heartbeat every 15 s.
const SILENCE_MS = 30_000;
// Of a client that waits for a long answer: whether it vanished without a word meanwhile.
const PROBE_EVERY_MS = 15_000;

// For what else the process opens: the database, Redis, the log, files that it serves. It has about 30 at rest.
const DESCRIPTORS_OF_OTHERS = 100;
// Beyond it a client that waits costs memory that nothing is gained by. A browser that opened ahead comes back.
const MOST_WAITING = 4_096;
// Node does not say how many it may have; where the system does not either, an ordinary number.
const USUAL_DESCRIPTORS = 1_024;
const COUNT_WAITING_EVERY_MS = 1_000;
// Making room for one at a time would mean to look at all of them each time.
const ROOM_AT_ONCE = 1 / 50;

/** A connection as the limits see it. Making one gives the socket its times. */
export class Connection {
  readonly socket: Socket;
  /** Taken now: a socket that is closed no longer has it. */
  readonly address: string;
  /** When it was opened, or last asked for something, by `performance.now()`. */
  askedAt = performance.now();
  /** The answer to the last request on it, in whatever state. */
  response: ServerResponse | null = null;
  isStream = false;
  /** The last request on it was passed on by a trusted proxy. */
  isOfProxy = false;

  constructor(socket: Socket) {
    this.socket = socket;
    // Its server may have been found by this very connection, after Node gave it a time.
    socket.setTimeout(SILENCE_MS);
    this.address = readAddress(socket.remoteAddress ?? '') ?? UNKNOWN_ADDRESS;
  }

  /** It is our turn: a whole request has come, and its answer is not all written. */
  get isAnswering(): boolean {
    const { response } = this;
    if (!response || response.writableEnded) return false;
    // A client that does not take what is there keeps itself waiting. How much a stream may hold for it, the engine says.
    return this.isStream || (response.req.complete && this.socket.writableLength === 0);
  }
}

/** Gives every wait of a server an end. */
export function limitTimes(server: Server, connections: ReadonlyMap<Socket, Connection>): void {
  server.headersTimeout = HEADERS_MS;
  server.requestTimeout = REQUEST_MS;
  server.timeout = SILENCE_MS;
  server.on('timeout', (socket) => {
    if (!connections.get(socket)?.isAnswering) {
      socket.destroy();
      return;
    }
    // A handler may think for as long as it likes.
    socket.setTimeout(SILENCE_MS);
    socket.setKeepAlive(true, PROBE_EVERY_MS);
  });
}

/**
 * A stream is never silent for long, and the engine ends those that do not read; a time limit would only cost
 * something with each event. Node gives the connection one again with the end of the answer.
 */
export function letItLast(socket: Socket): void {
  socket.setTimeout(0);
}

/** How many connections there may be. */
export interface ConnectionCounts {
  most: number;
  /** Of them, those that wait for their client. */
  mostWaiting: number;
}

/** What the limit on open files of this process leaves for connections. */
export function connectionCounts(): ConnectionCounts {
  const most = Math.max(openFilesLimit() - DESCRIPTORS_OF_OTHERS, 1);
  return { most, mostWaiting: Math.min(most, MOST_WAITING) };
}

/** Closes connections that wait for their client, as many as there are too many, and a few more. */
export class ConnectionLimits {
  readonly #connections: ReadonlyMap<Socket, Connection>;
  readonly #counts: ConnectionCounts;

  constructor(connections: ReadonlyMap<Socket, Connection>, counts: ConnectionCounts) {
    this.#connections = connections;
    this.#counts = counts;
  }

  /** Keeps the limits from now on, beside `afterOpening`. */
  start(): void {
    setInterval(() => this.#afterASecond(), COUNT_WAITING_EVERY_MS).unref();
  }

  /** Called for each new connection: a descriptor too many, and not even a health check gets through. */
  afterOpening(): void {
    const { most } = this.#counts;
    if (this.#connections.size > most) this.#close(this.#waiting(), this.#connections.size - most, most);
  }

  #afterASecond(): void {
    const { mostWaiting } = this.#counts;
    if (this.#connections.size <= mostWaiting) return;
    const waiting = this.#waiting();
    if (waiting.length > mostWaiting) this.#close(waiting, waiting.length - mostWaiting, mostWaiting);
  }

  #waiting(): Connection[] {
    return [...this.#connections.values()].filter(({ isAnswering }) => !isAnswering);
  }

  #close(waiting: Connection[], tooMany: number, most: number): void {
    const count = tooMany + Math.floor(most * ROOM_AT_ONCE);
    for (const { socket } of firstToGo(waiting, count)) socket.destroy();
  }
}

/**
 * Of the address that has the most, the oldest, and so on: whoever floods a server makes room for all others.
 * Behind a proxy all have its address, and the oldest go.
 */
export function firstToGo(waiting: readonly Connection[], count: number): Connection[] {
  const youngestFirst = waiting.toSorted((one, other) => other.askedAt - one.askedAt);
  const younger = new Map<string, number>();
  const ranked = youngestFirst.map((connection) => {
    const rank = younger.get(connection.address) ?? 0;
    younger.set(connection.address, rank + 1);
    return { connection, rank };
  });
  return ranked
    .sort((one, other) => other.rank - one.rank || one.connection.askedAt - other.connection.askedAt)
    .slice(0, count)
    .map(({ connection }) => connection);
}

/** How many files this process may have open. Node raises the soft limit to the hard one when it starts. */
function openFilesLimit(): number {
  try {
    const [, limit] = /^Max open files +(\w+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit) || USUAL_DESCRIPTORS;
  } catch {
    // Other systems than Linux.
    return USUAL_DESCRIPTORS;
  }
}
