import type { OwnMessages, Translate } from '../language/translate.ts';

/** How the reader tells times: see `useTimeWords`. */
export interface TimeWords {
  /** A BCP 47 tag. */
  locale: string;
  translate: Translate<OwnMessages>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
// From here on a date says more than a count of days.
const DATE_AFTER_DAYS = 14;

/** The last that was made: a page has one language, and to make one takes long. */
let kept: { locale: string; format: Intl.RelativeTimeFormat } | undefined;

function relativeIn(locale: string): Intl.RelativeTimeFormat {
  if (kept?.locale !== locale)
    kept = { locale, format: new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }) };
  return kept.format;
}

// No formatter is kept for the two that follow: it would keep the time zone as well, and the reader may travel.

/** "23 Nov 2026, 15:40", as the reader writes it, in their own time zone. */
export function describeInstant(at: string, locale: string): string {
  return new Date(at).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' });
}

function describeDay(at: string, locale: string): string {
  return new Date(at).toLocaleDateString(locale, { day: 'numeric', month: 'short', year: 'numeric' });
}

/** "2026-11-23 15:40 UTC": what server and browser both write, whoever reads it. */
export function describeInstantUtc(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}

// The days of a week ago and of today have the same name.
const WEEKDAY_WITHIN_DAYS = 7;

/**
 * How a list calls a day: "Today", "Yesterday", the weekday of the last seven, then the date, with its year where that
 * is another one.
 *
 * @param today Any instant of the reader's today, in milliseconds since 1970.
 */
export function describeDayOf(at: string | number, today: number, { locale, translate }: TimeWords): string {
  const instant = new Date(at);
  const ago = calendarDay(new Date(today)) - calendarDay(instant);
  if (ago === 0) return translate('belfry.inbox.today');
  if (ago === 1) return translate('belfry.inbox.yesterday');
  const isLately = ago > 0 && ago < WEEKDAY_WITHIN_DAYS;
  const isThisYear = instant.getFullYear() === new Date(today).getFullYear();
  const as = isLately ? 'weekday' : isThisYear ? 'date' : 'year';
  return dayFormat(locale, as).format(calendarDay(instant) * DAY_MS);
}

const DAY_FORMATS = {
  weekday: { weekday: 'long' },
  date: { weekday: 'short', day: 'numeric', month: 'long' },
  year: { weekday: 'short', day: 'numeric', month: 'long', year: 'numeric' },
} as const;

const keptDayFormats = /* @__PURE__ */ new Map<string, Intl.DateTimeFormat>();

/** For days as `calendarDay` counts them. These can be kept, wherever the reader goes: a long list has a hundred days. */
function dayFormat(locale: string, as: keyof typeof DAY_FORMATS): Intl.DateTimeFormat {
  const key = `${locale} ${as}`;
  const format =
    keptDayFormats.get(key) ?? new Intl.DateTimeFormat(locale, { ...DAY_FORMATS[as], timeZone: 'UTC' });
  keptDayFormats.set(key, format);
  return format;
}

/**
 * "just now", "3 minutes ago", "in 2 hours", "yesterday"; a date beyond two weeks. From a day on, days are
 * those of the reader's calendar: 37 hours ago is yesterday or two days ago, as midnights lie.
 */
export function describeRelative(at: string, now: number, { locale, translate }: TimeWords): string {
  const instant = new Date(at);
  const distance = instant.getTime() - now;
  const size = Math.abs(distance);
  if (size < MINUTE_MS) return translate(distance > 0 ? 'belfry.time.soon' : 'belfry.time.now');
  const relative = relativeIn(locale);
  if (size < HOUR_MS) return relative.format(Math.trunc(distance / MINUTE_MS), 'minute');
  const days = calendarDay(instant) - calendarDay(new Date(now));
  // The day on which clocks go back has 25 hours: its two ends are one day.
  if (size < DAY_MS || days === 0) return relative.format(Math.trunc(distance / HOUR_MS), 'hour');
  return Math.abs(days) < DATE_AFTER_DAYS ? relative.format(days, 'day') : describeDay(at, locale);
}

/** Which day it is where the reader is at the moment, as a count that grows by one at each midnight. */
export function calendarDay(instant: Date): number {
  return Date.UTC(instant.getFullYear(), instant.getMonth(), instant.getDate()) / DAY_MS;
}
