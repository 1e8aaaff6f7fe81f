/**
 * The contract between an app and whatever delivers its notifications. Routes, actions and pages talk
 * to this. Users are named by the app's own ids, whatever they look like.
 */
import type { EventType } from '../definitions/event-type.ts';
import type { NotificationType } from '../definitions/notification-type.ts';
import type { ProgressType } from '../definitions/progress-type.ts';
import type { Answer, QuestionType } from '../definitions/question-type.ts';
import type { SentEvent } from '../inbox/sent-events.ts';
import type { Reader } from '../language/translate.ts';
import type { ProgressJob } from '../progress/running-job.ts';
import type { AudienceInput } from '../protocol/audience.ts';
import type { ChangeAnswer, InboxChanges, InboxPage, View } from '../protocol/item.ts';
import type { Priority } from '../protocol/priority.ts';
import type { SettingsAnswer } from '../protocol/settings.ts';
import type { Answered } from '../questions/questions.ts';
import type { Delivery } from './sending.ts';
import type { NotificationPayload } from './system-notification.ts';

/** A notification of any type: to whom, and what its definition asks for. */
export interface Sending<Payload = unknown> extends Delivery {
  to: AudienceInput;
  payload: Payload;
}

/** A `SystemNotification` for everybody. */
export interface GlobalNotification extends NotificationPayload, Delivery {}

/** A `SystemNotification` for one user. */
export interface UserNotification extends GlobalNotification {
  /** The app's own id of the user; a number stands for its digits. */
  targetUserId: string | number;
}

export interface SendOptions {
  /**
   * The caller's own transaction, as the library behind the database's port hands it out: the notification is
   * stored with it, delivered after the commit, and never after a roll-back. Whether the ids are users is not asked then:
   * they may become so in it. In a transaction that is synchronous (Drizzle on better-sqlite3) nothing need be awaited,
   * and what is refused is thrown at once. Default: a transaction of its own.
   */
  tx?: unknown;
}

export interface Sent {
  /**
   * The notification's id; the first one's when it went to several people by name; `null` when it was sent
   * inside a transaction, or is sent later (`at`): it gets its id after the commit, or then.
   */
  id: number | null;
}

export interface FetchPageOptions {
  userId: string;
  /** Default `inbox`: neither done nor snoozed. */
  view?: View | undefined;
  /** Only what is of this category. */
  category?: string | undefined;
  /** Only what is of one of these priorities. */
  priorities?: readonly Priority[] | undefined;
  /** Only what holds each of these words, in the reader's language: see protocol/search.ts. */
  q?: string | undefined;
  /** Only what is of this group: the `groupKey` of its items. Goes with the view `inbox` alone. */
  group?: string | undefined;
  /** The `nextCursor` of the page before. Default: from the newest. */
  cursor?: string | undefined;
  /** 1 to 100. Default 50. */
  limit?: number | undefined;
  /** In whose words. Default: English, in UTC. */
  reader?: Reader | undefined;
}

export interface FetchChangesOptions {
  userId: string;
  /** The `state` of an earlier answer. */
  since: string;
  /** In whose words. Default: English, in UTC. */
  reader?: Reader | undefined;
}

/** Some of a user's items, by name. Ids that are unknown or somebody else's change nothing, and nothing is told of them. */
export interface Named {
  userId: string;
  ids: readonly number[];
}

/** What of a group is in a user's inbox, up to an event, which is what they have seen of it. */
export interface OfGroup {
  userId: string;
  /** The `groupKey` of its items. */
  group: string;
  throughId: number;
}

/** Everything of a user's up to an event, which is what they have seen of it. Default: all there is at that moment. */
export interface Through {
  userId: string;
  throughId?: number | undefined;
}

/** An action that somebody takes. */
export interface Acting {
  userId: string;
  id: number;
  action: string;
  /** What the action asks for: of a field, its text. */
  input?: unknown;
}

/** What is asked, of whom, and for how long. */
export interface Asking<Payload = unknown>
  extends Omit<Sending<Payload>, 'at' | 'expiresAt' | 'expiresIn' | 'idempotencyKey' | 'askedBy'> {
  /** For how many seconds it can be answered. Default: as its definition says, or until it is withdrawn. */
  timeout?: number | undefined;
  /**
   * A name for this question. Whoever asks with it again, after a restart or elsewhere, gets the same answer. 1 to 290 characters.
   * Default: it is a question of its own, which nobody can come back to.
   */
  key?: string | undefined;
  /** Withdraws the question. Default: nothing does. */
  signal?: AbortSignal | undefined;
}

/** Which long job starts, and for whom. */
export interface Starting<Payload = unknown> {
  /** One user, by the app's own id. */
  to: { user: string | number };
  payload: Payload;
  /**
   * A name for this job, of this user's and this type's. A job that is started again with it goes on as the same item, and ends once: what
   * is started after the end tells nothing, for as long as that is kept. 1 to 200 characters. Default: it is a job of its own.
   */
  key?: string | undefined;
  /** After how many seconds without a sign of its process it is said to be lost: 1 to 86,400. Default 60. */
  silentAfter?: number | undefined;
}

export interface WaitForAnswer {
  /** Of the notification. */
  id: number;
  /** As it was said when it was sent. */
  askedBy: string;
  signal?: AbortSignal | undefined;
}

