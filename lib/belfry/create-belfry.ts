/**
 * Puts a Belfry together out of what an app gives it. It reads no environment, opens nothing, and there may be
 * several in one process; an app keeps the one that it has, see lib/belfry.ts.
 */
import type { Users } from './accounts/accounts.ts';
import { type AuthorizeOptions, createAuthorize } from './accounts/authorize.ts';
import { createRevalidate, remember } from './accounts/revalidate.ts';
import { type EventBus, InProcessEventBus } from './bus/event-bus.ts';
import type { EventType } from './definitions/event-type.ts';
import { isQuestionType, Question } from './definitions/question-type.ts';
import { EventTypeRegistry } from './definitions/registry.ts';
import type { EngineObserver } from './engine/engine-observer.ts';
import { EventManager, type EventManagerOptions } from './engine/event-manager.ts';
import type { EventStream } from './engine/event-stream.ts';
import type { StreamSink } from './engine/stream-sink.ts';
import { createHandlers, type Handlers, type HandlersOptions, type OpenStream } from './http/handlers.ts';
import { CleanUp, KEEP_DONE_MS } from './inbox/clean-up.ts';
import { Inbox } from './inbox/inbox.ts';
import { InboxReader } from './inbox/inbox-reader.ts';
import { SentEvents } from './inbox/sent-events.ts';
import { JobQueue } from './jobs/job-queue.ts';
import { ANSWERED, PROGRESS, SEND, WAKE } from './jobs/own-kinds.ts';
import { type Catalogues, Languages } from './language/languages.ts';
import { type Log, plainLog } from './log.ts';
import { migrate } from './migrations/migrations.ts';
import { requireNode } from './node-version.ts';
import { ActionRunner } from './notifications/action-runner.ts';
import type { NotificationProvider, SendOptions } from './notifications/provider.ts';
import { type KeptSending, SseNotificationService } from './notifications/sse-notification-service.ts';
import { SystemNotification } from './notifications/system-notification.ts';
import { type KeptJob, ProgressJobs } from './progress/progress-jobs.ts';
import { Asking } from './questions/asking.ts';
import { Questions } from './questions/questions.ts';
import { Waiting } from './questions/waiting.ts';
import { Settings } from './settings/settings.ts';
import type { SqlDatabase } from './storage/database.ts';
import { deleteUser } from './storage/delete-user.ts';
import { EventLog } from './storage/event-log.ts';
import { History } from './storage/history.ts';
import { Recipients } from './storage/recipients.ts';
import { Topics } from './storage/topics.ts';

/** What an app says of its Belfry. */
export interface BelfryOptions
  extends Pick<
    EventManagerOptions,
    'revalidate' | 'revalidateEveryMs' | 'findEnded' | 'maxStreamsPerUser' | 'maxStreamMs' | 'version'
  > {
  /** Where everything is kept: `prismaDatabase`, `drizzleDatabase`, `sqliteDatabase` or `postgresqlDatabase` makes one. */
  database: SqlDatabase;
  /** How instances hear of each other. Default: there is one. */
  bus?: EventBus;
  /** The types of events that there are, beside `SystemNotification`; or the registry of them. Default: none. */
  types?: readonly EventType[] | EventTypeRegistry;
  /** What the app says, in each language that it speaks: see `Languages`. Of a registry of types, its own count. Default: English alone. */
  languages?: Catalogues | undefined;
  /** The app's users. Default: whatever text an id is, it may be one, and nobody is signed in. */
  users?: Users;
  /** The address that people use, such as `https://example.com`. Default: as each request says. */
  publicAddress?: string | undefined;
  /** What is behind a request for a stream, for the fast path: see `handOver` of `defineBelfry`. Default: it is not taken. */
  takeConnection?: HandlersOptions['takeConnection'];
  /** Has `start` bring Belfry's tables up to date. Default: the app does. */
  migrates?: boolean;
  /** Called each time that it has begun. */
  onStarted?: () => void;
  /** Default: a line of JSON each on the standard output. */
  log?: Log;
  /** Metrics and tracing. Default: nobody watches. */
  observer?: EngineObserver;
  /** The server's clock. */
  now?: () => Date;
}

/** What an app says of its routes, where it is not what it said of its Belfry. */
export interface RoutesOptions
  extends Partial<Omit<AuthorizeOptions, 'current'>>,
    Omit<HandlersOptions, 'authorize'> {
  current?: AuthorizeOptions['current'];
}

/** What an app sends with. */
export type Sending = Pick<
  NotificationProvider,
  | 'notify'
  | 'sendUserNotification'
  | 'sendGlobalNotification'
  | 'sendEvent'
  | 'connectedUsers'
  | 'subscribe'
  | 'unsubscribe'
  | 'topicsOf'
  | 'membersOf'
  | 'ask'
  | 'progress'
  | 'withdraw'
>;

