/** Times as they are given to commands. */

const HOUR_MS = 60 * 60_000;
const UNITS = { h: HOUR_MS, d: 24 * HOUR_MS } as const;

/** The milliseconds in `90d` or `12h`, or null when it is no such text. */
export function parseDuration(text: string): number | null {
  const [, count, unit] = /^(\d{1,5})([hd])$/.exec(text) ?? [];
  return count === undefined ? null : Number(count) * UNITS[unit as keyof typeof UNITS];
}

/** The beginning, in UTC, of a day such as `2027-01-31`, or null when there is no such day. */
export function parseDay(text: string): Date | null {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return null;
  const day = new Date(`${text}T00:00:00Z`);
  // 31 February would become 3 March.
  return Number.isNaN(day.getTime()) || !day.toISOString().startsWith(text) ? null : day;
}