export interface NotificationProvider {
  /** Whether what is sent reaches a connected user at once. False: clients have to poll. */
  readonly supportsRealtime: boolean;
  /** Stores a notification of a registered type, then delivers it. Resolves once it is durable. */
  notify<Payload, Input>(
    type: NotificationType<Payload, Input>,
    sending: Sending<Input>,
    options?: SendOptions,
  ): Promise<Sent>;
  /** As `notify`, for a `SystemNotification` to one user. */
  sendUserNotification(notification: UserNotification, options?: SendOptions): Promise<Sent>;
  /** As `notify`, for a `SystemNotification` to everybody, whoever they are: one row. */
  sendGlobalNotification(notification: GlobalNotification, options?: SendOptions): Promise<Sent>;
  /** A page of what the user has, newest first. No side effect. */
  fetchPage(options: FetchPageOptions): Promise<InboxPage>;
  /** What changed since a position. Refuses with `cannot_calculate_changes` where it cannot be told: then fetch a page. */
  fetchChanges(options: FetchChangesOptions): Promise<InboxChanges>;
  dismiss(which: Named | OfGroup): Promise<ChangeAnswer>;
  clear(through: Through): Promise<ChangeAnswer>;
  read(which: Named | OfGroup | Through): Promise<ChangeAnswer>;
  unread(named: Named): Promise<ChangeAnswer>;
  restore(named: Named): Promise<ChangeAnswer>;
  snooze(named: Named & { until: Date }): Promise<ChangeAnswer>;
  /** These items, or everything up to an event, were on the user's screen. What was seen stays so. */
  see(which: Named | { userId: string; throughId: number }): Promise<ChangeAnswer>;
  undo(options: { userId: string; undo: string }): Promise<ChangeAnswer>;
  /** How the user wants to be told, and what they follow. */
  readSettings(options: { userId: string }): Promise<SettingsAnswer>;
  /**
   * Keeps how the user wants to be told, in place of what was kept before. Each of their tabs is told.
   *
   * @throws BelfryError `invalid_input` with `fieldErrors`.
   */
  saveSettings(options: { userId: string; settings: unknown }): Promise<SettingsAnswer>;
  /** The user comes back to a topic that they left by themselves. To any other nobody comes by asking: nothing happens. */
  follow(membership: { userId: string; topic: string }): Promise<SettingsAnswer>;
  /** The user leaves a topic, and may come back to it by themselves. */
  unfollow(membership: { userId: string; topic: string }): Promise<SettingsAnswer>;
  /**
   * Takes an action of an item. It runs once: the same again changes nothing.
   *
   * @throws BelfryError `not_found`, `invalid_input`, `already_answered`, `expired`, and what the action itself refuses.
   */
  act(options: Acting): Promise<ChangeAnswer>;
  /**
   * Asks, and waits for the first answer. It is kept: with the same `key`, whoever asks again, here or elsewhere, waits for the
   * same answer or gets it at once.
   *
   * @returns `null` when the time is over, or the question was withdrawn.
   * @throws BelfryError as `notify` does, and `shutting_down`: ask again then, with the same key.
   */
  ask<Payload, Input, Inputs>(
    type: QuestionType<Payload, Input, Inputs>,
    asking: Asking<Input>,
  ): Promise<Answer<Inputs> | null>;
  /** Takes back what was asked with a key: nobody is shown it any more. False: it was answered, over or withdrawn before. */
  withdraw(options: { key: string }): Promise<boolean>;
  /**
   * Waits for the answer to a question by the id of its notification, until it is over or the signal comes.
   *
   * @throws BelfryError `not_found` when `askedBy` asked no such question.
   */
  waitForAnswer(options: WaitForAnswer): Promise<Answered | null>;
  /**
   * Starts a long job, which shows itself as one item that fills. What is reported is told to whoever is connected, and never stored;
   * the end is stored and delivered as any notification, once. A job that died, or reports nothing for an hour, is said to be lost
   * after a while. If it ends all the same, that is told too, by a notification of its own.
   *
   * @throws BelfryError as `notify` does.
   */
  progress<Payload, Input, Result, ResultInput>(
    type: ProgressType<Payload, Input, Result, ResultInput>,
    starting: Starting<Input>,
  ): Promise<ProgressJob<ResultInput>>;
  /** To whoever is connected, never stored. Says whether anyone was there. */
  sendEvent<Payload, Input>(
    eventType: EventType<Payload, Input>,
    userId: string | number,
    payload: Input,
  ): Promise<boolean>;
  /** The users who listen to this type now. */
  connectedUsers(eventType: EventType): Promise<string[]>;
  /** From now on the user has what is sent to the topic, also who had left it by themselves. */
  subscribe(membership: { userId: string; topic: string }): Promise<{ changed: boolean }>;
  /** From now on the user has no more of it, and keeps what they had. They cannot come back by themselves. */
  unsubscribe(membership: { userId: string; topic: string }): Promise<{ changed: boolean }>;
  topicsOf(userId: string): Promise<string[]>;
  membersOf(topic: string): Promise<string[]>;
  /** The newest global notifications, expired ones included, and what became of them. */
  recentGlobalNotifications(limit: number): Promise<SentEvent[]>;
}

export type { SentEvent };