/** What an app has then. What it sends with may be taken out of it: `export const { notify } = belfry`. */
export interface Belfry extends Sending {
  /** What routes, actions and pages talk to. */
  readonly notifications: NotificationProvider;
  readonly eventManager: EventManager;
  readonly eventLog: EventLog;
  /** Work for later, run once by whichever instance: the app may define kinds of its own before the start. */
  readonly jobs: JobQueue;
  readonly bus: EventBus;
  /** Begins to distribute. Each route of Belfry's does so by itself when nobody has. Twice does nothing; after a failure it is tried again. */
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
  /** What answers Belfry's routes. */
  handlers(options?: RoutesOptions): Handlers;
  readonly users: Users;
  /** The names of the types that are registered now: what a page asks for. */
  readonly eventTypes: readonly string[];
  /** The categories of the notifications among them, for the provider in React as well. */
  readonly categories: readonly string[];
  /** The languages that it speaks. */
  readonly languages: Languages;
  readonly log: Log;
  /** As it was given. */
  readonly database: SqlDatabase;
  readonly version: string | undefined;
  /**
   * To be called when somebody signs out: ends the streams of these sessions of theirs, on every instance. Without
   * `sessions`, as `users.current` names them, all of the user's.
   */
  disconnect(ended: { userId: string | number; sessions?: readonly string[] | undefined }): Promise<void>;
  /**
   * To be called when a user was deleted, after that: removes what is theirs alone, for good, and ends their streams, on every
   * instance. That is their notifications and what they did with them, what they follow, and what was to be sent to them
   * later. What was sent to everybody or to a topic stays. Twice does nothing more, so one that was cut off can be called again.
   */
  deleteUser(userId: string | number): Promise<void>;
  /**
   * Runs what is due of the jobs, and publishes what was sent by them and inside transactions: for a route that a clock outside calls,
   * where no instance is there all the time. One that is does so by itself.
   */
  runJobs(): Promise<void>;
  /** Removes what nobody can be shown any more, as a job of its own does every ten minutes. Returns how many events went. */
  cleanUp(): Promise<number>;
}

// What was given up stays visible for so long.
const KEEP_FAILED_MS = 30 * 24 * 60 * 60_000;
// Whoever asks again with a key after this asks anew.
const KEEP_ANSWERS_MS = 30 * 24 * 60 * 60_000;
const CLEAN_UP_EVERY_SECONDS = 10 * 60;
const CLEAN_UP = 'belfry.clean-up';
// So that a stream whose sign-in has ended does so as well within 30 s.
const ASK_AGAIN_MS = 20_000;

/** What was put off, and until when, in milliseconds since 1970. */
interface Snoozed {
  userId: number;
  eventIds: number[];
  until: number;
}

/**
 * See the file's head.
 *
 * @throws BelfryError `bad_environment` below Node 22.
 */
