import { afterEach, describe, expect, test } from 'vitest';
import { describeInstant, describeInstantUtc, describeRelative } from '../../lib/belfry/react/time-words.ts';
import { translate } from '../support/english.ts';

const ENGLISH = { locale: 'en-GB', translate };
const NOW = Date.parse('2026-11-23T12:00:00Z');
const after = (ms: number) => new Date(NOW + ms).toISOString();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([
  [0, 'just now'],
  [-59_999, 'just now'],
  [-MINUTE, '1 minute ago'],
  [-59 * MINUTE, '59 minutes ago'],
  [-HOUR, '1 hour ago'],
  [-23 * HOUR, '23 hours ago'],
  [-DAY, 'yesterday'],
  [-13 * DAY, '13 days ago'],
  [-20 * DAY, '3 Nov 2026'],
  [30_000, 'in under a minute'],
  [90 * MINUTE, 'in 1 hour'],
  [DAY, 'tomorrow'],
])('%i ms from now is told as "%s"', (ms, words) => {
  expect(describeRelative(after(ms), NOW, ENGLISH)).toBe(words);
});

test('the server writes an instant the same way on every machine', () => {
  expect(describeInstantUtc('2026-11-23T15:40:59.123Z')).toBe('2026-11-23 15:40 UTC');
});

describe('days are those of the calendar where the reader is', () => {
  const ZONE = process.env.TZ;
  afterEach(() => {
    if (ZONE === undefined) delete process.env.TZ;
    else process.env.TZ = ZONE;
  });

  test.each([
    [
      'two midnights ago, though it is less than two days',
      'Europe/Berlin',
      '2026-11-23T22:00:00Z',
      '2026-11-25T11:00:00Z',
      '2 days ago',
    ],
    [
      'the same two instants where one midnight lies between',
      'America/New_York',
      '2026-11-23T22:00:00Z',
      '2026-11-25T04:00:00Z',
      'yesterday',
    ],
    [
      'the same two instants where two do',
      'Europe/Berlin',
      '2026-11-23T22:00:00Z',
      '2026-11-25T04:00:00Z',
      '2 days ago',
    ],
    [
      'a minute before midnight',
      'Pacific/Auckland',
      '2026-11-23T10:00:00Z',
      '2026-11-25T10:59:00Z',
      '2 days ago',
    ],
    ['a minute after it', 'Pacific/Auckland', '2026-11-23T10:00:00Z', '2026-11-25T11:00:00Z', '3 days ago'],
    [
      'less than a day is told in hours, also across midnight',
      'Europe/Berlin',
      '2026-11-24T21:00:00Z',
      '2026-11-25T00:00:00Z',
      '3 hours ago',
    ],
    [
      'the two ends of a day of 25 hours',
      'Europe/Berlin',
      '2026-10-24T22:01:00Z',
      '2026-10-25T22:30:00Z',
      '24 hours ago',
    ],
    [
      'the day after a day of 25 hours',
      'Europe/Berlin',
      '2026-10-24T22:01:00Z',
      '2026-10-25T23:00:00Z',
      'yesterday',
    ],
    [
      'a day of 23 hours lies between',
      'Europe/Berlin',
      '2026-03-28T12:00:00Z',
      '2026-03-30T10:00:00Z',
      '2 days ago',
    ],
    [
      'a day that a zone left out',
      'Pacific/Apia',
      '2011-12-29T20:00:00Z',
      '2011-12-31T09:00:00Z',
      '2 days ago',
    ],
    ['what is to come', 'Europe/Berlin', '2026-11-27T00:00:00Z', '2026-11-25T22:30:00Z', 'in 2 days'],
    ['tomorrow', 'Europe/Berlin', '2026-11-26T22:30:00Z', '2026-11-25T22:00:00Z', 'tomorrow'],
    ['the 13th day', 'Europe/Berlin', '2026-11-11T23:30:00Z', '2026-11-25T22:00:00Z', '13 days ago'],
    ['the 14th', 'Europe/Berlin', '2026-11-11T22:30:00Z', '2026-11-25T22:00:00Z', '11 Nov 2026'],
  ])('%s (%s)', (_what, zone, at, now, words) => {
    process.env.TZ = zone;
    expect(describeRelative(at, Date.parse(now), ENGLISH)).toBe(words);
  });

  test('and follow whoever travels', () => {
    const at = '2026-11-23T22:00:00Z';
    const now = Date.parse('2026-11-25T04:00:00Z');
    process.env.TZ = 'Europe/Berlin';
    expect([describeRelative(at, now, ENGLISH), describeInstant(at, 'en-GB')]).toEqual([
      '2 days ago',
      '23 Nov 2026, 23:00',
    ]);
    process.env.TZ = 'Asia/Tokyo';
    expect([describeRelative(at, now, ENGLISH), describeInstant(at, 'en-GB')]).toEqual([
      'yesterday',
      '24 Nov 2026, 07:00',
    ]);
  });
});
