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
const ISO_TIME = 'Give expiresAt as an ISO 8601 time with its zone, such as 2030-01-31T12:00:00Z.';
const KEY_LENGTH = 'An idempotency key has 1 to 300 characters.';

/** Everything beside what it says and to whom. */
export const deliverySchema = z.object({
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
  idempotencyKey: storableText().min(1, KEY_LENGTH).max(300, KEY_LENGTH).optional(),
  sentBy: storableText().optional(),
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

/** When a notification expires; `null`: never. */
export function expiryOf({ expiresAt, expiresIn }: Delivery, now: Date): Date | null {
  if (expiresAt && expiresIn !== undefined) {
    throw badExpiry('Give either expiresAt or expiresIn, not both.');
  }
  if (expiresIn !== undefined) return new Date(now.getTime() + expiresIn * 1_000);
  if (!expiresAt) return null;
  if (expiresAt.getTime() <= now.getTime())
    throw badExpiry('expiresAt lies in the past: choose a later time.');
  if (expiresAt.getTime() > now.getTime() + LONGEST_EXPIRY_SECONDS * 1_000) {
    throw badExpiry('expiresAt lies more than ten years ahead: choose an earlier time, or leave it out.');
  }
  return expiresAt;
}

function badExpiry(sentence: string): BelfryError {
  return new BelfryError('invalid_input', sentence, { fieldErrors: { expiresAt: [sentence] } });
}
