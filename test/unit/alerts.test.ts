import { describe, expect, test } from 'vitest';
import { alertsOf, DEFAULT_SETTINGS, isQuiet, settingsOf } from '@/lib/belfry/protocol/alerts.ts';
import { PRIORITIES } from '@/lib/belfry/protocol/priority.ts';
import type { CategorySettings, NotificationSettings, QuietHours } from '@/lib/belfry/protocol/settings.ts';

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const MINUTE_MS = 60_000;

function quiet(hours: Partial<QuietHours>): Pick<NotificationSettings, 'quietHours'> {
  return {
    quietHours: { on: true, from: '22:00', to: '07:00', days: EVERY_DAY, timeZone: 'UTC', ...hours },
  };
}

/** At each of these instants, whether it is quiet. */
const heard = (settings: Pick<NotificationSettings, 'quietHours'>, instants: readonly string[]) =>
  instants.map((instant) => isQuiet(settings, Date.parse(instant)));

describe('quiet hours', () => {
  test('reach from the first minute up to the last, within a day and over midnight', () => {
    const day = quiet({ from: '12:00', to: '13:30' });
    expect(heard(day, ['2026-06-01T11:59:59Z', '2026-06-01T12:00:00Z'])).toEqual([false, true]);
    expect(heard(day, ['2026-06-01T13:29:59Z', '2026-06-01T13:30:00Z'])).toEqual([true, false]);
    const night = quiet({});
    expect(heard(night, ['2026-06-01T21:59:00Z', '2026-06-01T22:00:00Z'])).toEqual([false, true]);
    expect(heard(night, ['2026-06-02T00:00:00Z', '2026-06-02T06:59:00Z'])).toEqual([true, true]);
    expect(heard(night, ['2026-06-02T07:00:00Z'])).toEqual([false]);
  });

  test('that begin on some days end with the morning after these', () => {
    // 5 June 2026 is a Friday.
    const fridays = quiet({ days: [5] });
    expect(heard(fridays, ['2026-06-05T06:00:00Z', '2026-06-05T22:00:00Z'])).toEqual([false, true]);
    expect(heard(fridays, ['2026-06-06T06:59:00Z', '2026-06-06T22:00:00Z'])).toEqual([true, false]);
    const sundays = quiet({ days: [7] });
    expect(heard(sundays, ['2026-06-07T23:00:00Z', '2026-06-08T03:00:00Z'])).toEqual([true, true]);
    expect(heard(sundays, ['2026-06-07T03:00:00Z', '2026-06-08T23:00:00Z'])).toEqual([false, false]);
  });

  test('that end when they begin last a whole day', () => {
    const mondays = quiet({ from: '08:00', to: '08:00', days: [1] });
    expect(heard(mondays, ['2026-06-01T07:59:00Z', '2026-06-01T08:00:00Z'])).toEqual([false, true]);
    expect(heard(mondays, ['2026-06-02T07:59:00Z', '2026-06-02T08:00:00Z'])).toEqual([true, false]);
  });

  test.each([
    // Clocks go forward: from 01:59 to 03:00, or from 23:59 to 01:00.
    ['Europe/Berlin', '2026-03-28', '2026-03-28T21:00:00Z', '2026-03-29T05:00:00Z'],
    ['America/New_York', '2026-03-07', '2026-03-08T03:00:00Z', '2026-03-08T11:00:00Z'],
    ['America/Santiago', '2026-09-05', '2026-09-06T02:00:00Z', '2026-09-06T10:00:00Z'],
    // And back.
    ['Europe/Berlin', '2026-10-24', '2026-10-24T20:00:00Z', '2026-10-25T06:00:00Z'],
    ['America/New_York', '2026-10-31', '2026-11-01T02:00:00Z', '2026-11-01T12:00:00Z'],
    ['Australia/Lord_Howe', '2026-04-04', '2026-04-04T11:00:00Z', '2026-04-04T20:30:00Z'],
    // Never.
    ['Asia/Taipei', '2026-03-28', '2026-03-28T14:00:00Z', '2026-03-28T23:00:00Z'],
    ['Asia/Kathmandu', '2026-03-28', '2026-03-28T16:15:00Z', '2026-03-29T01:15:00Z'],
  ])(
    'in %s, in the night that begins on %s, are told by the clock on the wall',
    (timeZone, _day, from, to) => {
      const night = quiet({ timeZone });
      const [begins, ends] = [Date.parse(from), Date.parse(to)];
      expect(isQuiet(night, begins - MINUTE_MS)).toBe(false);
      for (let at = begins; at < ends; at += MINUTE_MS)
        expect(isQuiet(night, at), new Date(at).toISOString()).toBe(true);
      expect(isQuiet(night, ends)).toBe(false);
    },
  );

  test('that begin in an hour which is left out begin when the clock is beyond it', () => {
    const night = quiet({ from: '02:30', to: '04:00', timeZone: 'Europe/Berlin' });
    expect(heard(night, ['2026-03-29T00:59:00Z', '2026-03-29T01:00:00Z'])).toEqual([false, true]);
    expect(heard(night, ['2026-03-29T01:59:00Z', '2026-03-29T02:00:00Z'])).toEqual([true, false]);
  });

  test('that are off, of nobody, on no day, or of a zone that nobody knows, break nothing', () => {
    const now = ['2026-06-01T23:00:00Z'];
    expect(heard(quiet({ on: false }), now)).toEqual([false]);
    expect(heard({ quietHours: null }, now)).toEqual([false]);
    expect(heard(quiet({ days: [] }), now)).toEqual([false]);
    expect(heard(quiet({ timeZone: 'Europe/Atlantis' }), now)).toEqual([true]);
  });
});

describe('what makes itself known', () => {
  const NIGHT = Date.parse('2026-06-01T23:00:00Z');
  const DAY = Date.parse('2026-06-01T12:00:00Z');
  const settings = (chosen: CategorySettings): NotificationSettings => ({
    categories: { comments: chosen },
    ...quiet({}),
  });
  const ALL: CategorySettings = { mode: 'toast', sound: true, desktop: true };
  const NOTHING = { toast: false, sound: false, desktop: false };
  const of = (chosen: CategorySettings, priority: (typeof PRIORITIES)[number], now: number) =>
    alertsOf({ category: 'comments', priority }, settings(chosen), now);

  test('is a toast, where nobody has said otherwise', () => {
    const item = { category: 'constructor', priority: 'LOW' } as const;
    expect(alertsOf(item, DEFAULT_SETTINGS, NIGHT)).toEqual({ toast: true, sound: false, desktop: false });
    expect(settingsOf(DEFAULT_SETTINGS, 'toString').mode).toBe('toast');
  });

  test('is as its category says; by night only if it is critical', () => {
    for (const priority of PRIORITIES) {
      expect(of(ALL, priority, DAY)).toEqual({ toast: true, sound: true, desktop: true });
      expect(of(ALL, priority, NIGHT).toast).toBe(priority === 'CRITICAL');
    }
    expect(of({ mode: 'toast', sound: false, desktop: true }, 'CRITICAL', NIGHT)).toEqual({
      toast: true,
      sound: false,
      desktop: true,
    });
  });

  test('is nothing of what is muted or for the inbox only, however urgent', () => {
    for (const mode of ['muted', 'inbox'] as const) {
      for (const priority of PRIORITIES) expect(of({ ...ALL, mode }, priority, DAY)).toEqual(NOTHING);
    }
  });
});
