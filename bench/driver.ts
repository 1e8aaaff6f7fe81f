/**
 * The load: N streams on raw sockets, and senders beside them. It runs in a process of its own, so that
 * its work is not counted as the server's, and reads no more of a frame than it has to.
 *
 * A message is `BENCH:<sequence>:<time sent>;` and padding. Both ends of a delivery are on this
 * process's clock.
 */
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface DriverOptions {
  host: string;
  port: number;
  streams: number;
  /** The request that opens stream number `index`. */
  openRequest: (index: number) => string;
  /** Written once the stream is open. */
  greeting?: Buffer;
  /** Sends a message to everybody. Resolves when the server has acknowledged it. */
  send: (text: string) => Promise<void>;
}

export interface Delivered {
  deliveries: number;
  lost: number;
  doubled: number;
  /** Streams that got the messages in another order than the first stream did. */
  reordered: number;
  /** From just before the send to the receipt, in milliseconds. */
  p50: number;
  p99: number;
  sendsPerSecond: number;
}

const MARK = Buffer.from('BENCH:');
const FRAME_END = Buffer.from('\n\n');
const SEQUENCE_DIGITS = 8;
const TIME_DIGITS = 12;
const MESSAGE_LENGTH = MARK.length + SEQUENCE_DIGITS + 1 + TIME_DIGITS + 1;
const PAYLOAD_BYTES = 200;
const CONNECT_AT_ONCE = 200;
const SETTLE_LIMIT_MS = 20_000;

interface StreamState {
  received: number;
  doubled: number;
  /** Changes with the order of what was received. */
  orderHash: number;
  seen: Uint8Array;
  /** Of the frame that is being read: a frame may hold its text twice, and counts once. */
  inFrame: number | null;
  rest: Buffer | null;
}

/** The text of a message; 200 bytes long. */
export function messageText(sequence: number): string {
  const sentAt = Math.round(performance.now() * 1_000);
  const head = `BENCH:${String(sequence).padStart(SEQUENCE_DIGITS, '0')}:${String(sentAt).padStart(TIME_DIGITS, '0')};`;
  return head.padEnd(PAYLOAD_BYTES, 'x');
}

export class Driver {
  readonly #options: DriverOptions;
  readonly #sockets: Socket[] = [];
  readonly #states: StreamState[] = [];
  #latencies: number[] = [];
  #nextSequence = 0;
  #closed = 0;

  constructor(options: DriverOptions) {
    this.#options = options;
  }

  /** Streams that the server has ended. */
  get closed(): number {
    return this.#closed;
  }

  /** Opens all streams and waits for the first bytes of each. Returns connections a second. */
  async open(): Promise<number> {
    const { streams } = this.#options;
    const since = performance.now();
    let next = 0;
    const worker = async () => {
      while (next < streams) await this.#openOne(next++);
    };
    await Promise.all(Array.from({ length: Math.min(CONNECT_AT_ONCE, streams) }, worker));
    return streams / ((performance.now() - since) / 1_000);
  }

