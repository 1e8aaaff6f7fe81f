/**
 * The contract between the app and whatever delivers its notifications. Routes, actions and pages talk
 * to this; the service behind it registers itself at start-up.
 */

import { processSingleton } from '../../config/process-singleton.ts';
import type { EventType } from '../engine/event-type.ts';
import { BelfryError } from '../protocol/errors.ts';
import type { Priority } from '../protocol/event.ts';
import type { InboxPage, InboxState, SentEvent, Transaction } from '../storage/event-store.ts';
import type { NotificationPayload } from './system-notification.ts';

/** A notification for everybody. */
export interface GlobalNotification extends NotificationPayload {
  /** Default NORMAL. */
  priority?: Priority | undefined;
  /** Nobody is shown it from this instant on. Default: it does not expire. Not together with `expiresIn`. */
  expiresAt?: Date | undefined;
  /** The same, as seconds from now. */
  expiresIn?: number | undefined;
  /**
   * Sending twice with one key sends once, and the second call gets the id of the first, as long as the
   * notification is kept. 1 to 300 characters. Default: every call sends.
   */
  idempotencyKey?: string | undefined;
  /** Who sends it, as the admin page shows it. */
  sentBy?: string | undefined;
}

/** A notification for one user. */
export interface UserNotification extends GlobalNotification {
  targetUserId: number;
}

export interface SendOptions {
  /**
   * The caller's own Prisma transaction: the notification is stored with it, delivered after the commit,
   * and never after a roll-back. Default: a transaction of its own.
   */
  tx?: Transaction | undefined;
}

export interface Sent {
  /** The notification's id; `null` when it was sent inside a transaction: it gets its id after the commit. */
  id: number | null;
}

export interface FetchUnreadOptions {
  userId: number;
  /** The `nextCursor` of the page before. Default: from the newest. */
  cursor?: number | undefined;
  /** 1 to 100. Default 50. */
  limit?: number | undefined;
}

export interface UnreadPage extends InboxPage {
  /** Give it as `cursor` for the next page; `null` on the last. */
  nextCursor: number | null;
}

export interface NotificationProvider {
  /** Whether what is sent reaches a connected user at once. False: clients have to poll. */
  readonly supportsRealtime: boolean;
  /** Stores a notification for one user, then delivers it. Resolves once it is durable. */
  sendUserNotification(notification: UserNotification, options?: SendOptions): Promise<Sent>;
  /** Stores one row for everybody, whoever they are, then delivers it. Resolves once it is durable. */
  sendGlobalNotification(notification: GlobalNotification, options?: SendOptions): Promise<Sent>;
  /** What the user has not dismissed, newest first. No side effect. */
  fetchUnread(options: FetchUnreadOptions): Promise<UnreadPage>;
  /** Dismisses for this user alone. Foreign and unknown ids change nothing. Returns the new totals. */
  dismissItems(options: { userId: number; ids: readonly number[] }): Promise<InboxState>;
  /** Dismisses everything the user has now, in one write. Returns the new totals. */
  dismissAll(options: { userId: number }): Promise<InboxState & { clearedThroughId: number }>;
  /** To whoever is connected, never stored. Says whether anyone was there. */
  sendEvent<Payload>(eventType: EventType<Payload>, targetUserId: number, payload: Payload): Promise<boolean>;
  /** The users who listen to this type now. */
  connectedUsers(eventType: EventType): Promise<number[]>;
  /** The newest global notifications, expired ones included, and what became of them. */
  recentGlobalNotifications(limit: number): Promise<SentEvent[]>;
}

const holder = processSingleton<{ provider: NotificationProvider | null }>('notification-provider', () => ({
  provider: null,
}));

/** Called once, at start-up. A later call replaces the provider. */
export function registerNotificationProvider(provider: NotificationProvider): void {
  holder.provider = provider;
}

/** @throws BelfryError `shutting_down` before start-up has registered a provider. */
export function notificationProvider(): NotificationProvider {
  if (!holder.provider) {
    throw new BelfryError(
      'shutting_down',
      'Notifications are not running yet. They start with the server, in instrumentation.ts.',
      { retryAfterSeconds: 2 },
    );
  }
  return holder.provider;
}
