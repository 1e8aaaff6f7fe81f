/** The built-in event type. Pure: the browser imports it too. */
import { z } from 'zod';
import { defineEventType } from '../events/event-type.ts';
import { sitePath } from '../site-path.ts';

/** A path on this site, or an http(s) address: anything else could run as a script. */
function isSafeLink(link: string): boolean {
  return sitePath(link) !== null || (/^https?:\/\//i.test(link) && URL.canParse(link));
}

export const notificationPayload = z.object({
  /** Plain text, one line. */
  title: z
    .string('Give the notification a title.')
    .trim()
    .min(1, 'Give the notification a title.')
    .max(200, 'Keep the title to 200 characters.'),
  /** Plain text; line breaks are kept. */
  message: z
    .string('Write a message.')
    .trim()
    .min(1, 'Write a message.')
    .max(10_000, 'Keep the message to 10,000 characters.'),
  /** Where a click leads. */
  link: z
    .string()
    .trim()
    .max(2_000, 'Keep the link to 2,000 characters.')
    .refine(isSafeLink, 'Start the link with / for a page of this site, or with https://.')
    .optional(),
});

export type NotificationPayload = z.infer<typeof notificationPayload>;

export const SystemNotification = defineEventType({
  name: 'SystemNotification',
  payload: notificationPayload,
});
