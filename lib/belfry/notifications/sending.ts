/** What may be said when a notification is sent, checked the same at every door. */
import { z } from 'zod';
import { type MessageKey, toMessage } from '../language/message.ts';
import { audienceSchema, userIdSchema } from '../protocol/audience.ts';
import { badField, type InputOptions, parseInput } from '../protocol/errors.ts';
import { PRIORITIES, type Priority } from '../protocol/priority.ts';
import { storableText } from '../protocol/text.ts';
import { notificationPayload } from './system-notification.ts';

/** What may be said of any notification, beside what it says and to whom. */
export interface Delivery {
  /** Default: as its definition says, or NORMAL. */
  priority?: Priority | undefined;
  /**
   * When it is sent, up to a year ahead: stored and delivered then, once, by whichever instance is there, or as soon as
   * one is. Default: now.
   */
  at?: Date | undefined;
  /** Nobody is shown it from this instant on. Default: as its definition says, or never. Not together with `expiresIn`. */
  expiresAt?: Date | undefined;
  /** The same, as seconds from when it is sent. */
  expiresIn?: number | undefined;
  /**
   * Sending twice with one key sends once, and the second call gets the id of the first, as long as the
   * notification is kept. 1 to 300 characters. Default: every call sends.
   */
  idempotencyKey?: string | undefined;
  /** Who sends it, as the admin page shows it. */
  sentBy?: string | undefined;
  /** Of a question: who may read its answer by `waitForAnswer`. Default: nobody; `ask` needs none. */
  askedBy?: string | undefined;
}

/** Ten years: further off is more likely a mistake of unit than a wish. */
const LONGEST_EXPIRY_SECONDS = 10 * 365 * 24 * 60 * 60;
// Who thinks further ahead than this has mistaken the unit.
const LATEST_SEND_MS = 365 * 24 * 60 * 60_000;
const LONGEST_KEY = 300;

/** A Date from our own code, text over HTTP. */
const time = z.union(
  [
    z.date(),
    // Of a text that is none this option alone is told: the sentence of the union is not asked for then.
    z.iso
      .datetime({ offset: true, error: 'server.belfry.time' satisfies MessageKey })
      .transform((text) => new Date(text)),
  ],
  'server.belfry.time' satisfies MessageKey,
);

/** What makes one send of several. */
export function idempotencyKeySchema(longest: number) {
  return storableText()
    .min(1, 'server.belfry.key-missing' satisfies MessageKey)
    .max(longest, 'server.belfry.key-too-long' satisfies MessageKey);
}

/** Everything beside what it says and to whom. */
export const deliverySchema = z.object({
  priority: z.enum(PRIORITIES).optional(),
  at: time.optional(),
  expiresAt: time.optional(),
  expiresIn: z
    .number('server.belfry.expires-in' satisfies MessageKey)
    .positive('server.belfry.expires-in-too-small' satisfies MessageKey)
    .max(LONGEST_EXPIRY_SECONDS, 'server.belfry.expires-in-too-big' satisfies MessageKey)
    .optional(),
  idempotencyKey: idempotencyKeySchema(LONGEST_KEY).optional(),
  sentBy: storableText().optional(),
  askedBy: storableText().optional(),
});

/** A notification of any type; its payload is checked by its type. */
export const sendingSchema = deliverySchema.extend({ to: audienceSchema, payload: z.unknown() });

/** Everything that may be said of a `SystemNotification` for everybody. */
export const globalNotificationInput = deliverySchema.extend(notificationPayload.shape);

export const userNotificationInput = globalNotificationInput.extend({ targetUserId: userIdSchema });

/**
 * @param options.say Whose catalogue the messages of the schema are of: see `parseInput`.
 * @throws BelfryError `invalid_input` with `fieldErrors`.
 */
export function parseSending<T>(schema: z.ZodType<T>, input: unknown, options?: InputOptions): T {
  return parseInput(schema, input, toMessage('server.belfry.cannot-be-sent'), options);
}

/** When it is sent. @throws BelfryError `invalid_input` when that is in the past, or more than a year ahead. */
export function sendingTime({ at }: Delivery, now: Date): Date {
  if (at === undefined) return now;
  if (at.getTime() <= now.getTime()) {
    throw badField('at', toMessage('server.belfry.at-past'));
  }
  if (at.getTime() > now.getTime() + LATEST_SEND_MS) {
    throw badField('at', toMessage('server.belfry.at-too-far'));
  }
  return at;
}

/** When a notification that is sent at `sentAt` expires; `null`: never. */
export function expiryOf({ expiresAt, expiresIn }: Delivery, sentAt: Date): Date | null {
  if (expiresAt && expiresIn !== undefined) {
    throw badField('expiresAt', toMessage('server.belfry.expiry-twice'));
  }
  if (expiresIn !== undefined) return new Date(sentAt.getTime() + expiresIn * 1_000);
  if (!expiresAt) return null;
  if (expiresAt.getTime() <= sentAt.getTime()) {
    throw badField('expiresAt', toMessage('server.belfry.expiry-past'));
  }
  if (expiresAt.getTime() > sentAt.getTime() + LONGEST_EXPIRY_SECONDS * 1_000) {
    throw badField('expiresAt', toMessage('server.belfry.expiry-too-far'));
  }
  return expiresAt;
}
