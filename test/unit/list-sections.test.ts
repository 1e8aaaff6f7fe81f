/** The days under which a list stands. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { entryOf } from '../../lib/belfry/client/inbox-model.ts';
import { translateIn } from '../../lib/belfry/react/language.tsx';
import { sectionsOf } from '../../lib/belfry/react/list-sections.ts';
import { english } from '../support/english.ts';
import { itemOf } from '../support/items.ts';

const words = { locale: 'en-GB', translate: translateIn(english) };

beforeEach(() => {
  vi.stubEnv('TZ', 'Europe/Berlin');
});
afterEach(() => vi.unstubAllEnvs());

/** A list, newest first, by when each came where the reader is. */
function headings(now: string, came: readonly string[]): Record<number, string> {
  const entries = came.map((at, index) =>
    entryOf(itemOf(100 - index, { createdAt: new Date(at).toISOString() })),
  );
  return Object.fromEntries(sectionsOf(entries, new Date(now).getTime(), words));
}

test('today, yesterday, a weekday of the last seven days, then a date, with its year where it is another', () => {
  expect(
    headings('2026-11-28T00:05', [
      '2026-11-28T00:01',
      '2026-11-27T23:59',
      '2026-11-27T00:00',
      '2026-11-26T12:00',
      '2026-11-22T00:00',
      '2026-11-21T23:59',
      '2026-01-02T10:00',
      '2025-12-31T10:00',
    ]),
  ).toEqual({
    0: 'Today',
    1: 'Yesterday',
    3: 'Thursday',
    4: 'Sunday',
    5: 'Sat 21 November',
    6: 'Fri 2 January',
    7: 'Wed, 31 December 2025',
  });
});

test('at midnight today becomes yesterday', () => {
  const came = ['2026-11-28T23:00', '2026-11-28T01:00'];
  expect(headings('2026-11-28T23:59', came)).toEqual({ 0: 'Today' });
  expect(headings('2026-11-29T00:00', came)).toEqual({ 0: 'Yesterday' });
});

test('a day is the one of the reader, also where clocks change on it', () => {
  expect(headings('2026-10-25T23:30', ['2026-10-25T23:00', '2026-10-25T00:30', '2026-10-24T23:30'])).toEqual({
    0: 'Today',
    2: 'Yesterday',
  });
});

test('what came back from a snooze stands where it came back, and no day is told twice', () => {
  expect(
    headings('2026-11-28T12:00', [
      '2026-11-28T11:00',
      '2026-11-20T09:00',
      '2026-11-28T10:00',
      '2026-11-27T10:00',
      '2026-11-01T10:00',
    ]),
  ).toEqual({ 0: 'Today', 3: 'Yesterday', 4: 'Sun 1 November' });
});

test('what is urgent and was fetched from further down has a heading of its own', () => {
  const at = new Date('2026-11-28T10:00').toISOString();
  const pinned = [itemOf(7, { priority: 'CRITICAL', createdAt: at }), itemOf(3, { createdAt: at })];
  const listed = [itemOf(90, { createdAt: at }), itemOf(80, { createdAt: at })];
  const entries = [...pinned, ...listed].map(entryOf);
  expect([...sectionsOf(entries, Date.parse(at), words)]).toEqual([
    [0, 'Urgent and unread'],
    [2, 'Today'],
  ]);
});

test('of ten thousand each day is told once, and of none nothing', () => {
  const came = Array.from({ length: 10_000 }, (_, index) =>
    new Date(Date.parse('2026-11-28T12:00Z') - index * 600_000).toISOString(),
  );
  const told = headings('2026-11-28T12:00', came);
  expect(Object.keys(told)).toHaveLength(70);
  expect(headings('2026-11-28T12:00', [])).toEqual({});
});
