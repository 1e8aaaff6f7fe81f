/**
 * Puts a Belfry together out of what an app gives it. It reads no environment, opens nothing, and there may be
 * several in one process; an app keeps the one that it has, see lib/belfry.ts.
 */
import type { Logger } from 'pino';
import type { EventBus } from './bus/event-bus.ts';
import type { EngineObserver } from './engine/engine-observer.ts';
import { EventManager, type EventManagerOptions } from './engine/event-manager.ts';
import type { EventStream } from './engine/event-stream.ts';
import type { EventTypeRegistry } from './engine/event-type.ts';
import type { StreamSink } from './engine/stream-sink.ts';
import { createHandlers, type Handlers, type HandlersOptions, type OpenStream } from './http/handlers.ts';
import { CleanUp } from './inbox/clean-up.ts';
import { Inbox } from './inbox/inbox.ts';
import { InboxReader } from './inbox/inbox-reader.ts';
import { SentEvents } from './inbox/sent-events.ts';
import { JobQueue } from './jobs/job-queue.ts';
import type { NotificationProvider } from './notifications/provider.ts';
import {
  type KeptSending,
  SseNotificationService,
  type Users,
} from './notifications/sse-notification-service.ts';
import type { SqlDatabase } from './storage/database.ts';
import { EventLog } from './storage/event-log.ts';
import { History } from './storage/history.ts';
import { Recipients } from './storage/recipients.ts';
import { Topics } from './storage/topics.ts';

/** What an app says of its Belfry. */
export interface BelfryOptions
  extends Pick<EventManagerOptions, 'revalidate' | 'findEnded' | 'maxStreamsPerUser' | 'version'> {
  /** Where everything is kept; storage/prisma-database.ts makes one of a Prisma client. */
  database: SqlDatabase;
  /** How instances hear of each other: bus/. */
  bus: EventBus;
  /** The types of events that there are. */
  types: EventTypeRegistry;
  /** The app's users. Default: whatever text an id is, it may be one. */
  users?: Users;
  log: Logger;
  /** Metrics and tracing. Default: nobody watches. */
  observer?: EngineObserver;
  /** The server's clock. */
  now?: () => Date;
}

/** What an app has then. */
export interface Belfry {
  /** What routes, actions and pages talk to. */
  readonly notifications: NotificationProvider;
  readonly eventManager: EventManager;
  readonly eventLog: EventLog;
  /** Work for later, run once by whichever instance: the app may define kinds of its own before the start. */
  readonly jobs: JobQueue;
  readonly bus: EventBus;
  /** Begins to distribute. The database has to be migrated. Twice does nothing. */
  start(): Promise<void>;
  /** Delivers what is queued, tells every stream to come back, and lets jobs that run come to their end. Twice does nothing. */
  shutdown(): Promise<void>;
  /**
   * Looks whether a stream can be opened; throws what says why not. What it gives back opens it, at once, so that a
   * client cannot leave unnoticed in between.
   *
   * @throws BelfryError `unknown_event_type`, `too_many_streams`, or `shutting_down`.
   */
  prepareStream(request: OpenStream): Promise<(sink: StreamSink) => EventStream>;
  /** What answers Belfry's routes, with the app's answer to who asks. */
  handlers(options: HandlersOptions): Handlers;
  /** Ends the streams of a user that were opened with one of these keys, on every instance. */
  disconnect(ended: { userId: string; keys: readonly string[] }): Promise<void>;
  /** Removes what nobody can be shown any more, as a job of its own does every ten minutes. Returns how many events went. */
  cleanUp(): Promise<number>;
}

// Long enough to change one's mind, and to answer "did they dismiss it?"; short enough to keep the tables small.
const KEEP_DONE_MS = 7 * 24 * 60 * 60_000;

// What was given up stays visible for so long.
const KEEP_FAILED_MS = 30 * 24 * 60 * 60_000;
const CLEAN_UP_EVERY_SECONDS = 10 * 60;
const CLEAN_UP = 'belfry.clean-up';
const WAKE = 'belfry.wake';
const SEND = 'belfry.send';

