/** What may be said when a notification is sent, checked the same at every door. */
import { z } from 'zod';
import { audienceSchema, userIdSchema } from '../protocol/audience.ts';
import { BelfryError, invalidInput } from '../protocol/errors.ts';
import { PRIORITIES } from '../protocol/priority.ts';
import { storableText } from '../protocol/text.ts';
import type { Delivery } from './provider.ts';
import { notificationPayload } from './system-notification.ts';

/** Ten years: further off is more likely a mistake of unit than a wish. */
const LONGEST_EXPIRY_SECONDS = 10 * 365 * 24 * 60 * 60;
// Who thinks further ahead than this has mistaken the unit.
const LATEST_SEND_MS = 365 * 24 * 60 * 60_000;
const KEY_LENGTH = 'An idempotency key has 1 to 300 characters.';

/** A Date from our own code, text over HTTP. */
function time(field: string) {
  const sentence = `Give ${field} as an ISO 8601 time with its zone, such as 2030-01-31T12:00:00Z.`;
  return z.union([z.date(), z.iso.datetime({ offset: true }).transform((text) => new Date(text))], sentence);
}

/** Everything beside what it says and to whom. */
export const deliverySchema = z.object({
  priority: z.enum(PRIORITIES, `The priority is one of ${PRIORITIES.join(', ')}.`).optional(),
  at: time('at').optional(),
  expiresAt: time('expiresAt').optional(),
  expiresIn: z
    .number('Give expiresIn as a number of seconds.')
    .positive('expiresIn is a number of seconds above 0.')
    .max(LONGEST_EXPIRY_SECONDS, 'expiresIn is a number of seconds, ten years at most.')
    .optional(),
  idempotencyKey: storableText().min(1, KEY_LENGTH).max(300, KEY_LENGTH).optional(),
  sentBy: storableText().optional(),
  askedBy: storableText().optional(),
});

/** A notification of any type; its payload is checked by its type. */
export const sendingSchema = deliverySchema.extend({ to: audienceSchema, payload: z.unknown() });

/** Everything that may be said of a `SystemNotification` for everybody. */
export const globalNotificationInput = deliverySchema.extend(notificationPayload.shape);

export const userNotificationInput = globalNotificationInput.extend({ targetUserId: userIdSchema });

/** @throws BelfryError `invalid_input` with `fieldErrors`. */
export function parseSending<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalidInput(parsed.error, 'The notification cannot be sent as it is: see the fields.');
}

/** When it is sent. @throws BelfryError `invalid_input` when that is in the past, or more than a year ahead. */
export function sendingTime({ at }: Delivery, now: Date): Date {
  if (at === undefined) return now;
  if (at.getTime() <= now.getTime()) {
    throw badTime('at', 'at lies in the past: choose a later time, or leave it out to send now.');
  }
  if (at.getTime() > now.getTime() + LATEST_SEND_MS) {
    throw badTime('at', 'at lies more than a year ahead: choose an earlier time.');
  }
  return at;
}

/** When a notification that is sent at `sentAt` expires; `null`: never. */
export function expiryOf({ expiresAt, expiresIn }: Delivery, sentAt: Date): Date | null {
  if (expiresAt && expiresIn !== undefined) {
    throw badTime('expiresAt', 'Give either expiresAt or expiresIn, not both.');
  }
  if (expiresIn !== undefined) return new Date(sentAt.getTime() + expiresIn * 1_000);
  if (!expiresAt) return null;
  if (expiresAt.getTime() <= sentAt.getTime()) {
    throw badTime('expiresAt', 'expiresAt lies in the past, or before at: choose a later time.');
  }
  if (expiresAt.getTime() > sentAt.getTime() + LONGEST_EXPIRY_SECONDS * 1_000) {
    throw badTime(
      'expiresAt',
      'expiresAt lies more than ten years ahead: choose an earlier time, or leave it out.',
    );
  }
  return expiresAt;
}

function badTime(field: string, sentence: string): BelfryError {
  return new BelfryError('invalid_input', sentence, { fieldErrors: { [field]: [sentence] } });
}
