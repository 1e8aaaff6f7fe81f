/**
 * How a person wants to be told, by category: what clients read and write over HTTP. A client imports the types alone, which
 * take no room in the browser. What follows from them is in alerts.ts.
 */
import { z } from 'zod';
import type { MessageKey } from '../language/message.ts';
import { lineOfText, storableText } from './text.ts';

const TIME = 'server.belfry.settings.time' satisfies MessageKey;
const ZONE = 'server.belfry.settings.zone' satisfies MessageKey;
const DAYS = 'server.belfry.settings.days' satisfies MessageKey;
// No app has so many.
const MOST_CATEGORIES = 200;
const LONGEST_ZONE = 64;

/** `muted`: it is read from the start; `inbox`: it waits there; `toast`: it is shown as it comes. */
export const MODES = ['muted', 'inbox', 'toast'] as const;

export const categorySettingsSchema = z.strictObject({
  mode: z.enum(MODES),
  /** With a sound. Of the mode `toast` alone. */
  sound: z.boolean(),
  /** On the desktop, while the page is not looked at. Of the mode `toast` alone. */
  desktop: z.boolean(),
});

const clock = z.string(TIME).regex(/^([01]\d|2[0-3]):[0-5]\d$/, TIME);
const day = z.int(DAYS).min(1, DAYS).max(7, DAYS);

/** When nothing is shown as it comes but what is CRITICAL, by the clock on the wall of a zone. */
export const quietHoursSchema = z.strictObject({
  on: z.boolean(),
  /** `HH:MM`. */
  from: clock,
  /** `HH:MM`, the first minute that is not quiet; not later than `from`: on the next day. */
  to: clock,
  /** On which days they begin: 1 is Monday, 7 is Sunday. */
  days: z
    .array(day, DAYS)
    .max(7, DAYS)
    .transform((days) => [...new Set(days)].sort()),
  /** As the IANA names it: `Europe/Berlin`. */
  timeZone: z.string(ZONE).max(LONGEST_ZONE, ZONE).refine(isTimeZone, ZONE),
});

export const notificationSettingsSchema = z.strictObject({
  /** By name. A category that is not named is as `DEFAULT_CATEGORY_SETTINGS` of alerts.ts. */
  categories: z
    .record(z.string(), categorySettingsSchema)
    .refine((categories) => Object.keys(categories).length <= MOST_CATEGORIES, {
      message: 'server.belfry.settings.too-many' satisfies MessageKey,
      params: { most: MOST_CATEGORIES },
    }),
  quietHours: quietHoursSchema.nullable(),
});

/** `POST /notifications/follow` and `unfollow`. */
export const topicSchema = z.strictObject({
  topic: lineOfText({
    max: 200,
    missing: 'server.belfry.topic-missing',
    tooLong: 'server.belfry.topic-too-long',
  }).pipe(storableText()),
});

/** `GET /notifications/settings`, and the answer to each change of them. */
export interface SettingsAnswer {
  /** The position that the user's inbox had then: see inbox-state.ts. */
  state: string;
  settings: NotificationSettings;
  /** The last change of them; 0: there never was one. As in each summary of the inbox: see item.ts. */
  settingsRevision: number;
  /** The categories that there are to choose by. */
  categories: { name: string }[];
  /** What the person follows, or has left by themselves and may come back to. */
  topics: { name: string; isFollowed: boolean }[];
  /** What of these categories came after this event is read from the start. */
  muted: MutedCategory[];
}

export interface MutedCategory {
  category: string;
  sinceEventId: number;
}

export type NotificationSettings = z.output<typeof notificationSettingsSchema>;
export type CategorySettings = z.output<typeof categorySettingsSchema>;
export type Mode = (typeof MODES)[number];
export type QuietHours = z.output<typeof quietHoursSchema>;

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}
