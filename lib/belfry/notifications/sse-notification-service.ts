/** The provider of notifications that delivers over server-sent events, by way of the event engine. */
import type { Users } from '../accounts/accounts.ts';
import type { EventType } from '../definitions/event-type.ts';
import type { NotificationType } from '../definitions/notification-type.ts';
import type { ProgressType } from '../definitions/progress-type.ts';
import type { Answer, QuestionType } from '../definitions/question-type.ts';
import type { EventTypeRegistry } from '../definitions/registry.ts';
import type { EventManager } from '../engine/event-manager.ts';
import type { Changed, Inbox, Which } from '../inbox/inbox.ts';
import type { InboxReader } from '../inbox/inbox-reader.ts';
import type { SentEvents } from '../inbox/sent-events.ts';
import { toMessage } from '../language/message.ts';
import { type ProgressJobs, parseStarting } from '../progress/progress-jobs.ts';
import type { ProgressJob } from '../progress/running-job.ts';
import { type Audience, audienceSchema, namedUsers } from '../protocol/audience.ts';
import { BelfryError, badField } from '../protocol/errors.ts';
import { type Addressed, EVERYBODY } from '../protocol/event.ts';
import { parseState } from '../protocol/inbox-state.ts';
import type { ChangeAnswer, InboxChanges, InboxPage } from '../protocol/item.ts';
import { parsePlace } from '../protocol/place.ts';
import type { SettingsAnswer } from '../protocol/settings.ts';
import type { Asking, QuestionDraft } from '../questions/asking.ts';
import { type Answered, newQuestionId, type Questions } from '../questions/questions.ts';
import type { Settings } from '../settings/settings.ts';
import type { SqlDatabase, SqlRunner } from '../storage/database.ts';
import type { History } from '../storage/history.ts';
import type { Recipients } from '../storage/recipients.ts';
import type { Topics } from '../storage/topics.ts';
import type { ActionRunner } from './action-runner.ts';
import type {
  Acting,
  Asking as AskingOf,
  FetchChangesOptions,
  FetchPageOptions,
  GlobalNotification,
  Named,
  NotificationProvider,
  OfGroup,
  Sending,
  SendOptions,
  Sent,
  SentEvent,
  Starting,
  Through,
  UserNotification,
  WaitForAnswer,
} from './provider.ts';
import { searchPage } from './search-page.ts';
import {
  type Delivery,
  deliverySchema,
  expiryOf,
  globalNotificationInput,
  parseSending,
  sendingTime,
  userNotificationInput,
} from './sending.ts';
import { partsOf, SystemNotification } from './system-notification.ts';

/** What is kept of a sending until its time has come: as JSON, so its times are texts. */
export interface KeptSending {
  draft: Omit<QuestionDraft, 'expiresAt'> & { expiresAt: Date | string | null };
  audience: Audience;
}

/** A sending whose parts are known to be right, but for its payload. */
interface ParsedSending extends Delivery {
  eventType: string;
  payload: unknown;
  audience: Audience;
}

interface Prepared {
  draft: QuestionDraft;
  audience: Audience;
  at: Date | undefined;
}

export interface SseNotificationServiceOptions {
  database: SqlDatabase;
  manager: EventManager;
  eventTypes: EventTypeRegistry;
  inbox: Inbox;
  reader: InboxReader;
  recipients: Recipients;
  topics: Topics;
  history: Pick<History, 'continues' | 'current'>;
  sentEvents: SentEvents;
  actions: ActionRunner;
  questions: Questions;
  asking: Asking;
  progress: ProgressJobs;
  settings: Settings;
  /** Keeps a sending until its time has come, and has it handed to `sendKept` then, once. */
  sendLater: (sending: KeptSending, at: Date, tx: SqlRunner | undefined) => Promise<void>;
  users?: Users | undefined;
  now?: () => Date;
}

const DEFAULT_PAGE_SIZE = 50;
// Who thinks further ahead than this has mistaken the unit.
const LONGEST_SNOOZE_MS = 365 * 24 * 60 * 60_000;

export class SseNotificationService implements NotificationProvider {
  readonly supportsRealtime = true;
  readonly #parts: SseNotificationServiceOptions;
  readonly #now: () => Date;