  /** Sends `count` messages at `perSecond`, or with `inFlight` at a time, and waits until all have arrived. */
  async run(
    load: { count: number; perSecond: number } | { count: number; inFlight: number },
  ): Promise<Delivered> {
    for (const state of this.#states) Object.assign(state, freshCounts(load.count));
    this.#latencies = [];
    this.#nextSequence = 0;
    const since = performance.now();
    if ('perSecond' in load) await this.#paced(load.count, load.perSecond);
    else await this.#burst(load.count, load.inFlight);
    const sendsPerSecond = load.count / ((performance.now() - since) / 1_000);
    await this.#settle(load.count);
    return { ...this.#sum(load.count), sendsPerSecond };
  }

  /** Counts `count` messages that another driver sends, and waits until all have arrived. */
  async count(count: number): Promise<Omit<Delivered, 'sendsPerSecond'>> {
    for (const state of this.#states) Object.assign(state, freshCounts(count));
    this.#latencies = [];
    await this.#settle(count);
    return this.#sum(count);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #openOne(index: number): Promise<void> {
    const { host, port, openRequest, greeting } = this.#options;
    const state: StreamState = { ...freshCounts(0), rest: null };
    this.#states[index] = state;
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port }, () => socket.write(openRequest(index)));
      this.#sockets[index] = socket;
      let open = false;
      socket.setNoDelay(true);
      socket.on('data', (data: Buffer) => {
        if (!open) {
          open = true;
          const status = data.subarray(0, 12).toString();
          if (!status.endsWith('200') && !status.endsWith('101')) {
            reject(new Error(`A stream was refused: ${data.subarray(0, 400).toString()}`));
            return;
          }
          if (greeting) socket.write(greeting);
          resolve();
        }
        this.#read(state, data);
      });
      socket.on('error', reject);
      socket.on('close', () => {
        this.#closed += 1;
      });
    });
  }

  #read(state: StreamState, data: Buffer): void {
    const bytes = state.rest ? Buffer.concat([state.rest, data]) : data;
    state.rest = null;
    let at = bytes.indexOf(MARK);
    if (bytes.subarray(0, at < 0 ? bytes.length : at).includes(FRAME_END)) state.inFrame = null;
    while (at !== -1) {
      if (at + MESSAGE_LENGTH > bytes.length) {
        state.rest = Buffer.from(bytes.subarray(at));
        return;
      }
      this.#take(state, bytes, at + MARK.length);
      const next = bytes.indexOf(MARK, at + MESSAGE_LENGTH);
      const between = bytes.subarray(at + MESSAGE_LENGTH, next < 0 ? bytes.length : next);
      if (between.includes(FRAME_END)) state.inFrame = null;
      at = next;
    }
    // The mark itself may be cut in two.
    const tail = bytes.subarray(Math.max(0, bytes.length - MARK.length + 1));
    if (tail.includes(MARK[0] as number)) state.rest = Buffer.from(tail);
  }

  #take(state: StreamState, bytes: Buffer, at: number): void {
    const sequence = digits(bytes, at, SEQUENCE_DIGITS);
    const sentAt = digits(bytes, at + SEQUENCE_DIGITS + 1, TIME_DIGITS);
    if (sequence === state.inFrame) return;
    state.inFrame = sequence;
    if (state.seen[sequence]) state.doubled += 1;
    state.seen[sequence] = 1;
    state.received += 1;
    state.orderHash = (Math.imul(state.orderHash, 31) + sequence) | 0;
    this.#latencies.push(performance.now() - sentAt / 1_000);
  }

  async #paced(count: number, perSecond: number): Promise<void> {
    const since = performance.now();
    const sends: Promise<void>[] = [];
    for (let index = 0; index < count; index += 1) {
      await sleep(Math.max(0, since + (index * 1_000) / perSecond - performance.now()));
      const send = this.#options.send(messageText(this.#nextSequence++));
      // One that fails is heard of below, when all are awaited.
      send.catch(() => {});
      sends.push(send);
    }
    await Promise.all(sends);
  }

  async #burst(count: number, inFlight: number): Promise<void> {
    const worker = async () => {
      while (this.#nextSequence < count) await this.#options.send(messageText(this.#nextSequence++));
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
  }

  async #settle(count: number): Promise<void> {
    const deadline = performance.now() + SETTLE_LIMIT_MS;
    const isMissing = () => this.#states.some(({ received }) => received < count);
    while (isMissing() && performance.now() < deadline) await sleep(50);
  }

  #sum(count: number): Omit<Delivered, 'sendsPerSecond'> {
    const sorted = Float64Array.from(this.#latencies).sort();
    const quantile = (q: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
    const reference = this.#states[0]?.orderHash;
    let deliveries = 0;
    let doubled = 0;
    let reordered = 0;
    for (const state of this.#states) {
      deliveries += state.received;
      doubled += state.doubled;
      if (state.orderHash !== reference) reordered += 1;
    }
    const lost = this.#states.length * count - (deliveries - doubled);
    return { deliveries, lost, doubled, reordered, p50: quantile(0.5), p99: quantile(0.99) };
  }
}

/** An HTTP POST that resolves at the end of a 2xx answer. */
export function post(options: {
  host: string;
  port: number;
  path: string;
  headers: Record<string, string>;
  body: string;
  agent: import('node:http').Agent;
}): Promise<void> {
  const { body, headers, ...rest } = options;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { ...rest, method: 'POST', headers: { ...headers, 'Content-Length': Buffer.byteLength(body) } },
      (answer) => {
        answer.resume();
        const { statusCode = 0 } = answer;
        if (statusCode >= 300) reject(new Error(`A send was answered with ${statusCode}.`));
        answer.on('end', resolve);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

function freshCounts(count: number) {
  return { received: 0, doubled: 0, orderHash: 0, seen: new Uint8Array(count), inFrame: null };
}

function digits(bytes: Buffer, at: number, length: number): number {
  let value = 0;
  for (let index = at; index < at + length; index += 1) value = value * 10 + ((bytes[index] as number) - 48);
  return value;
}
