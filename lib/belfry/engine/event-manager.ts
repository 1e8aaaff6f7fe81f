/**
 * The engine: takes events in, stores them, and carries them to the streams of whoever is connected.
 *
 *     create -> event log (commit) -> bus -> queue -> streams
 *
 * A caller has its answer once the row is committed. Everything after that is a hint that may be lost:
 * a stream that reconnects reads the database, and a manager looks there every few seconds for events
 * that it was never told about.
 *
 * A stream says first where the inbox stands, and says so again whenever the user changed something: what
 * changed since the position that it had reached, or, where that cannot be told, everything anew.
 */
import { setImmediate as endOfTurn } from 'node:timers/promises';
import type { BusMessage, EventBus } from '../bus/event-bus.ts';
import type { EventType } from '../definitions/event-type.ts';
import type { EventTypeRegistry } from '../definitions/registry.ts';
import type { Changed } from '../inbox/inbox.ts';
import type { InboxReader } from '../inbox/inbox-reader.ts';
import type { Group } from '../inbox/item.ts';
import { toMessage } from '../language/message.ts';
import type { Reader } from '../language/translate.ts';
import type { Log } from '../log.ts';
import type { Audience } from '../protocol/audience.ts';
import { BelfryError } from '../protocol/errors.ts';
import {
  type Addressed,
  EVERYBODY,
  type EventEnvelope,
  isExpired,
  type StoredEvent,
} from '../protocol/event.ts';
import type { Heartbeat } from '../protocol/item.ts';
import type { Priority } from '../protocol/priority.ts';
import type { SqlRunner } from '../storage/database.ts';
import type { EventLog, NewEvent, NewSending } from '../storage/event-log.ts';
import type { Highest, History, Stored } from '../storage/history.ts';
import { type EngineObserver, NOBODY_WATCHES, type Observed } from './engine-observer.ts';
import { type CloseReason, type Credentials, EventStream, keyOf, type Statement } from './event-stream.ts';
import { BatchSorter, controlFrame, eventFrame, FrameBatch } from './frame-batch.ts';
import { InboxStatements } from './inbox-statements.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { repeat } from './repeat.ts';
import { SeenIds } from './seen-ids.ts';
import { StreamRegistry } from './stream-registry.ts';
import type { StreamSink } from './stream-sink.ts';
import { WireFormat } from './wire.ts';

/** What a manager is made of: its parts, and its bounds. */
export interface EventManagerOptions {
  eventLog: EventLog;
  inbox: InboxReader;
  history: History;
  bus: EventBus;
  eventTypes: EventTypeRegistry;
  log: Log;
  /** Of some users, those who belonged to a topic when an event happened. Default: topics have no members. */
  membersAt?: MembersAt;
  /**
   * Which of the credentials of all open streams no longer stand, and which are of a user who is something
   * else by now. Default: none.
   */
  revalidate?: (open: Credentials[]) => Promise<{ ended: Credentials[]; changed: Credentials[] }>;
  /** The keys that ended in the last seconds, wherever that happened; asked often. Default: none. */
  findEnded?: () => Promise<readonly string[]>;
  /** Called when the database turned out to be another one than it was: what was remembered of it is no longer true. */
  onHistoryEnded?: () => void;
  /** Called when a question was answered or taken back, on whichever instance. Default: nobody waits. */
  onAnswered?: (questionId: string) => void;
  /** How often `revalidate` is asked, in milliseconds. Default 10,000. */
  revalidateEveryMs?: number | undefined;
  /** Open streams of one user on this instance. Default 10. */
  maxStreamsPerUser?: number;
  /**
   * How long a stream may last, in milliseconds, where something ends it at a fixed age, as serverless platforms do: it
   * ends before that, in good order, and the client comes back at once. Default: as long as it likes.
   */
  maxStreamMs?: number | undefined;
  /** Bytes that may wait for a client that reads slowly, before its stream is ended. Default 1 MiB. */
  maxQueuedBytes?: number;
  /** Events that may wait to be distributed. What does not fit is read from the database later. Default 10,000. */
  maxQueuedEvents?: number;
  /** Default: nobody watches. */
  observer?: EngineObserver;
  /** The server's clock. */
  now?: () => Date;
  /** What every heartbeat tells beside the time, so that a page of another version can notice. Default: nothing. */
  version?: string;
}

type MembersAt = (topicId: number, eventId: number, among: readonly number[]) => Promise<readonly number[]>;

/** What a failure concerns, for the log. */
interface Concerned {
  userId?: number | null;
  eventType?: string | undefined;
  streamId?: string;
}

/** What a caller says of an event; the manager adds the rest. */
export interface EventDraft<Payload = unknown> {
  eventType: string;
  payload: Payload;
  /** Default NORMAL. */
  priority?: Priority | undefined;
  /** Default `null`: it does not expire. */
  expiresAt?: Date | null | undefined;
  idempotencyKey?: string | undefined;
  sentBy?: string | undefined;
  /** The question that it asks. */
  questionId?: string | undefined;
}