  constructor(parts: SseNotificationServiceOptions) {
    this.#parts = parts;
    this.#now = parts.now ?? (() => new Date());
  }

  notify<Payload, Input>(
    { name, priority, expiresIn }: NotificationType<Payload, Input>,
    { to, payload, ...delivery }: Sending<Input>,
    options?: SendOptions,
  ): Promise<Sent> {
    return this.#send(options, () => ({
      ...withDefaults(parseSending(deliverySchema, delivery), { priority, expiresIn }),
      eventType: name,
      payload,
      audience: parseSending(audienceSchema, to),
    }));
  }

  sendUserNotification(notification: UserNotification, options?: SendOptions): Promise<Sent> {
    return this.#send(options, () => {
      const { targetUserId, ...rest } = parseSending(userNotificationInput, notification);
      return systemNotification(rest, { user: targetUserId });
    });
  }

  sendGlobalNotification(notification: GlobalNotification, options?: SendOptions): Promise<Sent> {
    return this.#send(options, () =>
      systemNotification(parseSending(globalNotificationInput, notification), 'everyone'),
    );
  }

  async fetchPage(options: FetchPageOptions): Promise<InboxPage> {
    const { view, group, q, cursor, limit = DEFAULT_PAGE_SIZE } = options;
    if (group !== undefined && view !== undefined && view !== 'inbox') {
      throw badField('group', toMessage('server.belfry.group-in-inbox'));
    }
    const userId = await this.#parts.recipients.idOf(options.userId);
    const read = (part: Pick<FetchPageOptions, 'cursor' | 'limit'>) =>
      this.#readPage(userId, { ...options, ...part });
    const page = q?.trim() ? await searchPage({ q, limit, cursor, read }) : await read({ cursor, limit });
    return view === 'done' && cursor === undefined
      ? { ...page, lastClear: await this.#lastClear(userId) }
      : page;
  }

  async #readPage(
    userId: number,
    { view, category, priorities, group, cursor, limit = DEFAULT_PAGE_SIZE, reader: by }: FetchPageOptions,
  ): Promise<InboxPage> {
    const place = cursor === undefined ? undefined : parsePlace(cursor);
    if (place === null) throw badField('cursor', toMessage('server.belfry.cursor'));
    const { reader, manager, history, eventTypes } = this.#parts;
    const { name } = history.current;
    const page = await reader.readPage({
      userId,
      limit,
      view,
      cursor: place,
      groupKey: group,
      priorities,
      // No type has a name that begins with a small letter.
      eventTypes: category === undefined ? undefined : ['none', ...eventTypes.namesIn(category)],
    });
    return manager.wire.page(page, name, by ?? eventTypes.languages.readerOf({}));
  }

  async #lastClear(userId: number): Promise<{ undo: string; at: string } | null> {
    const last = await this.#parts.inbox.lastClear({ userId });
    return last && { undo: last.undo, at: last.at.toISOString() };
  }

  async fetchChanges({ userId, since, reader: by }: FetchChangesOptions): Promise<InboxChanges> {
    const { reader, recipients, manager, history, eventTypes } = this.#parts;
    const state = parseState(since);
    const { name } = history.current;
    const changes =
      state !== null && (await history.continues(state))
        ? await reader.readChanges({ userId: await recipients.idOf(userId), since: state })
        : null;
    if (changes === null) {
      throw new BelfryError('cannot_calculate_changes', toMessage('server.belfry.cannot-calculate-changes'));
    }
    return manager.wire.changes(changes, name, by ?? eventTypes.languages.readerOf({}));
  }

  dismiss(which: Named | OfGroup): Promise<ChangeAnswer> {
    return this.#change(which.userId, (userId) => this.#parts.inbox.dismiss({ userId, ...itemsOf(which) }));
  }

  clear({ userId, throughId }: Through): Promise<ChangeAnswer> {
    return this.#change(userId, (id) => this.#parts.inbox.clear({ userId: id, throughId }));
  }

  read(which: Named | OfGroup | Through): Promise<ChangeAnswer> {
    const { inbox } = this.#parts;
    return this.#change(which.userId, (userId) =>
      'ids' in which || 'group' in which
        ? inbox.read({ userId, ...itemsOf(which) })
        : inbox.readAll({ userId, throughId: which.throughId }),
    );
  }

  unread({ userId, ids }: Named): Promise<ChangeAnswer> {
    return this.#change(userId, (id) => this.#parts.inbox.unread({ userId: id, eventIds: ids }));
  }

  restore({ userId, ids }: Named): Promise<ChangeAnswer> {
    return this.#change(userId, (id) => this.#parts.inbox.restore({ userId: id, eventIds: ids }));
  }

  async snooze({ userId, ids, until }: Named & { until: Date }): Promise<ChangeAnswer> {
    const ahead = until.getTime() - this.#now().getTime();
    if (ahead <= 0) throw badField('until', toMessage('server.belfry.until-past'));
    if (ahead > LONGEST_SNOOZE_MS) throw badField('until', toMessage('server.belfry.until-too-far'));
    return this.#change(userId, (id) => this.#parts.inbox.snooze({ userId: id, eventIds: ids, until }));
  }

  see(which: Named | { userId: string; throughId: number }): Promise<ChangeAnswer> {
    const { inbox } = this.#parts;
    return this.#change(which.userId, (userId) =>
      'ids' in which
        ? inbox.see({ userId, eventIds: which.ids })
        : inbox.seeAll({ userId, throughId: which.throughId }),
    );
  }

  undo({ userId, undo }: { userId: string; undo: string }): Promise<ChangeAnswer> {
    return this.#change(userId, (id) => this.#parts.inbox.undo({ userId: id, undo }));
  }

  async readSettings({ userId }: { userId: string }): Promise<SettingsAnswer> {
    return this.#settingsOf(await this.#parts.recipients.idOf(userId));
  }

  saveSettings({ userId, settings }: { userId: string; settings: unknown }): Promise<SettingsAnswer> {
    return this.#changeSettings(userId, (id) => this.#parts.settings.save({ userId: id, settings }));
  }

  follow({ userId, topic }: { userId: string; topic: string }): Promise<SettingsAnswer> {
    return this.#changeSettings(userId, (id) =>
      this.#parts.settings.follow({ userId: id, user: userId, topic }),
    );
  }

  unfollow({ userId, topic }: { userId: string; topic: string }): Promise<SettingsAnswer> {
    return this.#changeSettings(userId, (id) =>
      this.#parts.settings.unfollow({ userId: id, user: userId, topic }),
    );
  }

  async act({ userId, id, action, input }: Acting): Promise<ChangeAnswer> {
    const { manager, recipients, actions, asking } = this.#parts;
    const number = await recipients.idOf(userId);
    const { known } = manager;
    const taken = await actions.take({ userId: number, user: userId, id, action, input });
    await asking.announce(taken, known);
    return this.#summaryOf(number);
  }

  async ask<Payload, Input, Inputs>(
    type: QuestionType<Payload, Input, Inputs>,
    { timeout, key = newQuestionId(), signal, ...sending }: AskingOf<Input>,
  ): Promise<Answer<Inputs> | null> {
    const idempotencyKey = askedKey(key);
    const expires = timeout === undefined ? {} : { expiresIn: timeout };
    const answer = await this.#parts.asking.answerTo(idempotencyKey, {
      send: () => this.notify(type, { ...sending, ...expires, idempotencyKey }),
      signal,
    });
    return answer as Answer<Inputs> | null;
  }

  async withdraw({ key }: { key: string }): Promise<boolean> {
    const { asking, questions } = this.#parts;
    const question = (await questions.findByKey(askedKey(key))) ?? (await questions.findByKey(key));
    return question !== null && asking.withdraw(question);
  }

  waitForAnswer({ id, askedBy, signal }: WaitForAnswer): Promise<Answered | null> {
    return this.#parts.asking.answerToEvent(id, { askedBy, signal });
  }

  async progress<Payload, Input, Result, ResultInput>(
    type: ProgressType<Payload, Input, Result, ResultInput>,
    said: Starting<Input>,
  ): Promise<ProgressJob<ResultInput>> {
    const starting = parseStarting(said);
    await this.#assertAddressed({ user: starting.user });
    return this.#parts.progress.start(type, starting);
  }

  async sendEvent<Payload, Input>(
    eventType: EventType<Payload, Input>,
    userId: string | number,
    payload: Input,
  ): Promise<boolean> {
    const target = String(userId);
    const targetUserId = await this.#parts.recipients.idOf(target);
    return this.#parts.manager.sendEphemeral(eventType, { targetUserId, target, topicId: null }, payload);
  }

  async connectedUsers(eventType: EventType): Promise<string[]> {
    const ids = await this.#parts.manager.connectedUsers(eventType);
    return [...(await this.#parts.recipients.userIdsOf(ids)).values()];
  }

  subscribe(membership: { userId: string; topic: string }): Promise<{ changed: boolean }> {
    return this.#parts.topics.subscribe(membership);
  }

  unsubscribe(membership: { userId: string; topic: string }): Promise<{ changed: boolean }> {
    return this.#parts.topics.unsubscribe(membership);
  }

  topicsOf(userId: string): Promise<string[]> {
    return this.#parts.topics.topicsOf(userId);
  }

  membersOf(topic: string): Promise<string[]> {
    return this.#parts.topics.membersOf(topic);
  }

  recentGlobalNotifications(limit: number): Promise<SentEvent[]> {
    return this.#parts.sentEvents.recentGlobal({ eventType: SystemNotification.name, limit });
  }

  #send(options: SendOptions | undefined, read: () => ParsedSending): Promise<Sent> {
    return options?.tx === undefined || options.tx === null
      ? this.#sendByItself(read)
      : this.#sendWithin(this.#parts.database.within(options.tx), read);
  }

  async #sendByItself(read: () => ParsedSending): Promise<Sent> {
    const { draft, audience, at } = this.#prepare(read());
    await this.#assertAddressed(audience);
    if (at) {
      await this.#parts.sendLater({ draft, audience }, at, undefined);
      return { id: null };
    }
    const { asking, manager } = this.#parts;
    if (asking.isQuestion(draft.eventType)) return { id: await asking.store(draft, audience) };
    const [first] = await manager.createForEach(draft, await this.#address(audience));
    return { id: first?.id ?? null };
  }

  #storeWithin(tx: SqlRunner, draft: QuestionDraft, audience: Audience): Promise<void> {
    const { asking, manager } = this.#parts;
    return asking.isQuestion(draft.eventType)
      ? asking.storeWithin(tx, draft, audience)
      : manager.createWithin(tx, draft, audience);
  }

  /**
   * Whether the ids are users is not asked: they may have become so in this transaction.
   *
   * In a transaction that is synchronous everything happens before this returns, and what fails is thrown at once:
   * by the time that a promise could tell of it, it would be committed.
   */
  #sendWithin(runner: SqlRunner, read: () => ParsedSending): Promise<Sent> {
    const noted = notingFailure(runner);
    try {
      const { draft, audience, at } = this.#prepare(read());
      const sent = at
        ? this.#parts.sendLater({ draft, audience }, at, noted)
        : this.#storeWithin(noted, draft, audience);
      const result = sent.then(() => ({ id: null }));
      if (noted.failure === undefined) return result;
      result.catch(() => {});
      throw noted.failure;
    } catch (error) {
      if (runner.isSynchronous) throw error;
      return Promise.reject(error);
    }
  }

  #prepare({ eventType, payload, audience, ...delivery }: ParsedSending): Prepared {
    const { priority, at, idempotencyKey, sentBy, askedBy } = delivery;
    const expiresAt = expiryOf(delivery, sendingTime(delivery, this.#now()));
    // A mistake is to be heard of now. It is parsed again when it is stored, by the type as it is then.
    if (at) this.#parts.eventTypes.parsePayload(eventType, payload);
    return {
      draft: { eventType, payload, priority, expiresAt, idempotencyKey, sentBy, askedBy },
      audience,
      at,
    };
  }

  /** Sends what was kept for later, as a part of this transaction. */
  async sendKept(tx: SqlRunner, { draft, audience }: KeptSending): Promise<void> {
    const { expiresAt } = draft;
    const kept = { ...draft, expiresAt: expiresAt === null ? null : new Date(expiresAt) };
    await this.#storeWithin(tx, kept, audience);
  }

  async #address(audience: Audience): Promise<Addressed[]> {
    if (audience === 'everyone') return [EVERYBODY];
    const { recipients, topics } = this.#parts;
    if ('topic' in audience) {
      return [{ ...EVERYBODY, topicId: await topics.idOf(audience.topic) }];
    }
    const userIds = namedUsers(audience);
    const ids = await recipients.idsOf(userIds);
    return userIds.map((target) => ({ targetUserId: ids.get(target) as number, target, topicId: null }));
  }

  /** All or nothing: a list with a mistake in it is not sent to half of the people. */
  async #assertAddressed(audience: Audience): Promise<void> {
    const { find } = this.#parts.users ?? {};
    if (!find || audience === 'everyone' || 'topic' in audience) return;
    const userIds = namedUsers(audience);
    const field = 'user' in audience ? 'to.user' : 'to.users';
    const known = new Set(await find(userIds));
    const unknown = userIds.find((id) => !known.has(id));
    if (unknown === undefined) return;
    throw badField(field, toMessage('server.belfry.no-such-user', { id: unknown }));
  }

  async #change(userId: string, change: (userId: number) => Promise<Changed | null>): Promise<ChangeAnswer> {
    const id = await this.#parts.recipients.idOf(userId);
    const changed = await this.#changeAndTell(id, change);
    const summary = await this.#summaryOf(id);
    return changed?.undo ? { ...summary, undo: changed.undo } : summary;
  }

  async #changeSettings(
    userId: string,
    change: (userId: number) => Promise<Changed | null>,
  ): Promise<SettingsAnswer> {
    const id = await this.#parts.recipients.idOf(userId);
    await this.#changeAndTell(id, change);
    return this.#settingsOf(id);
  }

  async #settingsOf(userId: number): Promise<SettingsAnswer> {
    const { state } = await this.#summaryOf(userId);
    return { state, ...(await this.#parts.settings.read(userId)) };
  }

  async #changeAndTell(
    userId: number,
    change: (userId: number) => Promise<Changed | null>,
  ): Promise<Changed | null> {
    const { manager } = this.#parts;
    const { known } = manager;
    const changed = await change(userId);
    // After the commit: nobody is told what was rolled back.
    if (changed) await manager.changedInbox(userId, changed, known);
    return changed;
  }

  async #summaryOf(userId: number): Promise<ChangeAnswer> {
    const { manager, reader, history } = this.#parts;
    const { name } = history.current;
    return manager.wire.summary(await reader.readSummary(userId), name);
  }
}

