/** Statements that are put together once. */
import { expect, test } from 'vitest';
import { fixed, join, sql } from '@/lib/belfry/storage/database.ts';

test('each call has the text of the first, and its own values where they belong', () => {
  let built = 0;
  const between = fixed((above: number, through: number, kind: string) => {
    built += 1;
    const range = sql`id > ${above} AND id <= ${through}`;
    return sql`SELECT ${above} FROM belfry_event WHERE ${range} AND limit = ${7} AND kind IN (${join([kind, 'all'])})`;
  });
  const [first, second] = [between(1, 2, 'a'), between(3, 4, 'b')];
  expect([first.values, second.values]).toEqual([
    [1, 1, 2, 7, 'a', 'all'],
    [3, 3, 4, 7, 'b', 'all'],
  ]);
  const plain = sql`SELECT ${3} FROM belfry_event WHERE id > ${3} AND id <= ${4} AND limit = ${7} AND kind IN (${'b'},${'all'})`;
  expect([second.sql, second.text, second.strings]).toEqual([plain.sql, plain.text, plain.strings]);
  expect([second.sql === first.sql, built]).toEqual([true, 1]);
});

test('it may be a part of another statement', () => {
  const part = fixed((id: number) => sql`id = ${id}`);
  const whole = sql`SELECT 1 WHERE ${part(1)} OR ${part(2)}`;
  expect([whole.sql, whole.values]).toEqual(['SELECT 1 WHERE id = ? OR id = ?', [1, 2]]);
});

test('a value that the text would depend on is refused', () => {
  const next = fixed((id: number) => sql`SELECT ${id + 1}`);
  const quoted = fixed((name: string) => sql`SELECT ${`%${name}%`}`);
  expect(() => next(1)).toThrow(TypeError);
  expect(() => quoted('a')).toThrow(TypeError);
});
