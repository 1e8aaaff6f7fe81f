import { z } from 'zod';
import { notificationPayload } from '@/lib/belfry/notifications/system-notification.ts';
import { PRIORITIES } from '@/lib/belfry/protocol/priority.ts';
import type { AppMessageKey } from '@/lib/language/messages.ts';

const HOUR_SECONDS = 60 * 60;
const DAY_SECONDS = 24 * HOUR_SECONDS;

/** The choices of the field "Expires" and what they come to. */
export const EXPIRY_SECONDS = {
  never: undefined,
  hour: HOUR_SECONDS,
  day: DAY_SECONDS,
  week: 7 * DAY_SECONDS,
  month: 30 * DAY_SECONDS,
};

const EXPIRIES = ['never', 'hour', 'day', 'week', 'month'] as const satisfies (keyof typeof EXPIRY_SECONDS)[];

/** What the form on the admin page sends. */
export const noticeForm = notificationPayload.extend({
  priority: z.enum(PRIORITIES, 'server.send.priority' satisfies AppMessageKey),
  expires: z.enum(EXPIRIES, 'server.send.expires' satisfies AppMessageKey),
  /** Made once for a draft, so that sending it again after a lost answer does not send it twice. */
  draftId: z.uuid(),
});
