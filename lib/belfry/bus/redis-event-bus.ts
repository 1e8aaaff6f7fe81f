/**
 * The bus of several instances, over Redis: sharded pub/sub (Redis 7; https://redis.io/docs/latest/develop/pubsub/).
 *
 * One channel is for what concerns everybody; a notice to everybody is one message, however many users
 * there are. What concerns one user goes to one of 64 channels, by their id, so that the nodes of a
 * cluster share them. Every instance listens to all of them.
 *
 * An instance hears itself without Redis. Whether it hears the others it finds out by sending itself a
 * message through Redis every second: what comes back shows that both ways are open. After a break
 * it tells all instances, for they have missed what it could not send.
 */
import { randomUUID } from 'node:crypto';
import { oneAtATime } from '../engine/one-at-a-time.ts';
import { repeat } from '../engine/repeat.ts';
import type { Log } from '../log.ts';
import type { EventEnvelope } from '../protocol/event.ts';
import type { BusMessage, BusSubscriber, EventBus, ListenersQuestion } from './event-bus.ts';

/** What the bus needs of a Redis client. */
export interface PubSubClient {
  /** Resolves to the number of connections that got the message. */
  sPublish(channel: string, message: string): Promise<number>;
  sSubscribe(channels: string[], listener: (message: string) => void): Promise<void>;
}

/** A connection that is being made, and where on it we are. */
export interface BusConnection {
  /** The client, once it is connected. It connects again by itself, with its subscriptions. */
  client: Promise<PubSubClient>;
  /** Begins the name of every channel: other apps on the same Redis have another one. */
  prefix: string;
}

/** Where the bus gets its connection. */
export interface RedisEventBusOptions {
  /** Called once, when somebody subscribes. Failures of the connection go to `onError`, each as often as it likes. */
  open: (onError: (error: unknown) => void) => BusConnection;
  log: Log;
}

// Many times the nodes that a cluster has, few enough to subscribe to at once.
const SHARDS = 64;
const HELLO_EVERY_MS = 1_000;
// Two hellos may be late, when the machine is busy.
const LOST_AFTER_MS = 3_000;
const ANSWER_LIMIT_MS = 500;

/** Events of one sending, which differ in whom they are for: what they share is said once. */
interface WireGroup {
  shared: Omit<EventEnvelope, 'id' | 'createdAt' | 'expiresAt' | 'targetUserId' | 'target'> & {
    createdAt: number;
    expiresAt: number | null;
  };
  each: [id: number | null, targetUserId: number | null, target: string | null][];
}

type WireMessage =
  | { kind: 'events'; history: string; groups: WireGroup[] }
  | Exclude<BusMessage, { kind: 'events' }>
  | { kind: 'hello' }
  | { kind: 'gap' }
  | { kind: 'question'; question: ListenersQuestion; id: string }
  | { kind: 'answer'; users: number[]; id: string };

interface Asked {
  answers: number[][];
  /** How many are still to come; unknown until Redis has said how many were asked. */
  expected: number;
  done: () => void;
}