/** What was put off, and until when, in milliseconds since 1970. */
interface Snoozed {
  userId: number;
  eventIds: number[];
  until: number;
}

/** See the file's head. */
export function createBelfry(options: BelfryOptions): Belfry {
  const { database, bus, types, log, observer, users, now = () => new Date(), ...ofEngine } = options;
  const recipients = new Recipients(database);
  const topics = new Topics(database, recipients);
  const eventLog = new EventLog(database, now, { recipients, topics });
  const reader = new InboxReader(database, now);
  const jobs = new JobQueue({ database, log, now });
  const inbox = new Inbox(database, {
    now,
    onSnoozed: async (tx, { userId, eventIds, until }) => {
      const payload = { userId, eventIds, until: until.getTime() };
      await jobs.enqueue({ kind: WAKE, payload, dueAt: until }, { tx });
    },
  });
  const history = new History(database, { now });
  const cleaner = new CleanUp(database);
  const eventManager = new EventManager({
    ...ofEngine,
    ...(observer ? { observer } : {}),
    now,
    log,
    bus,
    eventLog,
    inbox: reader,
    history,
    eventTypes: types,
    membersAt: (...asked) => topics.recipientIdsAt(...asked),
    onHistoryEnded() {
      reader.forgetAll();
      recipients.forgetAll();
      topics.forgetAll();
    },
  });
  const notifications = new SseNotificationService({
    database,
    manager: eventManager,
    eventTypes: types,
    inbox,
    reader,
    recipients,
    topics,
    history,
    sentEvents: new SentEvents(database),
    async sendLater(sending, at, tx) {
      const { idempotencyKey } = sending.draft;
      const uniqueKey = idempotencyKey === undefined ? undefined : `${SEND} ${idempotencyKey}`;
      await jobs.enqueue({ kind: SEND, payload: sending, dueAt: at, uniqueKey }, { tx });
    },
    users,
    now,
  });
  const cleanUp = async () => {
    const doneBefore = new Date(now().getTime() - KEEP_DONE_MS);
    const removed = await cleaner.run({ now: now(), doneBefore });
    await jobs.removeFailed(new Date(now().getTime() - KEEP_FAILED_MS));
    observer?.removed(removed);
    if (removed > 0) log.info({ removed }, 'obsolete events removed');
    return removed;
  };
  jobs.define<Snoozed>(WAKE, {
    async transact({ payload: { userId, eventIds, until }, tx, afterCommit }) {
      const { known } = eventManager;
      const changed = await inbox.wake(tx, { userId, eventIds, until: new Date(until) });
      if (changed) afterCommit(() => void eventManager.changedInbox(userId, changed, known));
    },
  });
  jobs.define<KeptSending>(SEND, {
    transact: ({ payload, tx }) => notifications.sendKept(tx, payload),
  });
  jobs.define(CLEAN_UP, { run: async () => void (await cleanUp()) });
  jobs.every(CLEAN_UP, CLEAN_UP_EVERY_SECONDS);
  const prepareStream: Belfry['prepareStream'] = async ({ credentials, eventTypes, since = null }) => {
    const userId = await recipients.idOf(credentials.userId);
    eventManager.assertCanConnect({ userId, eventTypes });
    return (sink) => eventManager.connect({ userId, eventTypes, sink, since, credentials });
  };
  return {
    notifications,
    jobs,
    eventManager,
    eventLog,
    bus,
    async start() {
      await recipients.rememberLatest();
      await eventManager.start();
      jobs.start();
    },
    async shutdown() {
      const stopped = jobs.stop();
      eventManager.shutdown();
      await stopped;
    },
    prepareStream,
    handlers: ({ notifications: provider = () => notifications, ...ofApp }) =>
      createHandlers({ notifications: provider, prepareStream, version: ofEngine.version }, ofApp),
    async disconnect({ userId, keys }) {
      if (keys.length > 0) eventManager.disconnect({ userId: await recipients.idOf(userId), keys });
    },
    cleanUp,
  };
}
