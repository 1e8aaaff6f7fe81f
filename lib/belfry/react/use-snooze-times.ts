'use client';

import { useState } from 'react';
import { useTimeWords } from './language.tsx';
import { serverClock } from './server-clock.ts';
import { chosenTime, type SnoozeName, snoozeLimits, snoozeTimes } from './snooze-times.ts';

/** A line of a menu for putting off. */
export interface SnoozeChoice {
  name: SnoozeName;
  /** For `snooze`: ISO 8601. */
  until: string;
  /** In the reader's language: "Tomorrow". */
  label: string;
  /** When that is: "Sun 09:00". */
  when: string;
}

/**
 * The lines of a menu for putting off, as of when it was opened, and what a field for any other time needs.
 *
 *     const { choices, field, untilOf } = useSnoozeTimes();
 *     choices.map(({ name, label, until }) => <button key={name} onClick={() => snooze([id], until)}>{label}</button>)
 *     <input {...field} onChange={({ target }) => setUntil(untilOf(target.value))} />
 */
export function useSnoozeTimes() {
  const { locale, translate } = useTimeWords();
  const [now] = useState(() => new Date(serverClock.now()));
  const choices = snoozeTimes(now).map(({ name, at }): SnoozeChoice => {
    const isToday = name === 'hour' || name === 'evening';
    const weekday = isToday ? undefined : 'short';
    return {
      name,
      until: at.toISOString(),
      label: translate(`belfry.snooze.${name}`),
      when: at.toLocaleString(locale, { weekday, hour: '2-digit', minute: '2-digit' }),
    };
  });
  return {
    choices,
    /** For an `<input>`. */
    field: { type: 'datetime-local' as const, ...snoozeLimits(now) },
    /** What such a field says, for `snooze`; `null`: not a time to put something off to. */
    untilOf: (value: string) => chosenTime(value, new Date(serverClock.now()))?.toISOString() ?? null,
  };
}