/** Connects when the first subscriber comes, and from then on keeps trying by itself. */
export class RedisEventBus implements EventBus {
  readonly #instanceId = randomUUID();
  readonly #open: RedisEventBusOptions['open'];
  readonly #log: Log;
  readonly #subscribers = new Set<BusSubscriber>();
  readonly #asked = new Map<string, Asked>();
  readonly #undo: (() => void)[] = [];
  #prefix = '';
  #client: PubSubClient | null = null;
  #isOpen = false;
  #isConnected = false;
  #isLossTold = false;
  #lastHello = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor({ open, log }: RedisEventBusOptions) {
    this.#open = open;
    this.#log = log;
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  async publish(message: BusMessage): Promise<void> {
    for (const { onMessage } of this.#subscribers) onMessage(message);
    if (!this.#isConnected) throw new Error('Redis cannot be reached.');
    await this.#send(this.#channelOf(message), toWire(message));
  }

  async whoListens(question: ListenersQuestion): Promise<number[]> {
    if (!this.#isConnected) return [];
    const id = randomUUID();
    const { promise, resolve: done } = Promise.withResolvers<void>();
    const asked: Asked = { answers: [], expected: Number.POSITIVE_INFINITY, done };
    this.#asked.set(id, asked);
    const limit = setTimeout(done, ANSWER_LIMIT_MS);
    try {
      const receivers = await this.#send(this.#everybody, { kind: 'question', question, id });
      // One of them is this instance.
      asked.expected = receivers - 1;
      if (asked.answers.length < asked.expected) await promise;
      return [...new Set(asked.answers.flat())];
    } catch (error) {
      this.#log.warn({ err: error, code: 'bus_question_failed' }, 'the other instances could not be asked');
      return [];
    } finally {
      clearTimeout(limit);
      this.#asked.delete(id);
    }
  }

  subscribe(subscriber: BusSubscriber): () => void {
    this.#subscribers.add(subscriber);
    if (!this.#isOpen) this.#connect();
    return () => this.#subscribers.delete(subscriber);
  }

  /** Leaves the client as it is: it belongs to whoever made it. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#isConnected = false;
    this.#subscribers.clear();
    for (const undo of this.#undo.splice(0)) undo();
  }

  get #everybody(): string {
    return `${this.#prefix}:everybody`;
  }

  get #own(): string {
    return `${this.#prefix}:instance:${this.#instanceId}`;
  }

  #channelOf(message: BusMessage): string {
    const userId = concerns(message);
    return userId === null ? this.#everybody : `${this.#prefix}:users:${userId % SHARDS}`;
  }

  async #send(channel: string, message: WireMessage): Promise<number> {
    if (!this.#client) throw new Error('Redis has not been reached yet.');
    try {
      return await this.#client.sPublish(channel, JSON.stringify({ from: this.#instanceId, message }));
    } catch (error) {
      this.#lose(error);
      throw error;
    }
  }

  #connect(): void {
    this.#isOpen = true;
    const onError = (error: unknown) => this.#lose(error);
    const { client, prefix } = this.#open(onError);
    this.#prefix = prefix;
    client.then((connected) => this.#begin(connected), onError);
  }

  /** Subscribes, and goes on trying while that fails. */
  #begin(client: PubSubClient): void {
    if (this.#closed) return;
    const users = Array.from({ length: SHARDS }, (_, shard) => `${this.#prefix}:users:${shard}`);
    let missing = [this.#everybody, this.#own, ...users];
    this.#client = client;
    // One at a time: a connection on which nothing is written any more is given up by the client.
    const join = oneAtATime(async () => {
      for (const channel of missing) {
        await client.sSubscribe([channel], (text) => this.#hear(text));
        missing = missing.filter((other) => other !== channel);
      }
      await this.#send(this.#own, { kind: 'hello' });
    });
    const listen = () => {
      const silence = performance.now() - this.#lastHello;
      if (this.#isConnected && silence > LOST_AFTER_MS) this.#lose(new Error('Redis does not answer.'));
    };
    const failed = (error: unknown) => this.#lose(error);
    this.#undo.push(repeat(HELLO_EVERY_MS, join, failed), repeat(HELLO_EVERY_MS, listen, failed));
    join().catch(failed);
  }

  #hear(text: string): void {
    if (this.#closed) return;
    try {
      const { from, message } = JSON.parse(text) as { from: string; message: WireMessage };
      if (from !== this.#instanceId) this.#hearAnother(from, message);
      else if (message.kind === 'hello') this.#hearHello();
    } catch (error) {
      this.#log.error({ err: error, code: 'bus_message_unreadable' }, 'a message of the bus was left out');
    }
  }

  #hearHello(): void {
    this.#lastHello = performance.now();
    if (this.#isConnected) return;
    this.#isConnected = true;
    this.#isLossTold = false;
    this.#log.info({}, 'the other instances can be reached over Redis');
    this.#send(this.#everybody, { kind: 'gap' }).catch(() => {});
    this.#tellGap();
  }

  #hearAnother(from: string, message: WireMessage): void {
    switch (message.kind) {
      case 'hello':
        break;
      case 'gap':
        this.#tellGap();
        break;
      case 'question': {
        const users = [...this.#subscribers].flatMap(({ onQuestion }) => onQuestion(message.question));
        const channel = `${this.#prefix}:instance:${from}`;
        this.#send(channel, { kind: 'answer', users, id: message.id }).catch(() => {});
        break;
      }
      case 'answer': {
        const asked = this.#asked.get(message.id);
        if (!asked) break;
        asked.answers.push(message.users);
        if (asked.answers.length >= asked.expected) asked.done();
        break;
      }
      default: {
        const heard = fromWire(message);
        for (const { onMessage } of this.#subscribers) onMessage(heard);
      }
    }
  }

  #lose(error: unknown): void {
    this.#isConnected = false;
    // Every try to connect fails while it lasts.
    if (this.#isLossTold || this.#closed) return;
    this.#isLossTold = true;
    this.#log.error({ err: error, code: 'bus_lost' }, 'the other instances cannot be reached over Redis');
  }

  #tellGap(): void {
    for (const { onGap } of this.#subscribers) onGap();
  }
}

/** The one user whom a message is about; `null`: several, or nobody knows. */
function concerns(message: BusMessage): number | null {
  if (message.kind === 'answered') return null;
  return message.kind === 'events' ? onlyUserOf(message.events) : message.userId;
}

/** The one user whom all of them are for. */
function onlyUserOf(events: readonly EventEnvelope[]): number | null {
  const first = events[0]?.targetUserId ?? null;
  return events.every(({ targetUserId }) => targetUserId === first) ? first : null;
}

function toWire(message: BusMessage): WireMessage {
  if (message.kind !== 'events') return message;
  const groups: WireGroup[] = [];
  for (const { id, targetUserId, target, createdAt, expiresAt, ...rest } of message.events) {
    const last = groups.at(-1);
    // Those of one sending have the very same payload.
    const isOfLast = last?.shared.payload === rest.payload && last?.shared.eventType === rest.eventType;
    const group = isOfLast ? (last as WireGroup) : newGroup();
    group.each.push([id, targetUserId, target]);

    function newGroup(): WireGroup {
      const shared = { ...rest, createdAt: createdAt.getTime(), expiresAt: expiresAt?.getTime() ?? null };
      const made = { shared, each: [] };
      groups.push(made);
      return made;
    }
  }
  return { kind: 'events', history: message.history, groups };
}

function fromWire(message: Extract<WireMessage, { kind: BusMessage['kind'] }>): BusMessage {
  if (message.kind !== 'events') return message;
  const { kind, history, groups } = message;
  return { kind, history, events: groups.flatMap(eventsOf) };
}

function eventsOf({ shared: { createdAt, expiresAt, ...shared }, each }: WireGroup): EventEnvelope[] {
  const times = {
    createdAt: new Date(createdAt),
    expiresAt: expiresAt === null ? null : new Date(expiresAt),
  };
  // From another version, perhaps: what cannot be delivered is left out here, not found out in the queue.
  const isUsable =
    [times.createdAt, times.expiresAt ?? times.createdAt].every((time) => !Number.isNaN(time.getTime())) &&
    each.every(([id]) => id === null || Number.isInteger(id));
  if (!isUsable) throw new TypeError('An event on the bus has no usable id or time.');
  return each.map(([id, targetUserId, target]) => ({ ...shared, ...times, id, targetUserId, target }));
}
