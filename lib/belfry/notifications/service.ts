/**
 * What the app calls, from any server action, route or page, in one line:
 *
 *     await sendUserNotification({ title: 'Build complete', message: 'Your report is ready.', targetUserId: user.id });
 *
 * Each function hands over to the provider that start-up registered; see provider.ts for what they
 * promise.
 */

import type { EventType } from '../engine/event-type.ts';
import type { SentEvent } from '../storage/event-store.ts';
import {
  type GlobalNotification,
  notificationProvider,
  type SendOptions,
  type Sent,
  type UserNotification,
} from './provider.ts';

/**
 * Notifies one user. Stored first, then delivered if they are there; otherwise it waits for them.
 *
 * @param options `{ tx }` sends as a part of the caller's own Prisma transaction.
 * @throws BelfryError `invalid_input` with `fieldErrors`.
 */
export function sendUserNotification(notification: UserNotification, options?: SendOptions): Promise<Sent> {
  return notificationProvider().sendUserNotification(notification, options);
}

/**
 * Notifies everybody with one row: who is signed in, who is not, and who signs up before it expires.
 *
 * @throws BelfryError `invalid_input` with `fieldErrors`.
 */
export function sendGlobalNotification(
  notification: GlobalNotification,
  options?: SendOptions,
): Promise<Sent> {
  return notificationProvider().sendGlobalNotification(notification, options);
}

/**
 * Sends something fleeting, such as progress, to a user who is connected now. It is never stored.
 *
 * @returns Whether anyone was there.
 * @throws BelfryError `unknown_event_type` or `invalid_input`.
 */
export function sendEvent<Payload>(
  eventType: EventType<Payload>,
  targetUserId: number,
  payload: Payload,
): Promise<boolean> {
  return notificationProvider().sendEvent(eventType, targetUserId, payload);
}

/** The ids of the users who listen to this type of event now. */
export function connectedUsers(eventType: EventType): Promise<number[]> {
  return notificationProvider().connectedUsers(eventType);
}

/** The newest global notifications, newest first, and what became of them. */
export function recentGlobalNotifications(limit = 20): Promise<SentEvent[]> {
  return notificationProvider().recentGlobalNotifications(limit);
}
