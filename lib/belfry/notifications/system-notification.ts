/** The built-in notification: what an admin or a program writes as it is to be read. */
import { z } from 'zod';
import { defineNotification } from '../definitions/notification-type.ts';
import { isSafeLink } from '../protocol/site-path.ts';
import { blockOfText, lineOfText } from '../protocol/text.ts';

// In the units of `lengthOf`.
export const LONGEST_TITLE = 200;
export const LONGEST_MESSAGE = 10_000;
export const LONGEST_LINK_LABEL = 60;

export const notificationPayload = z.object({
  /** Plain text, one line. */
  title: lineOfText({
    max: LONGEST_TITLE,
    missing: 'Give the notification a title.',
    tooLong: 'Keep the title to 200 characters.',
  }),
  /** Text with a little Markdown (protocol/markdown.ts); line breaks are kept. */
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
  /** What the link is called. Default: where it leads. */
  linkLabel: lineOfText({
    max: LONGEST_LINK_LABEL,
    missing: 'Give the link a label, or leave it out.',
    tooLong: 'Keep the label of the link to 60 characters.',
  }).optional(),
});

export type NotificationPayload = z.infer<typeof notificationPayload>;

export const SystemNotification = defineNotification({
  name: 'SystemNotification',
  payload: notificationPayload,
  category: 'system',
  render: ({ payload }) => payload,
});

/** What a notification says, and what is said of it. A member that was left out is none of the payload. */
export function partsOf<Said extends NotificationPayload>({
  title,
  message,
  link,
  linkLabel,
  ...delivery
}: Said): { payload: NotificationPayload; delivery: Omit<Said, keyof NotificationPayload> } {
  const given = Object.entries({ link, linkLabel }).filter(([, value]) => value !== undefined);
  return { payload: { title, message, ...Object.fromEntries(given) }, delivery };
}
