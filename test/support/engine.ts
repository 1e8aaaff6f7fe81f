/** An engine of one's own: real database, real bus, and sinks that remember what a client would read. */
import type { EventSourceMessage } from 'eventsource-parser';
import { pino } from 'pino';
import { vi } from 'vitest';
import { z } from 'zod';
import { type EventBus, InProcessEventBus } from '../../lib/belfry/bus/event-bus.ts';
import { defineNotification } from '../../lib/belfry/definitions/notification-type.ts';
import { EventTypeRegistry } from '../../lib/belfry/definitions/registry.ts';
import { EventManager, type EventManagerOptions } from '../../lib/belfry/engine/event-manager.ts';
import type { Credentials, EventStream } from '../../lib/belfry/engine/event-stream.ts';
import type { StreamSink } from '../../lib/belfry/engine/stream-sink.ts';
import { CleanUp } from '../../lib/belfry/inbox/clean-up.ts';
import { Inbox } from '../../lib/belfry/inbox/inbox.ts';
import { InboxReader } from '../../lib/belfry/inbox/inbox-reader.ts';
import type { StoredEvent } from '../../lib/belfry/protocol/event.ts';
import type { InboxFrame, ItemJson } from '../../lib/belfry/protocol/item.ts';
import type { SqlDatabase } from '../../lib/belfry/storage/database.ts';
import { EventLog, type NewEvent, type NewSending } from '../../lib/belfry/storage/event-log.ts';
import { History } from '../../lib/belfry/storage/history.ts';
import { Recipients } from '../../lib/belfry/storage/recipients.ts';
import { Topics } from '../../lib/belfry/storage/topics.ts';
import { type Database, sqlOf } from '../../lib/database/db.ts';
import { chosenPortOf } from './database.ts';
import { createSseReader, events, inboxFrames } from './sse.ts';

const text = z.object({ text: z.string() });
export const Note = defineNotification({
  name: 'Note',
  payload: text,
  render: ({ payload }) => ({ title: payload.text.slice(0, 40) }),
});
export const Other = defineNotification({
  name: 'Other',
  payload: text,
  render: ({ payload }) => ({ title: payload.text.slice(0, 40) }),
});

export const NO_LOG = pino({ level: 'silent' });

export const HOUR_MS = 60 * 60_000;

/** A clock that moves when it is told to. */
export class Clock {
  #time: number;

  constructor(time = Date.UTC(2030, 0, 1)) {
    this.#time = time;
  }