/** A request for a stream: whose it is, what it asks for, and where its bytes go. */
export interface ConnectOptions {
  /** The recipient's number. */
  userId: number;
  eventTypes: readonly string[];
  sink: StreamSink;
  /** The position that the client has reached, as it came. Default: it knows nothing. */
  since?: string | null;
  /** How its user reads. Default: English, in UTC. */
  reader?: Reader;
  credentials: Credentials;
}

interface Queued {
  event: EventEnvelope;
  /** Of an event to one user who is here: the group that it belongs to. */
  group?: Group | undefined;
  /** Of an event to a topic: those of its members who are here. */
  members: ReadonlySet<number> | null;
}

// Proxies drop a connection that is silent for 30 to 60 s.
const HEARTBEAT_MS = 15_000;
// How late an event may be when its hint was lost.
const LOOK_AGAIN_MS = 2_000;
const LOOK_AFTER_TRANSACTION_MS = [5, 25, 100, 400, 1_000];
// Somebody may have ended it because it is in the wrong hands: its stream ends within 2 s, also when no message came.
const LOOK_FOR_ENDED_MS = 1_000;
// For what leaves no trace that could be looked for: a row that is gone, an account that was disabled by hand.
const REVALIDATE_MS = 10_000;
// The rest of what may wait for a client is for what arrives next.
const STATEMENT_SHARE_OF_QUEUE = 1 / 2;
const CATCH_UP_BATCH = 500;
// A hint that was lost is made up for within seconds, a transaction may last minutes.
const LATE_MS = 10 * 60_000;
// Events this close together leave as one chunk: with many streams, a write costs more than its bytes.
const COALESCE_MS = 5;
// Writing to many streams holds up everything else, whoever sends too. In a burst others have their turn before it
// begins again, for this share of what it took: else the burst leaves in pieces, each of them written to all.
const COALESCE_SHARE = 1 / 2;
// How much of what may wait for a client leaves at once, in UTF-16 units, of which each takes up to three
// bytes: a burst in one piece would end the streams of those who read as well.
const SHARE_OF_QUEUE = 1 / 8;
const NOTHING: Highest = { eventId: 0, revision: 0, database: null };
// Everybody reconnects after a restart: spread them, so that they do not arrive in one instant.
const COME_BACK_EARLIEST_MS = 500;
// Up to so much of a stream's time is left out.
const STREAM_END_SPREAD = 1 / 5;
const COME_BACK_SPREAD_MS = 2_500;

/**
 * One instance's engine. `start` it before it is asked for anything, and `shutdown` it once: from then on
 * it opens no stream, while events that are sent are still stored. What is refused is a `BelfryError`.
 */
export class EventManager {
  readonly #eventLog: EventLog;
  readonly #inbox: InboxReader;
  readonly #history: History;
  readonly #bus: EventBus;
  readonly #eventTypes: EventTypeRegistry;
  readonly #log: Log;
  readonly #membersAt: MembersAt;
  readonly #revalidate: (open: Credentials[]) => Promise<{ ended: Credentials[]; changed: Credentials[] }>;
  readonly #revalidateEveryMs: number;
  readonly #findEnded: () => Promise<readonly string[]>;
  readonly #onHistoryEnded: () => void;
  readonly #onAnswered: (questionId: string) => void;
  readonly #maxStreamsPerUser: number;
  readonly #maxStreamMs: number | undefined;
  readonly #maxQueuedBytes: number;
  readonly #maxQueuedEvents: number;
  readonly #now: () => Date;
  readonly #version: string | undefined;
  readonly #observer: EngineObserver;
  readonly #streams = new StreamRegistry();
  readonly #wire: WireFormat;
  readonly #anyReader: Reader;
  readonly #statements: InboxStatements;
  readonly #queue: Queued[] = [];
  /** Events whose topic's members, or whose group, are being looked up, by id. */
  readonly #lookedUp = new Map<number, Promise<void>>();
  /** The users whose inbox is being told, so that a change meanwhile is told once afterwards. */
  readonly #telling = new Map<number, () => Promise<void>>();
  /** Streams that were about to begin when something changed: they may have read what was before. */
  readonly #owed = new WeakSet<EventStream>();
  /** What ends streams in time. */
  readonly #ends = new WeakMap<EventStream, NodeJS.Timeout>();
  #drainTimer: NodeJS.Immediate | NodeJS.Timeout | null = null;
  /** On the monotonic clock: what comes before this waits for company. */
  #drainsFrom = Number.NEGATIVE_INFINITY;
  #seen = new SeenIds(0);
  /** Every event up to this id was written to the streams that it is for. */
  #writtenUpTo = 0;
  #state: 'new' | 'running' | 'stopped' = 'new';
  /** Since the queue was full, until all that was left out has been read from the database. */
  #isOverflowing = false;
  readonly #undo: (() => void)[] = [];

