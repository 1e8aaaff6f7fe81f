/** The built-in notification: what an admin or a program writes as it is to be read. */
import { z } from 'zod';
import { defineNotification } from '../definitions/notification-type.ts';
import type { MessageKey } from '../language/message.ts';
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
    missing: 'server.belfry.title-missing',
    tooLong: 'server.belfry.title-too-long',
  }),
  /** Text with a little Markdown (protocol/markdown.ts); line breaks are kept. */
  message: blockOfText({
    max: LONGEST_MESSAGE,
    missing: 'server.belfry.message-missing',
    tooLong: 'server.belfry.message-too-long',
  }),
  /** Where a click leads. */
  link: lineOfText({
    max: 2_000,
    missing: 'server.belfry.link-missing',
    tooLong: 'server.belfry.link-too-long',
  })
    .refine(isSafeLink, 'server.belfry.link-unsafe' satisfies MessageKey)
    .optional(),
  /** What the link is called. Default: where it leads. */
  linkLabel: lineOfText({
    max: LONGEST_LINK_LABEL,
    missing: 'server.belfry.link-label-missing',
    tooLong: 'server.belfry.link-label-too-long',
  }).optional(),
});

export type NotificationPayload = z.infer<typeof notificationPayload>;

// What older versions took is shown as it is: a title is a title, whatever characters it holds.
const storedPayload = z.object({
  title: z.string(),
  message: z.string(),
  link: z.string().optional(),
  linkLabel: z.string().optional(),
});

export const SystemNotification = defineNotification({
  name: 'SystemNotification',
  payload: notificationPayload,
  stored: storedPayload,
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
