/** Until when something is put off, by its name in the menu. */
export type SnoozeName = 'hour' | 'evening' | 'tomorrow' | 'week';

/** One line of a menu for putting off. */
export interface SnoozeTime {
  name: SnoozeName;
  at: Date;
}

const HOUR_MS = 60 * 60_000;
const MORNING = 9;
const EVENING = 18;
// Later, "this evening" is hardly longer than an hour.
const EVENING_OFFERED_BEFORE = 17;
const MONDAY = 1;
const DAYS_OF_WEEK = 7;
/** The server takes no more. */
const MOST_DAYS = 365;

/**
 * Until when something may be put off with one press: an hour, this evening at 18:00, tomorrow at 9:00, and Monday at 9:00. Each
 * is what clocks will show where the reader is, also after a change to summer time. Those that are no choice of their own are left
 * out: this evening from 17:00 on, and on a Sunday Monday, which is tomorrow.
 */
export function snoozeTimes(now: Date): SnoozeTime[] {
  const toMonday = (MONDAY - now.getDay() + DAYS_OF_WEEK) % DAYS_OF_WEEK || DAYS_OF_WEEK;
  const times: SnoozeTime[] = [{ name: 'hour', at: new Date(now.getTime() + HOUR_MS) }];
  if (now.getHours() < EVENING_OFFERED_BEFORE) times.push({ name: 'evening', at: atHour(now, 0, EVENING) });
  times.push({ name: 'tomorrow', at: atHour(now, 1, MORNING) });
  if (toMonday > 1) times.push({ name: 'week', at: atHour(now, toMonday, MORNING) });
  return times;
}

/** For a field of the type `datetime-local`: from the next whole minute on, for 365 days. */
export function snoozeLimits(now: Date): { min: string; max: string } {
  const first = new Date(Math.floor(now.getTime() / 60_000 + 1) * 60_000);
  // A minute before the end: by the time that it is sent, a little has passed.
  const last = new Date(now.getTime() + MOST_DAYS * 24 * HOUR_MS - 60_000);
  return { min: toLocalField(first), max: toLocalField(last) };
}

/** What a field of the type `datetime-local` says, as an instant where the reader is; `null`: nothing, or not a time that may be chosen. */
export function chosenTime(field: string, now: Date): Date | null {
  const at = new Date(field);
  const isPossible = at > now && at.getTime() <= now.getTime() + MOST_DAYS * 24 * HOUR_MS;
  return field !== '' && isPossible ? at : null;
}

function atHour(now: Date, daysOn: number, hour: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + daysOn, hour);
}

/** As such a field has it: "2026-11-28T09:00", by the clocks where the reader is. */
function toLocalField(at: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}