  constructor(options: EventManagerOptions) {
    this.#eventLog = options.eventLog;
    this.#inbox = options.inbox;
    this.#history = options.history;
    this.#bus = options.bus;
    this.#eventTypes = options.eventTypes;
    this.#log = options.log;
    this.#membersAt = options.membersAt ?? (async () => []);
    this.#revalidate = options.revalidate ?? (async () => ({ ended: [], changed: [] }));
    this.#revalidateEveryMs = options.revalidateEveryMs ?? REVALIDATE_MS;
    this.#findEnded = options.findEnded ?? (async () => []);
    this.#onHistoryEnded = options.onHistoryEnded ?? (() => {});
    this.#onAnswered = options.onAnswered ?? (() => {});
    this.#maxStreamsPerUser = options.maxStreamsPerUser ?? 10;
    this.#maxStreamMs = options.maxStreamMs;
    this.#maxQueuedBytes = options.maxQueuedBytes ?? 1_048_576;
    this.#maxQueuedEvents = options.maxQueuedEvents ?? 10_000;
    this.#now = options.now ?? (() => new Date());
    this.#version = options.version;
    this.#observer = options.observer ?? NOBODY_WATCHES;
    this.#wire = new WireFormat(options.eventTypes);
    this.#anyReader = options.eventTypes.languages.readerOf({});
    this.#statements = new InboxStatements({
      inbox: options.inbox,
      history: options.history,
      wire: this.#wire,
      maxBytes: this.#maxQueuedBytes * STATEMENT_SHARE_OF_QUEUE,
    });
  }

  /** Begins to distribute. The database has to be migrated. Twice does nothing; after a failure it may be tried again. */
  async start(): Promise<void> {
    if (this.#state !== 'new') return;
    this.#state = 'running';
    try {
      await this.#history.begin();
    } catch (error) {
      // Nothing has begun. It may have been shut down meanwhile.
      if (this.isRunning) this.#state = 'new';
      throw error;
    }
    this.#beginAtTheEnd();
    this.#undo.push(
      this.#bus.subscribe({
        onMessage: (message) => this.#receive(message),
        onQuestion: ({ eventType, userId }) => this.#streams.usersListeningTo(eventType, userId),
        onGap: () => void this.#lookForMissed().catch(this.#failed('catch_up_failed')),
      }),
      repeat(HEARTBEAT_MS, () => this.#beat(), this.#failed('heartbeat_failed')),
      repeat(LOOK_AGAIN_MS, () => this.#lookAgain(), this.#failed('catch_up_failed')),
      repeat(LOOK_FOR_ENDED_MS, () => this.#lookForEnded(), this.#failed('check_sessions_failed')),
      repeat(this.#revalidateEveryMs, () => this.#checkStreams(), this.#failed('check_sessions_failed')),
    );
  }

  /**
   * Stops accepting streams, delivers what is queued, tells every stream to come back a little later,
   * and ends it. The bus stays open: requests under way still tell other instances what they change.
   * Twice does nothing.
   */
  shutdown(): void {
    if (this.#state === 'stopped') return;
    this.#state = 'stopped';
    for (const undo of this.#undo.splice(0)) undo();
    while (this.#queue.length > 0) this.#drain();
    this.#endStreams('shutting-down');
  }

  /**
   * Stores an event and has it delivered. Resolves once the row is durable, not when it was delivered.
   * With an idempotency key that was used before, nothing is stored or delivered again, and the earlier
   * event comes back.
   *
   * @throws BelfryError `unknown_event_type`, or `invalid_input` when the payload does not fit its type.
   */
  async create(draft: EventDraft, addressed: Addressed = EVERYBODY): Promise<StoredEvent> {
    const [event] = await this.createForEach(draft, [addressed]);
    return event as StoredEvent;
  }

  /** As `create`, an event for each of several people: one statement, and one message on the bus. */
  createForEach(draft: EventDraft, addressed: readonly Addressed[]): Promise<StoredEvent[]> {
    const about: Observed = { eventType: draft.eventType, audience: audienceOf(addressed) };
    return this.#observer.around('send', about, async (note) => {
      const drafts = this.#toNewEvents(draft, addressed);
      const known = this.#history.highest;
      const history = this.#history.current.name;
      const since = performance.now();
      const { events, isNew } = await this.#observer.around('store', about, async (noteStored) => {
        const appended = await this.#eventLog.append(drafts);
        noteStored({ eventId: appended.events[0]?.id, isNew: appended.isNew });
        return appended;
      });
      this.#observer.sent((performance.now() - since) / 1_000);
      note({ eventId: events[0]?.id });
      // After the commit: nobody is told what was not stored.
      if (isNew && events.length > 0) {
        await this.#noteStored(events, known);
        this.#announce({ kind: 'events', history, events });
      }
      return events;
    });
  }

  /**
   * Stores what is sent in the caller's own transaction. Its events get their ids after the commit, and are delivered
   * then; after a roll-back they never were. With an idempotency key that was used before, nothing comes of it.
   *
   * @throws BelfryError as `create` does, at once.
   */
  createWithin(tx: SqlRunner, draft: EventDraft, audience: Audience): Promise<void> {
    // Before anything is awaited: a transaction that is synchronous would be over by then.
    const stored = this.#eventLog.appendWithin(tx, { ...this.#toSending(draft), audience });
    const about: Observed = { eventType: draft.eventType, audience: audienceKindOf(audience) };
    return this.#observer.around('send', about, async () => {
      await stored;
      this.#lookAgainSoon();
    });
  }

  /**
   * Sends an event to the streams that a user has open, on whichever instance, and keeps nothing.
   *
   * @returns Whether anybody was there.
   * @throws BelfryError as `create` does.
   */
  async sendEphemeral(
    { name }: Pick<EventType, 'name'>,
    addressed: Addressed & { targetUserId: number },
    payload: unknown,
  ): Promise<boolean> {
    const [event] = this.#toNewEvents({ eventType: name, payload }, [addressed]);
    const question = { eventType: name, userId: addressed.targetUserId };
    const isHere = this.#streams.usersListeningTo(question.eventType, question.userId).length > 0;
    if (!isHere && (await this.#bus.whoListens(question)).length === 0) return false;
    const history = this.#history.current.name;
    this.#announce({ kind: 'events', history, events: [event as EventEnvelope] });
    return true;
  }

  /**
   * Opens a stream: registers it, then reads the inbox, so that no event falls in between.
   *
   * @throws BelfryError `unknown_event_type`, `too_many_streams`, or `shutting_down`.
   */
  connect(options: ConnectOptions): EventStream {
    const { userId, eventTypes, sink, since = null, reader = this.#anyReader, credentials } = options;
    this.assertCanConnect({ userId, eventTypes });
    const stream = new EventStream({
      userId,
      eventTypes: new Set(eventTypes),
      reader,
      sink,
      maxQueuedBytes: this.#maxQueuedBytes,
      credentials,
      onClose: (closed, reason) => this.#forget(closed, reason),
    });
    this.#streams.add(stream);
    this.#endInTime(stream);
    void this.#begin(stream, since);
    return stream;
  }

  /** Those that were opened in one instant, as after a restart, do not all end in one. */
  #endInTime(stream: EventStream): void {
    if (this.#maxStreamMs === undefined) return;
    const lastsMs = this.#maxStreamMs * (1 - Math.random() * STREAM_END_SPREAD);
    const timer = setTimeout(() => stream.close('time-over', { comeBackMs: 0 }), lastsMs).unref();
    this.#ends.set(stream, timer);
  }

  /** Throws what `connect` would throw, without opening anything. */
  assertCanConnect({ userId, eventTypes }: { userId: number; eventTypes: readonly string[] }): void {
    if (this.#state !== 'running') {
      throw new BelfryError('shutting_down', toMessage('server.belfry.shutting-down'), {
        retryAfterSeconds: 2,
      });
    }
    const unknown = eventTypes.find((name) => !this.#eventTypes.has(name));
    if (unknown !== undefined || eventTypes.length === 0) {
      const names = this.#eventTypes.names().join(', ');
      throw new BelfryError(
        'unknown_event_type',
        toMessage('server.belfry.no-such-stream', { name: unknown ?? '', names }),
      );
    }
    if (this.#streams.countOf(userId) >= this.#maxStreamsPerUser) {
      throw new BelfryError(
        'too_many_streams',
        toMessage('server.belfry.too-many-streams', { most: this.#maxStreamsPerUser }),
        { retryAfterSeconds: 5 },
      );
    }
  }

  /** The users who listen to this type of event, on whichever instance, each once. */
  async connectedUsers({ name: eventType }: Pick<EventType, 'name'>): Promise<number[]> {
    const elsewhere = await this.#bus.whoListens({ eventType });
    return [...new Set([...this.#streams.usersListeningTo(eventType), ...elsewhere])];
  }

  /** Whether it has been started and not shut down. */
  get isRunning(): boolean {
    return this.#state === 'running';
  }

  /** How many streams are open on this instance. */
  get streamCount(): number {
    return this.#streams.size;
  }

  /** How many events wait to be distributed. */
  get queueDepth(): number {
    return this.#queue.length;
  }

  /** What is known before a change to an inbox is begun: see `changedInbox`. */
  get known(): Highest {
    return this.#history.highest;
  }

  /**
   * A change to a user's inbox has been committed: their tabs and devices are told of it.
   *
   * @param known What `known` was before the change was begun.
   */
  async changedInbox(userId: number, { revision, at }: Changed, known: Highest): Promise<void> {
    // Revisions only grow: one that was there before is of another database.
    const isAbove = this.#history.note({ change: { id: revision, at } }, known);
    if (!isAbove) await this.#checkHistory().catch(this.#failed('catch_up_failed'));
    this.announceInboxChange(userId);
  }

  /** Tells a user's tabs and devices that something in their inbox has changed. */
  announceInboxChange(userId: number): void {
    this.#announce({ kind: 'inbox-changed', userId });
  }

  /** Tells whoever waits, on whichever instance, that a question was answered or taken back. */
  announceAnswer(questionId: string): void {
    this.#announce({ kind: 'answered', questionId });
  }

  /** Ends the streams of a user that were opened with one of these keys, wherever they are, and no others; `null`: all of the user's. */
  disconnect({ userId, keys }: { userId: number; keys: readonly string[] | null }): void {
    this.#announce({ kind: 'disconnect', userId, keys });
  }

  /** Events and items as clients read them. */
  get wire(): WireFormat {
    return this.#wire;
  }

  /**
   * Looks into the database: publishes what was sent inside transactions, and distributes stored events
   * that this instance was never told about, up to those that are committed when it is called.
   */
  readonly catchUp = oneAtATime(() => this.#lookIntoDatabase());

  /** Ends the streams whose credentials have run out or no longer stand; has those come back whose user is something else by now. */
  async endRevokedStreams(): Promise<void> {
    const now = this.#now();
    for (const stream of this.#streams.all()) {
      if (stream.credentials.expiresAt <= now) stream.close('session-ended');
    }
    const { ended, changed } = await this.#revalidate(
      this.#streams.all().map(({ credentials }) => credentials),
    );
    if (ended.length + changed.length === 0) return;
    const [isEnded, isChanged] = [new Set(ended), new Set(changed)];
    for (const stream of this.#streams.all()) {
      if (isEnded.has(stream.credentials)) stream.close('session-ended');
      else if (isChanged.has(stream.credentials))
        stream.close('session-changed', { comeBackMs: COME_BACK_EARLIEST_MS });
    }
  }

  /** Has the history of the database looked at, and ends all streams when it is another one. */
  readonly #checkHistory = oneAtATime(async () => {
    await this.#history.check(() => this.#endHistory());
  });

  /** In the instant in which the new one is current: no stream of the old one is told anything of it. */
  #endHistory(): void {
    this.#log.warn(
      { code: 'history_ended' },
      'the database is not the one that it was: every stream begins anew',
    );
    this.#endStreams('history-ended');
    // What waits is of the other history.
    this.#queue.length = 0;
    this.#lookedUp.clear();
    this.#beginAtTheEnd();
    this.#onHistoryEnded();
  }

  /** Ends all, and has each come back a little later, not all in one instant. */
  #endStreams(reason: CloseReason): void {
    for (const stream of this.#streams.all()) stream.close(reason, { comeBackMs: comeBackAfter() });
  }

  /**
   * Of events that this instance has stored, in the order of their ids.
   *
   * @param known What was known before.
   */
  async #noteStored(events: readonly StoredEvent[], known: Highest): Promise<void> {
    const [first, last] = [events[0] as StoredEvent, events.at(-1) as StoredEvent];
    // Ids only grow: one that was there before is of another database.
    const isAbove = this.#history.note({ event: storedOf(first) }, known);
    if (isAbove) this.#history.note({ event: storedOf(last) }, NOTHING);
    // They are stored, whatever comes of it.
    else await this.#checkHistory().catch(this.#failed('catch_up_failed'));
  }

  /** What was stored when the history began is for statements to tell. */
  #beginAtTheEnd(): void {
    const { eventId } = this.#history.highest;
    this.#seen = new SeenIds(eventId);
    this.#writtenUpTo = eventId;
  }

  #toNewEvents(draft: EventDraft, addressed: readonly Addressed[]): NewEvent[] {
    const said = this.#toSending(draft);
    return addressed.map(({ targetUserId, target, topicId }) => ({
      ...said,
      id: null,
      targetUserId,
      target,
      topicId,
    }));
  }

  #toSending(draft: EventDraft): Omit<NewSending, 'audience'> {
    const { eventType, priority = 'NORMAL', expiresAt = null, idempotencyKey, sentBy, questionId } = draft;
    const kept = this.#eventTypes.keep(eventType, draft.payload);
    return {
      eventType,
      priority,
      createdAt: this.#now(),
      expiresAt,
      ...kept,
      idempotencyKey,
      sentBy,
      questionId,
    };
  }

  /** When the caller commits is not known here: look now and then, until the periodic look takes over. */
  #lookAgainSoon(): void {
    for (const delay of LOOK_AFTER_TRANSACTION_MS) setTimeout(() => this.#look(), delay).unref();
  }

  /** Nobody waits for it. */
  #look(): void {
    this.catchUp().catch(this.#failed('catch_up_failed'));
  }

  /** Nobody waits for it: the row is committed, and whoever misses the hint catches up. */
  #announce(message: BusMessage): void {
    const about: Observed =
      message.kind === 'events'
        ? { eventType: message.events[0]?.eventType, eventId: message.events[0]?.id ?? undefined }
        : {};
    const published = this.#observer.around('publish', { message: message.kind, ...about }, () =>
      this.#bus.publish(message),
    );
    published.catch((error: unknown) => {
      const concerned =
        message.kind === 'events'
          ? { userId: message.events[0]?.targetUserId ?? null, eventType: about.eventType }
          : { userId: 'userId' in message ? message.userId : null };
      this.#observer.dropped('publish-failed');
      // A bus that has lost its backend has said so itself, once.
      if (this.#bus.isConnected) this.#fail(error, 'publish_failed', concerned);
    });
  }

  #receive(message: BusMessage): void {
    switch (message.kind) {
      case 'events':
        this.#hearEvents(message);
        break;
      case 'inbox-changed':
        this.#tellInbox(message.userId);
        break;
      case 'disconnect':
        for (const stream of this.#streams.ofUser(message.userId)) {
          if (message.keys?.includes(stream.credentials.key) ?? true) stream.close('session-ended');
        }
        break;
      case 'answered':
        this.#onAnswered(message.questionId);
        break;
    }
  }

  #hearEvents({ history, events }: Extract<BusMessage, { kind: 'events' }>): void {
    // Of another history it may be late, of a database that was put back meanwhile, and would be taken for what has its id
    // now; or of an instance that has just begun, and calls the same history otherwise. The database knows.
    const isOurs = history === this.#history.current.name;
    for (const event of events) if (isOurs || event.id === null) this.#hear(event);
    if (!isOurs) this.#look();
  }

  #hear(event: EventEnvelope): void {
    // What is stored is not marked as seen: a look into the database finds it, and what came after it, in order.
    this.#isOverflowing ||= this.#queue.length >= this.#maxQueuedEvents;
    const isLeftOut = event.id === null ? this.#queue.length >= this.#maxQueuedEvents : this.#isOverflowing;
    if (isLeftOut) this.#observer.dropped('queue-full');
    else void this.#enqueue(event);
  }

  /** Resolves when the event is in the queue: at once, unless its topic's members or its group have to be looked up. */
  #enqueue(event: EventEnvelope): Promise<void> | undefined {
    if (event.id === null || !this.#needsLookUp(event)) {
      this.#push({ event, members: null });
      return;
    }
    const known = this.#lookedUp.get(event.id);
    if (known) return known;
    const lookedUp = this.#enqueueLookedUp({ ...event, id: event.id });
    this.#lookedUp.set(event.id, lookedUp);
    return lookedUp;
  }

  #needsLookUp({ topicId, targetUserId, groupKey }: EventEnvelope): boolean {
    return topicId !== null || (Boolean(groupKey) && this.#isHere(targetUserId));
  }

  #isHere(userId: number | null): userId is number {
    return userId !== null && this.#streams.ofUser(userId).length > 0;
  }

  async #enqueueLookedUp(event: StoredEvent): Promise<void> {
    const seen = this.#seen;
    try {
      const queued = await this.#lookUp(event);
      // Those of another history were forgotten.
      if (seen === this.#seen) this.#push(queued);
    } catch (error) {
      // The next look into the database finds it again.
      this.#fail(error, 'members_failed', { eventType: event.eventType });
    } finally {
      this.#lookedUp.delete(event.id);
    }
  }

  async #lookUp(event: StoredEvent): Promise<Queued> {
    const { id, topicId, targetUserId, groupKey, eventType } = event;
    if (topicId !== null) {
      // Whoever connects meanwhile finds it in the database.
      const members = await this.#membersAt(topicId, id, this.#streams.usersListeningTo(eventType));
      return { event, members: new Set(members) };
    }
    if (!groupKey || targetUserId === null) return { event, members: null };
    return { event, members: null, group: await this.#groupOf(event, targetUserId, groupKey) };
  }

  /** The group, where the event is the newest of it; without it the event arrives all the same. */
  async #groupOf({ id, eventType }: StoredEvent, userId: number, key: string): Promise<Group | undefined> {
    try {
      const group = await this.#inbox.readGroup({ userId, key });
      return group?.newest[0].id === id ? group : undefined;
    } catch (error) {
      this.#fail(error, 'group_failed', { userId, eventType });
      return undefined;
    }
  }

  #push(queued: Queued): void {
    const { event } = queued;
    if (event.id !== null) {
      if (!this.#seen.add(event.id)) return;
      this.#history.note({ event: { id: event.id, at: event.createdAt } }, NOTHING);
    }
    this.#queue.push(queued);
    this.#drainSoon();
  }

  #drainSoon(): void {
    if (this.#drainTimer) return;
    const waitMs = this.#drainsFrom - performance.now();
    // An event that comes alone leaves at once; one that follows closely waits for company.
    this.#drainTimer =
      waitMs <= 0 ? setImmediate(() => this.#drain()) : setTimeout(() => this.#drain(), waitMs);
  }

  #drain(): void {
    this.#drainTimer = null;
    const since = performance.now();
    const isBurst = this.#queue.length > 1;
    this.#deliver(this.#takeFromQueue());
    const tookMs = performance.now() - since;
    this.#drainsFrom = since + Math.max(COALESCE_MS, isBurst ? tookMs * (1 + COALESCE_SHARE) : 0);
    if (this.#queue.length > 0 && this.#state === 'running') this.#drainSoon();
    // There is room again: what was left out need not wait for the next look.
    if (this.#isOverflowing && this.#queue.length <= this.#maxQueuedEvents / 2) this.#look();
    // What came and is not for anybody here counts as written as well.
    if (this.#queue.length === 0) this.#writtenUpTo = this.#seen.upTo;
  }

  #deliver(sorter: BatchSorter): void {
    if (sorter.length === 0) return;
    const audience = sorter.isForEverybody
      ? this.#streams.all()
      : sorter.addressedUsers.flatMap((userId) => this.#streams.ofUser(userId));
    let delivered = 0;
    for (const stream of audience) delivered += stream.send(sorter.batchFor(stream));
    this.#observer.delivered('live', delivered);
  }

  /** The events that are next, as many as may leave at once. */
  #takeFromQueue(): BatchSorter {
    const now = this.#now();
    const sorter = new BatchSorter();
    let taken = 0;
    try {
      for (const { event, group, members } of this.#queue) {
        if (sorter.length >= this.#maxQueuedBytes * SHARE_OF_QUEUE) break;
        taken += 1;
        if (isExpired(event, now) || members?.size === 0) continue;
        const frameFor = (reader: Reader) => eventFrame(event, this.#wire.live(event, reader, group));
        sorter.add(event, { reader: this.#anyReader, readerKey: keyOf(this.#anyReader), frameFor }, members);
      }
    } finally {
      // Also when one of them cannot be delivered: it must not hold up all others for ever.
      this.#queue.splice(0, taken);
    }
    return sorter;
  }

  async #lookIntoDatabase(): Promise<void> {
    const known = this.#history.highest;
    const history = this.#history.current.name;
    const events = await this.#eventLog.publishOutbox();
    if (events.length > 0) await this.#noteStored(events, known);
    for (const event of events) this.#announce({ kind: 'events', history, events: [event] });
    await this.#readMissed();
  }

  async #lookAgain(): Promise<void> {
    await this.#checkHistory();
    // Hints come late at worst while the bus works; of changes to inboxes nothing else would tell.
    await (this.#bus.isConnected ? this.catchUp() : this.#lookForMissed());
  }

  /** Finds out from the database what the bus may have lost. */
  async #lookForMissed(): Promise<void> {
    await this.catchUp();
    await this.#tellOutdated();
  }

  async #checkStreams(): Promise<void> {
    await this.endRevokedStreams();
    // An instance may have died between a dismissal and its message.
    await this.#tellOutdated();
  }

  /**
   * Tells those clients whose user changed something that they were not told of. When Redis returns every
   * instance asks for it.
   */
  readonly #tellOutdated = oneAtATime(() => this.#compareRevisions());

  async #compareRevisions(): Promise<void> {
    const streams = this.#streams.all().filter(({ position }) => position !== null);
    const revisions = await this.#inbox.readRevisions([...new Set(streams.map(({ userId }) => userId))]);
    for (const { userId, position } of streams) {
      if ((revisions.get(userId) ?? 0) > (position?.revision ?? 0)) this.#tellInbox(userId);
    }
  }

  async #readMissed(): Promise<void> {
    for (;;) {
      const seen = this.#seen;
      const events = await this.#eventLog.readAfter({ afterId: seen.upTo, limit: CATCH_UP_BATCH });
      const late = new Set<number>();
      for (const event of events) {
        if (this.#queue.length >= this.#maxQueuedEvents) return;
        if (event.targetUserId !== null && this.#isLate(event)) late.add(event.targetUserId);
        else await this.#enqueue(event);
      }
      // Before they count as seen: no heartbeat may say that all of it has come.
      if (seen === this.#seen) await this.#tellAnew(late);
      const last = events.at(-1);
      // Another history has begun meanwhile.
      if (!last || seen !== this.#seen) break;
      // Ids become visible in their order: whatever is missing below was rolled back.
      this.#seen.skipTo(last.id);
      if (this.#queue.length === 0) this.#writtenUpTo = this.#seen.upTo;
      if (events.length < CATCH_UP_BATCH) break;
      // The embedded database answers within one turn of the event loop: let others have theirs.
      await endOfTurn();
    }
    this.#isOverflowing = false;
  }

  /** What happened long before it was stored, as what is imported did, may have been read since: it is told with its state. */
  #isLate({ createdAt }: StoredEvent): boolean {
    return createdAt.getTime() < this.#now().getTime() - LATE_MS;
  }

  /** Tells users everything: changes since a position are told to those alone who have been told of all events. */
  async #tellAnew(userIds: Iterable<number>): Promise<void> {
    for (const userId of userIds) {
      for (const stream of this.#streams.ofUser(userId)) {
        try {
          // What it is about to begin with may have been read before.
          if (stream.position === null) stream.close('backlog-failed', { comeBackMs: comeBackAfter() });
          else stream.state(await this.#statements.snapshot(stream));
        } catch (error) {
          this.#fail(error, 'inbox_failed', { userId });
          stream.close('backlog-failed', { comeBackMs: comeBackAfter() });
        }
      }
    }
  }

  async #begin(stream: EventStream, since: string | null): Promise<void> {
    try {
      const { recovered, live } = stream.begin(await this.#statements.first(stream, since));
      if (recovered > 0) this.#observer.delivered('recovered', recovered);
      if (live > 0) this.#observer.delivered('live', live);
      if (this.#owed.has(stream)) this.#tellInbox(stream.userId);
    } catch (error) {
      this.#fail(error, 'backlog_failed', named(stream));
      stream.close('backlog-failed', { comeBackMs: comeBackAfter() });
    }
  }

  /** Nobody waits for it. A change that comes while one is being told is told afterwards. */
  #tellInbox(userId: number): void {
    if (this.#streams.countOf(userId) === 0) return;
    for (const stream of this.#streams.ofUser(userId)) if (stream.position === null) this.#owed.add(stream);
    let tell = this.#telling.get(userId);
    if (!tell) {
      tell = oneAtATime(() => this.#tellStreams(userId));
      this.#telling.set(userId, tell);
    }
    const telling = tell();
    void telling.then(() => {
      if (this.#streams.countOf(userId) === 0) this.#telling.delete(userId);
    });
  }

  async #tellStreams(userId: number): Promise<void> {
    try {
      const live = this.#streams.ofUser(userId).filter(({ position }) => position !== null);
      const positions = live.flatMap(({ position }) => position ?? []);
      if (positions.length === 0) return;
      const since = {
        // Those who were told more get some of it again, which changes nothing.
        eventId: Math.min(...positions.map(({ eventId }) => Math.max(eventId, this.#writtenUpTo))),
        revision: Math.min(...positions.map(({ revision }) => revision)),
      };
      const changes = await this.#statements.changes(userId, since);
      // Told by the one before already.
      if (changes?.position.revision === since.revision) return;
      const told = new Map<string, Statement>();
      for (const stream of live) {
        const known = told.get(stream.readerKey) ?? changes?.inWordsOf(stream.reader);
        if (known) told.set(stream.readerKey, known);
        stream.state(known ?? (await this.#statements.snapshot(stream)));
      }
    } catch (error) {
      this.#fail(error, 'inbox_failed', { userId });
      // A tab that misses a dismissal would show a wrong count; reconnecting reads it afresh.
      for (const stream of this.#streams.ofUser(userId)) {
        stream.close('backlog-failed', { comeBackMs: COME_BACK_EARLIEST_MS });
      }
    }
  }

  /** Other processes end sessions too, and messages get lost. */
  async #lookForEnded(): Promise<void> {
    if (this.#streams.size === 0) return;
    const ended = new Set(await this.#findEnded());
    if (ended.size === 0) return;
    for (const stream of this.#streams.all()) {
      if (ended.has(stream.credentials.key)) stream.close('session-ended');
    }
  }

  #beat(): void {
    const data: Heartbeat = {
      now: this.#now().toISOString(),
      version: this.#version,
      history: this.#history.current.name,
      eventId: this.#writtenUpTo,
    };
    const batch = new FrameBatch([controlFrame('heartbeat', data)]);
    for (const stream of this.#streams.all()) stream.send(batch);
  }

  #forget(stream: EventStream, reason: CloseReason): void {
    this.#streams.remove(stream);
    clearTimeout(this.#ends.get(stream));
    this.#observer.streamEnded(reason);
    if (reason === 'too-slow') {
      // The client's doing: it is counted among the streams that ended, and nobody has to look at it.
      this.#log.info({ ended: 'stream_too_slow', ...named(stream) }, 'stream ended: the client did not read');
    }
  }

  /** Logs a failure; it may be tried again. */
  #fail(error: unknown, code: string, concerned: Concerned = {}): void {
    this.#log.error({ err: error, code, ...concerned }, 'failed');
  }

  #failed(code: string): (error: unknown) => void {
    return (error) => this.#fail(error, code);
  }
}

/** How a stream stands in the log. */
function named({ userId, id, eventTypes }: EventStream): Concerned {
  return { userId, streamId: id, eventType: [...eventTypes].sort().join() };
}

/** Whole milliseconds: the protocol knows no others. */
function comeBackAfter(): number {
  return Math.round(COME_BACK_EARLIEST_MS + Math.random() * COME_BACK_SPREAD_MS);
}

function storedOf({ id, createdAt }: StoredEvent): Stored {
  return { id, at: createdAt };
}

function audienceOf(addressed: readonly Addressed[]): Observed['audience'] {
  if (addressed.length !== 1) return 'users';
  const [{ targetUserId, topicId }] = addressed as [Addressed];
  if (topicId !== null) return 'topic';
  return targetUserId === null ? 'everyone' : 'user';
}

function audienceKindOf(audience: Audience): Observed['audience'] {
  if (audience === 'everyone') return 'everyone';
  if ('topic' in audience) return 'topic';
  return 'user' in audience ? 'user' : 'users';
}