export function createBelfry(options: BelfryOptions): Belfry {
  requireNode();
  const {
    database,
    bus = new InProcessEventBus(),
    log = plainLog,
    observer,
    users,
    publicAddress,
    takeConnection,
    migrates = false,
    onStarted,
    now = () => new Date(),
    ...ofEngine
  } = options;
  const types = registryOf(options.types, { languages: options.languages, log });
  const { current } = users ?? {};
  // Who asks with every request is asked again; what an app finds out in another way, it says by itself.
  const asksAgain = ofEngine.revalidate === undefined && current !== undefined;
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
  const questions = new Questions(database, now);
  const waiting = new Waiting({
    questions,
    now,
    onError: (error) => log.error({ err: error, code: 'answer_failed' }, 'failed'),
  });
  const history = new History(database, { now });
  const cleaner = new CleanUp(database);
  const eventManager = new EventManager({
    ...ofEngine,
    ...(asksAgain
      ? {
          revalidate: createRevalidate(current, log),
          revalidateEveryMs: ofEngine.revalidateEveryMs ?? ASK_AGAIN_MS,
        }
      : {}),
    ...(observer ? { observer } : {}),
    now,
    log,
    bus,
    eventLog,
    inbox: reader,
    history,
    eventTypes: types,
    membersAt: (...asked) => topics.recipientIdsAt(...asked),
    onAnswered: (id) => waiting.hint(id),
    onHistoryEnded() {
      reader.forgetAll();
      recipients.forgetAll();
      topics.forgetAll();
    },
  });
  const settings = new Settings({ database, inbox, topics, eventTypes: types, now });
  const progress = new ProgressJobs({
    database,
    manager: eventManager,
    eventTypes: types,
    eventLog,
    recipients,
    jobs,
    now,
    onError: (error) => log.error({ err: error, code: 'progress_failed' }, 'failed'),
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
    questions,
    asking: new Asking({
      database,
      manager: eventManager,
      eventTypes: types,
      inbox,
      questions,
      waiting,
      now,
    }),
    progress,
    settings,
    actions: new ActionRunner({ database, eventTypes: types, inbox, questions, jobs, now }),
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
    await questions.removeOld(new Date(now().getTime() - KEEP_ANSWERS_MS));
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
  jobs.define<KeptJob>(PROGRESS, { transact: ({ payload, tx }) => progress.tellLost(tx, payload) });
  jobs.define<{ questionId: string }>(ANSWERED, {
    run: async ({ payload: { questionId } }) => {
      const [question] = await questions.find([questionId]);
      if (!question?.answer || !(await questions.take(questionId, 'job'))) return;
      const type = types.notification(question.eventType);
      const payload = types.payloadOf(question);
      if (!isQuestionType(type) || payload === undefined) return;
      await type.onAnswer?.({ answer: question.answer, payload, key: question.key });
    },
  });
  jobs.define(CLEAN_UP, { run: async () => void (await cleanUp()) });
  jobs.every(CLEAN_UP, CLEAN_UP_EVERY_SECONDS);
  const prepareStream: Belfry['prepareStream'] = async ({
    credentials,
    eventTypes,
    since = null,
    reader,
  }) => {
    const userId = await recipients.idOf(credentials.userId);
    eventManager.assertCanConnect({ userId, eventTypes });
    return (sink) =>
      eventManager.connect({ userId, eventTypes, sink, since, credentials, ...(reader ? { reader } : {}) });
  };
  let started: Promise<void> | null = null;
  const start = () => {
    started ??= begin().catch((error: unknown) => {
      started = null;
      throw error;
    });
    return started;
  };
  async function begin(): Promise<void> {
    if (migrates) await migrate(database);
    await settings.followDefinitions();
    await recipients.rememberLatest();
    await eventManager.start();
    jobs.start();
    onStarted?.();
  }
  const begun = async <T>(work: () => Promise<T>): Promise<T> => {
    await start();
    return work();
  };
  // A transaction does not wait: what is sent within it is stored at once, and published by whoever has begun.
  const sent = <T>(send: SendOptions | undefined, work: () => Promise<T>): Promise<T> => {
    if (send?.tx === undefined || send.tx === null) return begun(work);
    start().catch((error: unknown) => log.error({ err: error, code: 'start_failed' }, 'failed'));
    return work();
  };
  return {
    notify: (type, sending, send) => sent(send, () => notifications.notify(type, sending, send)),
    sendUserNotification: (said, send) => sent(send, () => notifications.sendUserNotification(said, send)),
    sendGlobalNotification: (said, send) =>
      sent(send, () => notifications.sendGlobalNotification(said, send)),
    sendEvent: (type, userId, payload) => begun(() => notifications.sendEvent(type, userId, payload)),
    ask: (type, asking) => begun(() => notifications.ask(type, asking)),
    progress: (type, starting) => begun(() => notifications.progress(type, starting)),
    withdraw: (named) => begun(() => notifications.withdraw(named)),
    connectedUsers: (type) => begun(() => notifications.connectedUsers(type)),
    subscribe: (membership) => begun(() => notifications.subscribe(membership)),
    unsubscribe: (membership) => begun(() => notifications.unsubscribe(membership)),
    topicsOf: (userId) => begun(() => notifications.topicsOf(userId)),
    membersOf: (topic) => begun(() => notifications.membersOf(topic)),
    notifications,
    users: users ?? {},
    get categories() {
      return types.categories();
    },
    get eventTypes() {
      return types.names();
    },
    languages: types.languages,
    log,
    database,
    version: ofEngine.version,
    jobs,
    eventManager,
    eventLog,
    bus,
    start,
    async shutdown() {
      waiting.close();
      progress.close();
      const stopped = jobs.stop();
      eventManager.shutdown();
      await stopped;
    },
    prepareStream,
    handlers: (said = {}) => {
      const authorize = createAuthorize({ current: current ?? nobody, publicAddress, ...said });
      return createHandlers(
        {
          notifications: said.notifications ?? (() => notifications),
          prepareStream,
          languages: types.languages,
          version: ofEngine.version,
        },
        {
          takeConnection: said.takeConnection ?? takeConnection,
          async authorize(request, purpose) {
            await start();
            const credentials = await authorize(request, purpose);
            return asksAgain && purpose === 'connect' ? remember(credentials, request) : credentials;
          },
        },
      );
    },
    async disconnect({ userId, sessions }) {
      if (sessions?.length === 0) return;
      await start();
      eventManager.disconnect({ userId: await recipients.idOf(String(userId)), keys: sessions ?? null });
    },
    async deleteUser(userId) {
      await start();
      await deleteUser(database, String(userId));
      // Whoever is no recipient has no streams, and is not to become one now.
      const [id] = (await recipients.find([String(userId)])).values();
      if (id !== undefined) eventManager.disconnect({ userId: id, keys: null });
    },
    async runJobs() {
      await start();
      await jobs.runUntilIdle();
      // What they sent is in the outbox.
      await eventManager.catchUp();
    },
    cleanUp,
  };
}

/** What every app has. */
export const BUILT_IN: readonly EventType[] = [SystemNotification, Question];

function registryOf(
  types: BelfryOptions['types'] = [],
  { languages, log }: { languages: Catalogues | undefined; log: Log },
): EventTypeRegistry {
  if ('registerAll' in types) return types;
  const registry = new EventTypeRegistry({ languages: new Languages(languages), log });
  registry.registerAll([...BUILT_IN, ...types]);
  return registry;
}

function nobody(): null {
  return null;
}
