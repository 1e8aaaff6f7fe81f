/** What a person's settings say of an arrival. Pure, for both sides. */
import type { Priority } from './priority.ts';
import type { CategorySettings, NotificationSettings, QuietHours } from './settings.ts';

/** Of a category that nobody has said anything of. */
export const DEFAULT_CATEGORY_SETTINGS: CategorySettings = { mode: 'toast', sound: false, desktop: false };

/** Of a person who never said anything. */
export const DEFAULT_SETTINGS: NotificationSettings = { categories: {}, quietHours: null };

/** How an arrival makes itself known, beside being in the inbox. */
export interface Alerts {
  toast: boolean;
  sound: boolean;
  desktop: boolean;
}

const NONE: Alerts = { toast: false, sound: false, desktop: false };
const DAY_OF: Record<string, number> = { Mon: 1, Tue: 2, Wed: 3, Thu: 4, Fri: 5, Sat: 6, Sun: 7 };

/** What is said of a category. */
export function settingsOf({ categories }: NotificationSettings, category: string): CategorySettings {
  return (Object.hasOwn(categories, category) && categories[category]) || DEFAULT_CATEGORY_SETTINGS;
}

/**
 * In quiet hours only what is CRITICAL makes itself known. What is muted, or for the inbox only, never does, however urgent
 * it is: that was said of it by name.
 *
 * @param now Milliseconds since 1970.
 */
export function alertsOf(
  { category, priority }: { category: string; priority: Priority },
  settings: NotificationSettings,
  now: number,
): Alerts {
  const { mode, sound, desktop } = settingsOf(settings, category);
  if (mode !== 'toast' || (priority !== 'CRITICAL' && isQuiet(settings, now))) return NONE;
  return { toast: true, sound, desktop };
}

/**
 * Whether it is quiet now. The clock on the wall decides: where it is put forward past the beginning it is quiet from then
 * on, and an hour that it shows twice is quiet twice, or not at all.
 *
 * @param now Milliseconds since 1970.
 */
export function isQuiet({ quietHours }: Pick<NotificationSettings, 'quietHours'>, now: number): boolean {
  if (!quietHours?.on) return false;
  const { from, to, days } = quietHours;
  const { day, time } = wallClock(quietHours, now);
  if (from < to) return days.includes(day) && from <= time && time < to;
  // Over midnight, or a whole day: begun today, or yesterday.
  const yesterday = day === 1 ? 7 : day - 1;
  return (days.includes(day) && from <= time) || (days.includes(yesterday) && time < to);
}

/** A zone that this machine does not know, as an old browser may not, is UTC: no arrival may fail for it. */
function wallClock({ timeZone }: QuietHours, now: number): { day: number; time: string } {
  const parts = Object.fromEntries(
    formatIn(timeZone)
      .formatToParts(now)
      .map(({ type, value }) => [type, value]),
  );
  return { day: DAY_OF[parts.weekday ?? ''] ?? 1, time: `${parts.hour}:${parts.minute}` };
}

function formatIn(timeZone: string): Intl.DateTimeFormat {
  const options = { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  try {
    return new Intl.DateTimeFormat('en-US', { ...options, timeZone });
  } catch {
    return new Intl.DateTimeFormat('en-US', { ...options, timeZone: 'UTC' });
  }
}
