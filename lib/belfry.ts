/**
 * The composition root: what this app's Belfry is made of, and what the app calls, from any server action, route or
 * page, in one line:
 *
 *     await sendUserNotification({ title: 'Build complete', message: 'Your report is ready.', targetUserId: user.id });
 *
 * Nothing is opened here: a build loads this file too.
 */

import {
  type Answer,
  type Asking,
  type Belfry,
  createBelfry,
  type EventBus,
  type EventType,
  type GlobalNotification,
  InProcessEventBus,
  type NotificationProvider,
  type NotificationType,
  type ProgressJob,
  type ProgressType,
  type QuestionType,
  type Sending,
  type SendOptions,
  type Sent,
  type SentEvent,
  type Starting,
  type UserNotification,
} from 'belfry';
import { RedisEventBus } from 'belfry/redis';
import type { Prisma } from '../generated/prisma/client.ts';
import { userIdsAfter, userIdsThatExist } from './auth/accounts.ts';
import { findEndedKeys, revalidateStreams } from './auth/stream-credentials.ts';
import { env } from './config/env.ts';
import { eventTypes } from './config/event-types.ts';
import { processSingleton } from './config/process-singleton.ts';
import { db, sqlOf } from './database/db.ts';
import { openSharedRedis } from './redis/redis.ts';
import { log } from './telemetry/log.ts';
import { gauge, metrics } from './telemetry/metrics.ts';
import { traced } from './telemetry/tracing.ts';

declare module 'belfry' {
  interface Register {
    transaction: Prisma.TransactionClient;
  }
}

/** This app's Belfry, one in a process. */
export const belfry: Belfry = processSingleton('belfry', () => {
  const made = createBelfry({
    database: sqlOf(db),
    bus: createBus(),
    types: eventTypes,
    users: { find: userIdsThatExist, list: userIdsAfter },
    log,
    observer: env.tracing ? traced(metrics.engine) : metrics.engine,
    revalidate: revalidateStreams,
    findEnded: findEndedKeys,
    maxStreamsPerUser: env.maxStreamsPerUser,
    maxStreamMs: env.maxStreamMs,
    version: env.version,
  });
  gauge('belfry_streams', 'Open streams.', () => made.eventManager.streamCount);
  gauge('belfry_queue_depth', 'Events that wait to be distributed.', () => made.eventManager.queueDepth);
  gauge('belfry_bus_up', 'Whether the other instances can be reached: 1 or 0.', () =>
    Number(made.bus.isConnected),
  );
  return made;
});

const registered = processSingleton<{ provider: NotificationProvider }>('notification-provider', () => ({
  provider: belfry.notifications,
}));

/** Has routes, actions and pages talk to another provider from now on. */
export function registerNotificationProvider(provider: NotificationProvider): void {
  registered.provider = provider;
}

/** What routes, actions and pages talk to: Belfry's own provider, or the one that was registered last. */
export function notificationProvider(): NotificationProvider {
  return registered.provider;
}

/**
 * Sends a notification of any type: to one user, several, a topic, or everyone. Stored first, then delivered to whoever
 * is there; it waits for the others.
 *
 * @param options `{ tx }` sends as a part of the caller's own Prisma transaction.
 * @throws BelfryError `invalid_input` with `fieldErrors`.
 */
export function notify<Payload, Input>(
  type: NotificationType<Payload, Input>,
  sending: Sending<Input>,
  options?: SendOptions,
): Promise<Sent> {
  return notificationProvider().notify(type, sending, options);
}

/**
 * Asks, and waits for the first answer; `null` when the time is over. With the same `key`, whoever asks again, after a restart or
 * on another instance, gets the same answer.
 *
 * @throws BelfryError as `notify` does, and `shutting_down`.
 */
export function ask<Payload, Input, Inputs>(
  type: QuestionType<Payload, Input, Inputs>,
  asking: Asking<Input>,
): Promise<Answer<Inputs> | null> {
  return notificationProvider().ask(type, asking);
}

/** Takes back what was asked with a key. False: it was answered, over or withdrawn before. */
export function withdraw(options: { key: string }): Promise<boolean> {
  return notificationProvider().withdraw(options);
}

/**
 * Starts a long job for one user, which shows itself as one item that fills: what is reported is told and not stored, the end is stored
 * once. A job that died is said to be lost after a while.
 *
 * @throws BelfryError as `notify` does.
 */
export function progress<Payload, Input, Result, ResultInput>(
  type: ProgressType<Payload, Input, Result, ResultInput>,
  starting: Starting<Input>,
): Promise<ProgressJob<ResultInput>> {
  return notificationProvider().progress(type, starting);
}

/** Notifies one user, as `notify` does. */
export function sendUserNotification(notification: UserNotification, options?: SendOptions): Promise<Sent> {
  return notificationProvider().sendUserNotification(notification, options);
}

/** Notifies everybody with one row: who is signed in, who is not, and who signs up before it expires. */
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
export function sendEvent<Payload, Input>(
  eventType: EventType<Payload, Input>,
  targetUserId: string | number,
  payload: Input,
): Promise<boolean> {
  return notificationProvider().sendEvent(eventType, targetUserId, payload);
}

/** From now on the user has what is sent to the topic. */
export function subscribe(membership: { userId: string; topic: string }): Promise<{ changed: boolean }> {
  return notificationProvider().subscribe(membership);
}

/** From now on the user has no more of it, and keeps what they had. */
export function unsubscribe(membership: { userId: string; topic: string }): Promise<{ changed: boolean }> {
  return notificationProvider().unsubscribe(membership);
}

/** The topics that a user belongs to now. */
export function topicsOf(userId: string): Promise<string[]> {
  return notificationProvider().topicsOf(userId);
}

/** The users who belong to a topic now. */
export function membersOf(topic: string): Promise<string[]> {
  return notificationProvider().membersOf(topic);
}

/** The ids of the users who listen to this type of event now. */
export function connectedUsers(eventType: EventType): Promise<string[]> {
  return notificationProvider().connectedUsers(eventType);
}

/** The newest global notifications, newest first, and what became of them. */
export function recentGlobalNotifications(limit = 20): Promise<SentEvent[]> {
  return notificationProvider().recentGlobalNotifications(limit);
}

function createBus(): EventBus {
  const { redisUrl } = env;
  if (!redisUrl) return new InProcessEventBus();
  const bus: RedisEventBus = new RedisEventBus({
    open: (onError) => {
      const isAnswering = () => bus.isConnected;
      const { connection, prefix } = openSharedRedis(redisUrl, { onError, isAnswering });
      return { client: connection.ready, prefix };
    },
    log,
  });
  return bus;
}
