import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeenIds } from '../../lib/belfry/engine/seen-ids.ts';

test('an id is new once, and what came before the start is not new', () => {
  const seen = new SeenIds(10);
  expect([9, 10, 11, 11, 13, 12, 13].map((id) => seen.add(id))).toEqual([
    false,
    false,
    true,
    false,
    true,
    true,
    false,
  ]);
  expect(seen.upTo).toBe(13);
});

test('the mark stands before a gap until it is filled', () => {
  const seen = new SeenIds(0);
  seen.add(1);
  seen.add(3);
  seen.add(4);
  expect(seen.upTo).toBe(1);
  seen.add(2);
  expect(seen.upTo).toBe(4);
});

test('a gap that was given up counts as seen, and what had run ahead of it is still known', () => {
  const seen = new SeenIds(0);
  seen.add(3);
  seen.add(6);
  seen.skipTo(5);
  expect(seen.upTo).toBe(6);
  expect(seen.add(4)).toBe(false);
  expect(seen.add(6)).toBe(false);
  seen.skipTo(2);
  expect(seen.upTo).toBe(6);
});

test('in any order, with repetitions and gaps given up, it answers as a plain set would', () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant('add' as const), id: fc.integer({ min: 1, max: 40 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('skip' as const), id: fc.integer({ min: 1, max: 40 }) }),
    },
  );
  fc.assert(
    fc.property(fc.nat(20), fc.array(step, { maxLength: 80 }), (start, steps) => {
      const seen = new SeenIds(start);
      const model = new Set(Array.from({ length: start }, (_, index) => index + 1));
      for (const { do: what, id } of steps) {
        if (what === 'add') {
          expect(seen.add(id)).toBe(!model.has(id));
          model.add(id);
        } else {
          seen.skipTo(id);
          for (let below = 1; below <= id; below += 1) model.add(below);
        }
        let upTo = 0;
        while (model.has(upTo + 1)) upTo += 1;
        expect(seen.upTo).toBe(upTo);
      }
    }),
  );
});