  readonly now = (): Date => new Date(this.#time);

  in(milliseconds: number): Date {
    return new Date(this.#time + milliseconds);
  }

  advance(milliseconds: number): void {
    this.#time += milliseconds;
  }
}

/** An event as the store takes it. For everybody, unless told otherwise. */
export function newEvent(overrides: Partial<NewEvent> = {}): NewEvent {
  return {
    id: null,
    eventType: 'Note',
    priority: 'NORMAL',
    createdAt: new Date(),
    expiresAt: null,
    targetUserId: null,
    target: null,
    topicId: null,
    payload: { text: 'hello' },
    payloadVersion: 1,
    content: null,
    groupKey: null,
    questionId: null,
    ...overrides,
  };
}

/** What is sent within a transaction, as the store takes it. For everybody, unless told otherwise. */
export function newSending(overrides: Partial<NewSending> = {}): NewSending {
  return {
    eventType: 'Note',
    priority: 'NORMAL',
    createdAt: new Date(),
    expiresAt: null,
    payload: { text: 'hello' },
    audience: 'everyone',
    ...overrides,
  };
}

/** The database's port, on the database of this client: as the app fills it, or as `DATABASE_PORT` says. */
export function portOf(db: Database): SqlDatabase {
  return chosenPortOf(db) ?? sqlOf(db);
}

/** Everything that keeps events and items, on one database. */
export interface TestStore {
  database: SqlDatabase;
  eventLog: EventLog;
  reader: InboxReader;
  inbox: Inbox;
  recipients: Recipients;
  topics: Topics;
  cleanUp: CleanUp;
  /** Stores one event, for everybody unless told otherwise. */
  append: (overrides?: Partial<NewEvent>) => Promise<StoredEvent>;
}

export function createStore(db: Database, now: () => Date = () => new Date()): TestStore {
  const database = portOf(db);
  const eventLog = new EventLog(database, now);
  const recipients = new Recipients(database);
  return {
    database,
    eventLog,
    reader: new InboxReader(database, now),
    inbox: new Inbox(database, { now }),
    recipients,
    topics: new Topics(database, recipients),
    cleanUp: new CleanUp(database),
    append: async (overrides) => (await eventLog.append([newEvent(overrides)])).events[0] as StoredEvent,
  };
}

/** Puts rows in as another process would: nobody is told. Returns their ids, in order. */
export async function insertUnannounced(
  store: Pick<TestStore, 'append'>,
  count: number,
  overrides: Partial<NewEvent> = {},
): Promise<number[]> {
  const ids: number[] = [];
  for (let n = 0; n < count; n += 1) ids.push((await store.append(overrides)).id);
  return ids;
}

/** Empties every table of the engine; ids go on where they were. */
export async function clearEvents(db: Database): Promise<void> {
  await db.$transaction([
    db.belfryEventReceipt.deleteMany(),
    db.belfryInbox.deleteMany(),
    db.belfryInboxChange.deleteMany(),
    db.belfryEvent.deleteMany(),
    db.belfryOutboxEvent.deleteMany(),
    db.belfryMute.deleteMany(),
    db.belfryTopicMember.deleteMany(),
    db.belfryTopic.deleteMany(),
    db.belfryHistory.deleteMany(),
    db.belfryJob.deleteMany(),
    db.belfryQuestion.deleteMany(),
  ]);
}

/** What a client of one stream got. `reads = false` lets everything pile up unread. */
export class MemorySink implements StreamSink {
  reads = true;
  ended: 'no' | 'closed' | 'aborted' = 'no';
  writes = 0;
  #queued = 0;
  readonly #reader = createSseReader();
  readonly #decoder = new TextDecoder();

  get queuedBytes(): number {
    return this.#queued;
  }

  write(chunk: Uint8Array): void {
    if (this.ended !== 'no') return;
    this.writes += 1;
    if (!this.reads) this.#queued += chunk.byteLength;
    this.#reader.feed(this.#decoder.decode(chunk, { stream: true }));
  }

  close(): void {
    if (this.ended === 'no') this.ended = 'closed';
  }

  abort(): void {
    if (this.ended === 'no') this.ended = 'aborted';
  }

  get messages(): EventSourceMessage[] {
    return this.#reader.decoded.messages;
  }

  get retries(): number[] {
    return this.#reader.decoded.retries;
  }

  get events(): ItemJson[] {
    return events(this.messages);
  }

  get ids(): (number | null)[] {
    return this.events.map(({ id }) => id);
  }

  get inbox(): InboxFrame[] {
    return inboxFrames(this.messages);
  }

  count(name: string): number {
    return this.messages.filter(({ event }) => event === name).length;
  }
}

export interface TestEngine {
  manager: EventManager;
  store: TestStore;
  bus: EventBus;
  /** Opens a stream of a user. It is ready once its `inbox` frame is there: see `connected`. */
  connect: (userId: number, options?: ConnectOverrides) => { sink: MemorySink; stream: EventStream };
  /** Opens a stream and waits until it has said where the inbox stands. */
  connected: (
    userId: number,
    options?: ConnectOverrides,
  ) => Promise<{ sink: MemorySink; stream: EventStream }>;
}

export interface ConnectOverrides {
  eventTypes?: string[];
  since?: string | null;
  credentials?: Partial<Credentials>;
  sink?: MemorySink;
}

/** A manager on `db`, not started yet. */
export function createEngine(
  db: Database,
  overrides: Partial<EventManagerOptions> & { clock?: Clock; store?: TestStore } = {},
): TestEngine {
  const { clock, store = createStore(db, clock?.now), ...options } = overrides;
  const now = clock ? { now: clock.now } : {};
  const bus = options.bus ?? new InProcessEventBus();
  const eventTypes = new EventTypeRegistry();
  eventTypes.registerAll([Note, Other]);
  const manager = new EventManager({
    eventLog: store.eventLog,
    inbox: store.reader,
    history: new History(store.database, now),
    membersAt: (...asked) => store.topics.recipientIdsAt(...asked),
    eventTypes,
    log: NO_LOG,
    ...now,
    ...options,
    bus,
  });
  const connect: TestEngine['connect'] = (
    userId,
    { sink = new MemorySink(), credentials, ...given } = {},
  ) => {
    const stream = manager.connect({
      userId,
      eventTypes: ['Note'],
      ...given,
      credentials: {
        userId: String(userId),
        expiresAt: new Date(Date.UTC(2100, 0, 1)),
        key: `session of ${userId}`,
        ...credentials,
      },
      sink,
    });
    return { sink, stream };
  };
  return {
    manager,
    store,
    bus,
    connect,
    connected: async (userId, given) => {
      const opened = connect(userId, given);
      await vi.waitUntil(() => opened.sink.inbox.length > 0, { interval: 2, timeout: 10_000 });
      return opened;
    },
  };
}

/** Waits until a condition holds; asks often, so that nothing waits longer than it must. */
export async function until(holds: () => boolean | Promise<boolean>, timeout = 10_000): Promise<void> {
  await vi.waitUntil(holds, { interval: 2, timeout });
}

/** A gate that holds a caller until it is opened. */
export function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
