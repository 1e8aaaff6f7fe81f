/**
 * The engine: takes events in, stores them, and carries them to the streams of whoever is connected.
 *
 *     create -> store (commit) -> bus -> queue -> streams
 *
 * A caller has its answer once the row is committed. Everything after that is a hint that may be lost:
 * a stream that reconnects reads the database, and a manager looks there every few seconds for events
 * that it was never told about.
 *
 * There is one manager in a process; it knows nothing of notifications, of Next or of React.
 */
import { setImmediate as endOfTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { BusMessage, EventBus, InboxChange } from '../bus/event-bus.ts';
import { BelfryError } from '../protocol/errors.ts';
import { type EventEnvelope, isExpired, type Priority, type StoredEvent } from '../protocol/event.ts';
import { formatFrame } from '../protocol/sse-format.ts';
import type { EventStore, NewEvent, Transaction } from '../storage/event-store.ts';
import { type EngineMetrics, NO_METRICS } from './engine-metrics.ts';
import { type CloseReason, EventStream, formatInboxFrame, type StreamSession } from './event-stream.ts';
import type { EventType, EventTypeRegistry } from './event-type.ts';
import { BatchSorter, FrameBatch } from './frame-batch.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { repeat } from './repeat.ts';
import { SeenIds } from './seen-ids.ts';
import { StreamRegistry } from './stream-registry.ts';
import type { StreamSink } from './stream-sink.ts';

/** What a manager is made of: its parts, and its bounds. */
export interface EventManagerOptions {
  store: EventStore;
  bus: EventBus;
  eventTypes: EventTypeRegistry;
  log: Logger;
  /** Runs clean-up unless another instance is at it. Default: runs it. */
  cleanUpAlone?: (work: () => Promise<void>) => Promise<void>;
  /**
   * The ids of those sessions that no longer stand, and of those whose user is something else by now. Asked of
   * all open streams. Default: none.
   */
  checkSessions?: (sessions: StreamSession[]) => Promise<{ ended: string[]; changed: string[] }>;
  /** The sessions that were ended in the last seconds, wherever that happened; asked often. Default: none. */
  findEndedLately?: () => Promise<{ userId: number; id: string }[]>;
  /** Open streams of one user on this instance. Default 10. */
  maxStreamsPerUser?: number;
  /** Bytes that may wait for a client that reads slowly, before its stream is ended. Default 1 MiB. */
  maxQueuedBytes?: number;
  /** Events that may wait to be distributed. What does not fit is read from the database later. Default 10,000. */
  maxQueuedEvents?: number;
  /** Default: nothing is counted. */
  metrics?: EngineMetrics;
  /** The server's clock. */
  now?: () => Date;
  /** What every heartbeat tells beside the time, so that a page of another version can notice. Default: nothing. */
  version?: string;
}

/** What a failure concerns, for the log. */
interface Concerned {
  userId?: number | null;
  eventType?: string;
  streamId?: string;
}

/** What a caller says of an event; the manager adds the rest. */
export interface EventDraft<Payload = unknown> {
  eventType: string;
  payload: Payload;
  /** `null`: everybody. */
  targetUserId: number | null;
  /** Default NORMAL. */
  priority?: Priority | undefined;
  /** Default `null`: it does not expire. */
  expiresAt?: Date | null | undefined;
  idempotencyKey?: string | undefined;
  sentBy?: string | undefined;
}

/** A request for a stream: whose it is, what it asks for, and where its bytes go. */
export interface ConnectOptions {
  userId: number;
  eventTypes: readonly string[];
  sink: StreamSink;
  /** The request's Last-Event-ID header, as it came. */
  lastEventId?: string | null;
  validUntil: Date;
  session: StreamSession;
}

// Proxies drop a connection that is silent for 30 to 60 s.
const HEARTBEAT_MS = 15_000;
// How late an event may be when its hint was lost.
const LOOK_AGAIN_MS = 2_000;
const LOOK_AFTER_TRANSACTION_MS = [5, 25, 100, 400, 1_000];
// Somebody may have ended it because it is in the wrong hands: its stream ends within 2 s, also when no message came.
const LOOK_FOR_ENDED_MS = 1_000;
// For what leaves no trace that could be looked for: a row that is gone, an account that was disabled by hand.
const CHECK_STREAMS_MS = 10_000;
const CLEAN_UP_MS = 10 * 60_000;
// Long enough to answer "did they dismiss it?", short enough to keep the tables small.
const KEEP_DISMISSED_MS = 7 * 24 * 60 * 60_000;
// More than a screen can show; the rest is in poll.
const BACKLOG_LIMIT = 100;
const CATCH_UP_BATCH = 500;
// Events this close together leave as one chunk: with many streams, a write costs more than its bytes.
const COALESCE_MS = 5;
// How much of what may wait for a client leaves at once, in UTF-16 units, of which each takes up to three
// bytes: a burst in one piece would end the streams of those who read as well.
const SHARE_OF_QUEUE = 1 / 8;
// Everybody reconnects after a restart: spread them, so that they do not arrive in one instant.
const COME_BACK_EARLIEST_MS = 500;
const COME_BACK_SPREAD_MS = 2_500;

/**
 * One instance's engine. `start` it before it is asked for anything, and `shutdown` it once: from then on
 * it opens no stream, while events that are sent are still stored. What is refused is a `BelfryError`.
 */
export class EventManager {
  readonly #store: EventStore;
  readonly #bus: EventBus;
  readonly #eventTypes: EventTypeRegistry;
  readonly #log: Logger;
  readonly #cleanUpAlone: (work: () => Promise<void>) => Promise<void>;
  readonly #checkSessions: (sessions: StreamSession[]) => Promise<{ ended: string[]; changed: string[] }>;
  readonly #findEndedLately: () => Promise<{ userId: number; id: string }[]>;
  readonly #maxStreamsPerUser: number;
  readonly #maxQueuedBytes: number;
  readonly #maxQueuedEvents: number;
  readonly #now: () => Date;
  readonly #version: string | undefined;
  readonly #metrics: EngineMetrics;
  readonly #streams = new StreamRegistry();
  readonly #queue: EventEnvelope[] = [];
  #drainTimer: NodeJS.Immediate | NodeJS.Timeout | null = null;
  #lastDrain = Number.NEGATIVE_INFINITY;
  #seen = new SeenIds(0);
  #state: 'new' | 'running' | 'stopped' = 'new';
  /** Since the queue was full, until all that was left out has been read from the database. */
  #isOverflowing = false;
  readonly #undo: (() => void)[] = [];

  constructor(options: EventManagerOptions) {
    this.#store = options.store;
    this.#bus = options.bus;
    this.#eventTypes = options.eventTypes;
    this.#log = options.log;
    this.#cleanUpAlone = options.cleanUpAlone ?? ((work) => work());
    this.#checkSessions = options.checkSessions ?? (async () => ({ ended: [], changed: [] }));
    this.#findEndedLately = options.findEndedLately ?? (async () => []);
    this.#maxStreamsPerUser = options.maxStreamsPerUser ?? 10;
    this.#maxQueuedBytes = options.maxQueuedBytes ?? 1_048_576;
    this.#maxQueuedEvents = options.maxQueuedEvents ?? 10_000;
    this.#now = options.now ?? (() => new Date());
    this.#version = options.version;
    this.#metrics = options.metrics ?? NO_METRICS;
  }

  /** Begins to distribute and to clean up. The database has to be migrated. Twice does nothing. */
  async start(): Promise<void> {
    if (this.#state !== 'new') return;
    this.#state = 'running';
    this.#seen = new SeenIds(await this.#store.lastId());
    this.#undo.push(
      this.#bus.subscribe({
        onMessage: (message) => this.#receive(message),
        onQuestion: ({ eventType, userId }) => this.#streams.usersListeningTo(eventType, userId),
        onGap: () => void this.#lookForMissed().catch(this.#failed('catch_up_failed')),
      }),
      repeat(HEARTBEAT_MS, () => this.#beat(), this.#failed('heartbeat_failed')),
      repeat(LOOK_AGAIN_MS, () => this.#lookAgain(), this.#failed('catch_up_failed')),
      repeat(LOOK_FOR_ENDED_MS, () => this.#lookForEnded(), this.#failed('check_sessions_failed')),
      repeat(CHECK_STREAMS_MS, () => this.#checkStreams(), this.#failed('check_sessions_failed')),
      repeat(
        CLEAN_UP_MS,
        () => this.#cleanUpAlone(async () => void (await this.cleanUp())),
        this.#failed('clean_up_failed'),
      ),
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
    for (const stream of this.#streams.all()) {
      stream.close('shutting-down', { comeBackMs: comeBackAfter() });
    }
  }

  /**
   * Stores an event and has it delivered. Resolves once the row is durable, not when it was delivered.
   * With an idempotency key that was used before, nothing is stored or delivered again, and the earlier
   * event comes back.
   *
   * @throws BelfryError `unknown_event_type`, or `invalid_input` when the payload does not fit its type.
   */
  async create(draft: EventDraft): Promise<StoredEvent> {
    const newEvent = this.#toNewEvent(draft);
    const since = performance.now();
    const { event, isNew } = await this.#store.append(newEvent);
    this.#metrics.sent((performance.now() - since) / 1_000);
    // After the commit: nobody is told what was not stored.
    if (isNew) this.#announce({ kind: 'event', event });
    return event;
  }

  /**
   * Stores an event in the caller's own transaction. It gets its id after the commit, and is delivered
   * then; after a roll-back it never was. With an idempotency key that was used before, nothing comes of it.
   *
   * @throws BelfryError as `create` does.
   */
  async createWithin(tx: Transaction, draft: EventDraft): Promise<void> {
    await this.#store.appendWithin(tx, this.#toNewEvent(draft));
    this.#lookAgainSoon();
  }

  /**
   * Sends an event to the streams that a user has open, on whichever instance, and keeps nothing.
   *
   * @returns Whether anybody was there.
   * @throws BelfryError as `create` does.
   */
  async sendEphemeral<Payload>(
    eventType: EventType<Payload>,
    targetUserId: number,
    payload: Payload,
  ): Promise<boolean> {
    const event = this.#toEnvelope({ eventType: eventType.name, payload, targetUserId });
    const question = { eventType: eventType.name, userId: targetUserId };
    const isHere = this.#streams.audienceOf(event).length > 0;
    if (!isHere && (await this.#bus.whoListens(question)).length === 0) return false;
    this.#announce({ kind: 'event', event });
    return true;
  }

  /**
   * Opens a stream: registers it, then reads the backlog, so that no event falls in between.
   *
   * @throws BelfryError `unknown_event_type`, `too_many_streams`, or `shutting_down`.
   */
  connect(options: ConnectOptions): EventStream {
    const { userId, eventTypes, sink, lastEventId = null, validUntil, session } = options;
    this.assertCanConnect({ userId, eventTypes });
    const stream = new EventStream({
      userId,
      eventTypes: new Set(eventTypes),
      sink,
      maxQueuedBytes: this.#maxQueuedBytes,
      validUntil,
      session,
      onClose: (closed, reason) => this.#forget(closed, reason),
    });
    this.#streams.add(stream);
    void this.#sendBacklog(stream, lastEventId);
    return stream;
  }

  /** Throws what `connect` would throw, without opening anything. */
  assertCanConnect({ userId, eventTypes }: { userId: number; eventTypes: readonly string[] }): void {
    if (this.#state !== 'running') {
      throw new BelfryError('shutting_down', 'The server is restarting. Come back in a few seconds.', {
        retryAfterSeconds: 2,
      });
    }
    const unknown = eventTypes.find((name) => !this.#eventTypes.has(name));
    if (unknown !== undefined || eventTypes.length === 0) {
      throw new BelfryError(
        'unknown_event_type',
        `There is no event type "${unknown ?? ''}". Known types: ${this.#eventTypes.names().join(', ')}.`,
      );
    }
    if (this.#streams.countOf(userId) >= this.#maxStreamsPerUser) {
      throw new BelfryError(
        'too_many_streams',
        `You have ${this.#maxStreamsPerUser} streams open already. Close one, or ask for several event types in one stream.`,
        { retryAfterSeconds: 5 },
      );
    }
  }

  /** The users who listen to this type of event, on whichever instance, each once. */
  async connectedUsers({ name: eventType }: EventType): Promise<number[]> {
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

  /** Tells a user's tabs and devices what became of their inbox. */
  announceInboxChange(userId: number, change: InboxChange): void {
    this.#announce({ kind: 'inbox-changed', userId, change });
  }

  /** Ends the streams of sessions that have ended, wherever they are. The user's other streams stay. */
  disconnect({ userId, sessionIds }: { userId: number; sessionIds: string[] }): void {
    this.#announce({ kind: 'disconnect', userId, sessionIds });
  }

  /**
   * Looks into the database: publishes what was sent inside transactions, and distributes stored events
   * that this instance was never told about, up to those that are committed when it is called.
   */
  readonly catchUp = oneAtATime(() => this.#lookIntoDatabase());

  /** Ends the streams whose session has run out or no longer stands; has those come back whose user is something else by now. */
  async endRevokedStreams(): Promise<void> {
    const now = this.#now();
    for (const stream of this.#streams.all()) {
      if (stream.validUntil <= now) stream.close('session-ended');
    }
    const { ended, changed } = await this.#checkSessions(this.#streams.all().map(({ session }) => session));
    if (ended.length + changed.length === 0) return;
    const [isEnded, isChanged] = [new Set(ended), new Set(changed)];
    for (const stream of this.#streams.all()) {
      if (isEnded.has(stream.session.id)) stream.close('session-ended');
      else if (isChanged.has(stream.session.id))
        stream.close('session-changed', { comeBackMs: COME_BACK_EARLIEST_MS });
    }
  }

  /** Removes events that nobody can be shown any more. Returns how many. */
  async cleanUp(): Promise<number> {
    const dismissedBefore = new Date(this.#now().getTime() - KEEP_DISMISSED_MS);
    const removed = await this.#store.removeObsolete({ dismissedBefore });
    this.#metrics.removed(removed);
    if (removed > 0) this.#log.info({ removed }, 'obsolete events removed');
    return removed;
  }

  #toNewEvent(draft: EventDraft): NewEvent {
    const { idempotencyKey, sentBy } = draft;
    return { ...this.#toEnvelope(draft), id: null, idempotencyKey, sentBy };
  }

  #toEnvelope(draft: EventDraft): EventEnvelope {
    return {
      id: null,
      eventType: draft.eventType,
      priority: draft.priority ?? 'NORMAL',
      createdAt: this.#now(),
      expiresAt: draft.expiresAt ?? null,
      targetUserId: draft.targetUserId,
      payload: this.#eventTypes.parsePayload(draft.eventType, draft.payload),
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
    this.#bus.publish(message).catch((error: unknown) => {
      const concerned =
        message.kind === 'event'
          ? { userId: message.event.targetUserId, eventType: message.event.eventType }
          : { userId: message.userId };
      this.#metrics.dropped('publish-failed');
      // A bus that has lost its backend has said so itself, once.
      if (this.#bus.isConnected) this.#fail(error, 'publish_failed', concerned);
    });
  }

  #receive(message: BusMessage): void {
    switch (message.kind) {
      case 'event':
        this.#hear(message.event);
        break;
      case 'inbox-changed':
        void this.#sendInbox(message.userId, message.change);
        break;
      case 'disconnect':
        this.#endStreamsOf(message);
        break;
    }
  }

  #hear(event: EventEnvelope): void {
    // What is stored is not marked as seen: a look into the database finds it, and what came after it, in order.
    this.#isOverflowing ||= this.#queue.length >= this.#maxQueuedEvents;
    const isLeftOut = event.id === null ? this.#queue.length >= this.#maxQueuedEvents : this.#isOverflowing;
    if (isLeftOut) this.#metrics.dropped('queue-full');
    else this.#enqueue(event);
  }

  #enqueue(event: EventEnvelope): void {
    if (event.id !== null && !this.#seen.add(event.id)) return;
    this.#queue.push(event);
    this.#drainSoon();
  }

  #drainSoon(): void {
    if (this.#drainTimer) return;
    const sinceLast = performance.now() - this.#lastDrain;
    // An event that comes alone leaves at once; one that follows closely waits for company.
    this.#drainTimer =
      sinceLast >= COALESCE_MS
        ? setImmediate(() => this.#drain())
        : setTimeout(() => this.#drain(), COALESCE_MS - sinceLast);
  }

  #drain(): void {
    this.#drainTimer = null;
    this.#lastDrain = performance.now();
    const sorter = this.#takeFromQueue();
    if (this.#queue.length > 0 && this.#state === 'running') this.#drainSoon();
    // There is room again: what was left out need not wait for the next look.
    if (this.#isOverflowing && this.#queue.length <= this.#maxQueuedEvents / 2) this.#look();
    if (sorter.length === 0) return;
    const audience = sorter.isForEverybody
      ? this.#streams.all()
      : sorter.addressedUsers.flatMap((userId) => this.#streams.ofUser(userId));
    let delivered = 0;
    for (const stream of audience) delivered += stream.send(sorter.batchFor(stream));
    this.#metrics.delivered('live', delivered);
  }

  /** The events that are next, as many as may leave at once. */
  #takeFromQueue(): BatchSorter {
    const now = this.#now();
    const sorter = new BatchSorter();
    let taken = 0;
    try {
      for (const event of this.#queue) {
        if (sorter.length >= this.#maxQueuedBytes * SHARE_OF_QUEUE) break;
        taken += 1;
        if (!isExpired(event, now)) sorter.add(event);
      }
    } finally {
      // Also when one of them cannot be delivered: it must not hold up all others for ever.
      this.#queue.splice(0, taken);
    }
    return sorter;
  }

  async #lookIntoDatabase(): Promise<void> {
    for (const event of await this.#store.publishOutbox()) this.#announce({ kind: 'event', event });
    await this.#readMissed();
  }

  async #lookAgain(): Promise<void> {
    // Hints come late at worst while the bus works; of changes to inboxes nothing else would tell.
    await (this.#bus.isConnected ? this.catchUp() : this.#lookForMissed());
  }

  /** Finds out from the database what the bus may have lost. */
  async #lookForMissed(): Promise<void> {
    await this.catchUp();
    await this.#endOutdatedStreams();
  }

  async #checkStreams(): Promise<void> {
    await this.endRevokedStreams();
    // An instance may have died between a dismissal and its message.
    await this.#endOutdatedStreams();
  }

  /**
   * Has those clients reconnect whose user dismissed or cleared something that they were not told of. When
   * Redis returns every instance asks for it.
   */
  readonly #endOutdatedStreams = oneAtATime(() => this.#compareRevisions());

  async #compareRevisions(): Promise<void> {
    const streams = this.#streams.all().filter(({ revision }) => revision !== null);
    const revisions = await this.#store.readRevisions([...new Set(streams.map(({ userId }) => userId))]);
    for (const stream of streams) {
      const isOutdated = (revisions.get(stream.userId) ?? 0) > (stream.revision ?? 0);
      if (isOutdated) stream.close('inbox-changed', { comeBackMs: comeBackAfter() });
    }
  }

  async #readMissed(): Promise<void> {
    for (;;) {
      const events = await this.#store.readAfter({ afterId: this.#seen.upTo, limit: CATCH_UP_BATCH });
      for (const event of events) {
        if (this.#queue.length >= this.#maxQueuedEvents) return;
        this.#enqueue(event);
      }
      const last = events.at(-1);
      if (!last) break;
      // Ids become visible in their order: whatever is missing below was rolled back.
      this.#seen.skipTo(last.id);
      if (events.length < CATCH_UP_BATCH) break;
      // The embedded database answers within one turn of the event loop: let others have theirs.
      await endOfTurn();
    }
    this.#isOverflowing = false;
  }

  async #sendBacklog(stream: EventStream, lastEventId: string | null): Promise<void> {
    try {
      const knownId = parseEventId(lastEventId);
      const backlog = await this.#store.readInbox({
        userId: stream.userId,
        eventTypes: [...stream.eventTypes],
        order: 'urgent',
        limit: BACKLOG_LIMIT,
        knownId: knownId ?? undefined,
      });
      const claimsAnId = lastEventId !== null && lastEventId !== '';
      const reset = claimsAnId && (knownId === null || !backlog.knowsId);
      const { recovered, live } = stream.begin(backlog, { reset });
      this.#metrics.delivered('recovered', recovered);
      this.#metrics.delivered('live', live);
    } catch (error) {
      this.#fail(error, 'backlog_failed', named(stream));
      stream.close('backlog-failed', { comeBackMs: comeBackAfter() });
    }
  }

  async #sendInbox(userId: number, change: InboxChange): Promise<void> {
    if (this.#streams.countOf(userId) === 0) return;
    try {
      const state = await this.#store.readInboxState(userId);
      const batch = new FrameBatch([{ id: null, text: formatInboxFrame(state, change) }]);
      for (const stream of this.#streams.ofUser(userId)) {
        stream.send(batch);
        stream.noteRevision(change.revision);
      }
    } catch (error) {
      this.#fail(error, 'inbox_failed', { userId });
      // A tab that misses a dismissal would show a wrong count; reconnecting reads it afresh.
      for (const stream of this.#streams.ofUser(userId)) {
        stream.close('backlog-failed', { comeBackMs: COME_BACK_EARLIEST_MS });
      }
    }
  }

  #endStreamsOf({ userId, sessionIds }: { userId: number; sessionIds: readonly string[] }): void {
    for (const stream of this.#streams.ofUser(userId)) {
      if (sessionIds.includes(stream.session.id)) stream.close('session-ended');
    }
  }

  /** Other processes end sessions too, and messages get lost. */
  async #lookForEnded(): Promise<void> {
    if (this.#streams.size === 0) return;
    for (const { userId, id } of await this.#findEndedLately()) {
      this.#endStreamsOf({ userId, sessionIds: [id] });
    }
  }

  #beat(): void {
    const data = { now: this.#now().toISOString(), version: this.#version };
    const text = formatFrame({ event: 'heartbeat', data });
    const batch = new FrameBatch([{ id: null, text }]);
    for (const stream of this.#streams.all()) stream.send(batch);
  }

  #forget(stream: EventStream, reason: CloseReason): void {
    this.#streams.remove(stream);
    this.#metrics.streamEnded(reason);
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
function named({ userId, id, eventTypesKey }: EventStream): Concerned {
  return { userId, streamId: id, eventType: eventTypesKey };
}

/** Whole milliseconds: the protocol knows no others. */
function comeBackAfter(): number {
  return Math.round(COME_BACK_EARLIEST_MS + Math.random() * COME_BACK_SPREAD_MS);
}

/** A Last-Event-ID that could be one of ours, or null. */
function parseEventId(text: string | null): number | null {
  if (text === null || !/^[1-9]\d{0,15}$/.test(text)) return null;
  const id = Number(text);
  return Number.isSafeInteger(id) ? id : null;
}
