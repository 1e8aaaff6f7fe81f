/** The built-in event type. Pure: the browser imports it too. */
import { z } from 'zod';
import { defineEventType } from '../engine/event-type.ts';
import { sitePath } from '../protocol/site-path.ts';
import { blockOfText, lineOfText } from '../protocol/text.ts';

// In the units of `lengthOf`.
export const LONGEST_TITLE = 200;
export const LONGEST_MESSAGE = 10_000;

/** A path on this site, or an http(s) address: anything else could run as a script. */
function isSafeLink(link: string): boolean {
  return sitePath(link) !== null || (/^https?:\/\//i.test(link) && URL.canParse(link));
}

export const notificationPayload = z.object({
  /** Plain text, one line. */
  title: lineOfText({
    max: LONGEST_TITLE,
    missing: 'Give the notification a title.',
    tooLong: 'Keep the title to 200 characters.',
  }),
  /** Plain text; line breaks are kept. */
  message: blockOfText({
    max: LONGEST_MESSAGE,
    missing: 'Write a message.',
    tooLong: 'Keep the message to 10,000 characters.',
  }),
  /** Where a click leads. */
  link: lineOfText({
    max: 2_000,
    missing: 'Give the link an address, or leave it out.',
    tooLong: 'Keep the link to 2,000 characters.',
  })
    .refine(isSafeLink, 'Start the link with / for a page of this site, or with https://.')
    .optional(),
});

export type NotificationPayload = z.infer<typeof notificationPayload>;

export const SystemNotification = defineEventType({
  name: 'SystemNotification',
  payload: notificationPayload,
  category: 'system',
  describe: ({ title, message, link = null }) => ({ title, message, link }),
});
