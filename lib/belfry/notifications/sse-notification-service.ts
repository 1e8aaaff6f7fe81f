/** The provider of notifications that delivers over server-sent events, by way of the event engine. */
import { z } from 'zod';
import type { EventManager } from '../engine/event-manager.ts';
import type { EventType } from '../engine/event-type.ts';
import { BelfryError, invalidInput } from '../protocol/errors.ts';
import { PRIORITIES } from '../protocol/event.ts';
import { storableText } from '../protocol/text.ts';
import type { EventStore, InboxState, SentEvent } from '../storage/event-store.ts';
import type {
  FetchUnreadOptions,
  GlobalNotification,
  NotificationProvider,
  SendOptions,
  Sent,
  UnreadPage,
  UserNotification,
} from './provider.ts';
import { notificationPayload, SystemNotification } from './system-notification.ts';

/** Ten years: further off is more likely a mistake of unit than a wish. */
const LONGEST_EXPIRY_SECONDS = 10 * 365 * 24 * 60 * 60;
const DEFAULT_PAGE_SIZE = 50;
const ISO_TIME = 'Give expiresAt as an ISO 8601 time with its zone, such as 2030-01-31T12:00:00Z.';

/** Everything that may be said of a notification for everybody. */
export const globalNotificationInput = notificationPayload.extend({
  priority: z.enum(PRIORITIES, `The priority is one of ${PRIORITIES.join(', ')}.`).optional(),
  // A Date from our own code, text over HTTP.
  expiresAt: z
    .union([z.date(), z.iso.datetime({ offset: true }).transform((text) => new Date(text))], ISO_TIME)
    .optional(),
  expiresIn: z
    .number('Give expiresIn as a number of seconds.')
    .positive('expiresIn is a number of seconds above 0.')
    .max(LONGEST_EXPIRY_SECONDS, 'expiresIn is a number of seconds, ten years at most.')
    .optional(),
  idempotencyKey: storableText()
    .min(1, 'An idempotency key has 1 to 300 characters.')
    .max(300, 'An idempotency key has 1 to 300 characters.')
    .optional(),
  sentBy: storableText().optional(),
});

export const userNotificationInput = globalNotificationInput.extend({
  targetUserId: z
    .int('targetUserId is the id of a user, a whole number above 0.')
    .positive('targetUserId is the id of a user, a whole number above 0.')
    .max(2_147_483_647, 'targetUserId is the id of a user, 2,147,483,647 at most.'),
});

export class SseNotificationService implements NotificationProvider {
  readonly supportsRealtime = true;
  readonly #manager: EventManager;
  readonly #store: EventStore;
  readonly #now: () => Date;

  constructor({
    manager,
    store,
    now = () => new Date(),
  }: { manager: EventManager; store: EventStore; now?: () => Date }) {
    this.#manager = manager;
    this.#store = store;
    this.#now = now;
  }

  async sendUserNotification(notification: UserNotification, options?: SendOptions): Promise<Sent> {
    const { targetUserId, ...rest } = parse(userNotificationInput, notification);
    return this.#send(rest, targetUserId, options);
  }

  async sendGlobalNotification(notification: GlobalNotification, options?: SendOptions): Promise<Sent> {
    return this.#send(parse(globalNotificationInput, notification), null, options);
  }

  async fetchUnread({ userId, cursor, limit = DEFAULT_PAGE_SIZE }: FetchUnreadOptions): Promise<UnreadPage> {
    // One more than asked for tells whether there is a next page.
    const page = await this.#store.readInbox({ userId, limit: limit + 1, order: 'newest', beforeId: cursor });
    const events = page.events.slice(0, limit);
    const nextCursor = page.events.length > limit ? (events.at(-1)?.id ?? null) : null;
    return { ...page, events, nextCursor };
  }

  async dismissItems({ userId, ids }: { userId: number; ids: readonly number[] }): Promise<InboxState> {
    const change = await this.#store.dismiss({ userId, eventIds: ids });
    if (change) this.#manager.announceInboxChange(userId, change);
    return this.#store.readInboxState(userId);
  }

  async dismissAll({ userId }: { userId: number }): Promise<InboxState & { clearedThroughId: number }> {
    const change = await this.#store.clear(userId);
    this.#manager.announceInboxChange(userId, change);
    return { ...(await this.#store.readInboxState(userId)), clearedThroughId: change.clearedThroughId };
  }

  sendEvent<Payload>(
    eventType: EventType<Payload>,
    targetUserId: number,
    payload: Payload,
  ): Promise<boolean> {
    return this.#manager.sendEphemeral(eventType, targetUserId, payload);
  }

  connectedUsers(eventType: EventType): Promise<number[]> {
    return this.#manager.connectedUsers(eventType);
  }

  recentGlobalNotifications(limit: number): Promise<SentEvent[]> {
    return this.#store.recentGlobal({ eventType: SystemNotification.name, limit });
  }

  async #send(
    notification: GlobalNotification,
    targetUserId: number | null,
    { tx }: SendOptions = {},
  ): Promise<Sent> {
    const { title, message, link, priority, idempotencyKey, sentBy } = notification;
    const draft = {
      eventType: SystemNotification.name,
      payload: link === undefined ? { title, message } : { title, message, link },
      targetUserId,
      priority,
      expiresAt: this.#expiry(notification),
      idempotencyKey,
      sentBy,
    };
    if (tx) {
      await this.#manager.createWithin(tx, draft);
      return { id: null };
    }
    const { id } = await this.#manager.create(draft);
    return { id };
  }

  #expiry({ expiresAt, expiresIn }: GlobalNotification): Date | null {
    const now = this.#now().getTime();
    if (expiresAt && expiresIn !== undefined) {
      throw badExpiry('Give either expiresAt or expiresIn, not both.');
    }
    if (expiresIn !== undefined) return new Date(now + expiresIn * 1_000);
    if (!expiresAt) return null;
    if (expiresAt.getTime() <= now) throw badExpiry('expiresAt lies in the past: choose a later time.');
    if (expiresAt.getTime() > now + LONGEST_EXPIRY_SECONDS * 1_000) {
      throw badExpiry('expiresAt lies more than ten years ahead: choose an earlier time, or leave it out.');
    }
    return expiresAt;
  }
}

function badExpiry(sentence: string): BelfryError {
  return new BelfryError('invalid_input', sentence, { fieldErrors: { expiresAt: [sentence] } });
}

function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalidInput(parsed.error, 'The notification cannot be sent as it is: see the fields.');
}