function itemsOf(which: Named | OfGroup): Which {
  return 'ids' in which ? { eventIds: which.ids } : { groupKey: which.group, throughId: which.throughId };
}

/** Apart from the keys of what is sent otherwise. */
function askedKey(key: string): string {
  return `ask:${key}`;
}

function systemNotification(said: GlobalNotification, audience: Audience): ParsedSending {
  const { payload, delivery } = partsOf(said);
  return { ...delivery, eventType: SystemNotification.name, payload, audience };
}

/** What is said of a sending counts before what its definition says. */
function withDefaults(
  delivery: Delivery,
  { priority, expiresIn }: Pick<NotificationType, 'priority' | 'expiresIn'>,
): Delivery {
  const expires = delivery.expiresAt !== undefined || delivery.expiresIn !== undefined;
  return { ...delivery, priority: delivery.priority ?? priority, ...(expires ? {} : { expiresIn }) };
}

/** The same runner, which keeps what a statement threw at once: a promise would tell of it too late. */
function notingFailure(runner: SqlRunner): SqlRunner & { failure: unknown } {
  const noted: SqlRunner & { failure: unknown } = {
    dialect: runner.dialect,
    failure: undefined,
    query: (statement) => noting(() => runner.query(statement)),
    execute: (statement) => noting(() => runner.execute(statement)),
  };
  function noting<T>(ask: () => T): T {
    try {
      return ask();
    } catch (error) {
      noted.failure = error;
      throw error;
    }
  }
  return noted;
}
