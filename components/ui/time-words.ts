const LANGUAGE = 'en-GB';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
// From here on a date says more than a count of days.
const DATE_AFTER_MS = 14 * DAY_MS;

const relative = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: 'auto' });
const day = new Intl.DateTimeFormat(LANGUAGE, { day: 'numeric', month: 'short', year: 'numeric' });
const instant = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: 'medium', timeStyle: 'short' });

/** "23 Nov 2026, 15:40" in the reader's own time zone. */
export function describeInstant(at: string): string {
  return instant.format(new Date(at));
}

/** "2026-11-23 15:40 UTC": what server and browser both write, whoever reads it. */
export function describeInstantUtc(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}

/** "just now", "3 minutes ago", "in 2 hours", "yesterday"; a date beyond two weeks. */
export function describeRelative(at: string, now: number): string {
  const distance = new Date(at).getTime() - now;
  const size = Math.abs(distance);
  if (size < MINUTE_MS) return distance > 0 ? 'in under a minute' : 'just now';
  if (size < HOUR_MS) return relative.format(Math.trunc(distance / MINUTE_MS), 'minute');
  if (size < DAY_MS) return relative.format(Math.trunc(distance / HOUR_MS), 'hour');
  if (size < DATE_AFTER_MS) return relative.format(Math.trunc(distance / DAY_MS), 'day');
  return day.format(new Date(at));
}
