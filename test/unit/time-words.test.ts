import { expect, test } from 'vitest';
import { describeInstantUtc, describeRelative } from '../../components/ui/time-words.ts';

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
  expect(describeRelative(after(ms), NOW)).toBe(words);
});

test('the server writes an instant the same way on every machine', () => {
  expect(describeInstantUtc('2026-11-23T15:40:59.123Z')).toBe('2026-11-23 15:40 UTC');
});
