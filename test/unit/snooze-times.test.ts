/** Until when something is put off: what the clocks say where the reader is. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { chosenTime, snoozeLimits, snoozeTimes } from '../../lib/belfry/react/snooze-times.ts';

afterEach(() => vi.unstubAllEnvs());

/** What is offered, by name, as clocks show it. */
function offered(now: string, zone = 'Europe/Berlin') {
  vi.stubEnv('TZ', zone);
  const clock = new Intl.DateTimeFormat('sv', { dateStyle: 'short', timeStyle: 'short' });
  return Object.fromEntries(snoozeTimes(new Date(now)).map(({ name, at }) => [name, clock.format(at)]));
}

test('on a Thursday morning all four are offered, each at its hour', () => {
  expect(offered('2026-11-26T09:20')).toEqual({
    hour: '2026-11-26 10:20',
    evening: '2026-11-26 18:00',
    tomorrow: '2026-11-27 09:00',
    week: '2026-11-30 09:00',
  });
});

test.each([
  ['16:59', true],
  ['17:00', false],
])('at %s this evening is offered: %s', (time, isOffered) => {
  expect('evening' in offered(`2026-11-26T${time}`)).toBe(isOffered);
});

test('on a Monday next week is seven days away, and on a Sunday it is tomorrow and not offered twice', () => {
  expect(offered('2026-11-30T08:00').week).toBe('2026-12-07 09:00');
  expect(offered('2026-11-29T08:00')).toMatchObject({ tomorrow: '2026-11-30 09:00' });
  expect(offered('2026-11-29T08:00')).not.toHaveProperty('week');
});

describe('over a change of the clocks', () => {
  test.each([
    ['to summer time', '2026-03-28T20:00', '2026-03-29 09:00', 12],
    ['to winter time', '2026-10-24T20:00', '2026-10-25 09:00', 14],
  ])('%s tomorrow at nine is at nine', (_change, now, morning, hoursLater) => {
    expect(offered(now).tomorrow).toBe(morning);
    const tomorrow = snoozeTimes(new Date(now)).find(({ name }) => name === 'tomorrow')?.at;
    expect((Number(tomorrow) - Number(new Date(now))) / 3_600_000).toBe(hoursLater);
  });

  test('an hour is an hour, whatever the clocks say', () => {
    expect(offered('2026-03-29T01:30').hour).toBe('2026-03-29 03:30');
  });
});

test('a field lets choose from the next minute to the end of 365 days, by the clocks of the reader', () => {
  vi.stubEnv('TZ', 'Asia/Taipei');
  const now = new Date('2026-11-28T16:20:30Z');
  expect(snoozeLimits(now)).toEqual({ min: '2026-11-29T00:21', max: '2027-11-29T00:19' });
  for (const field of Object.values(snoozeLimits(now))) expect(chosenTime(field, now)).not.toBeNull();
  expect(chosenTime('2026-11-30T09:00', now)?.toISOString()).toBe('2026-11-30T01:00:00.000Z');
  for (const field of ['', 'soon', '2026-11-29T00:20', '2027-11-30T09:00'])
    expect(chosenTime(field, now), field).toBeNull();
});
