/** For how long what was done can be taken back with one press. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createUndoOffers, OFFERED_FOR_MS } from '../../lib/belfry/react/undo-offers.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const done = (token: string) => ({ kind: 'done' as const, count: 1, tokens: Promise.resolve([token]) });

test('it is offered for ten seconds from the last that was done, and then no more', async () => {
  const offers = createUndoOffers();
  offers.offer(done('a'));
  vi.advanceTimersByTime(OFFERED_FOR_MS - 1);
  offers.offer(done('b'));
  vi.advanceTimersByTime(OFFERED_FOR_MS - 1);
  expect(await offers.newest()?.tokens).toEqual(['b']);
  vi.advanceTimersByTime(1);
  expect(offers.newest()).toBeNull();
  expect(offers.take()).toBeNull();
});

test('one after the other is taken back, the last of them first', async () => {
  const offers = createUndoOffers();
  for (const token of ['a', 'b', 'c']) offers.offer(done(token));
  const taken = [offers.take(), offers.take(), offers.take(), offers.take()];
  expect(await Promise.all(taken.map((each) => each?.tokens))).toEqual([['c'], ['b'], ['a'], undefined]);
});

test('it stays while somebody is at it, and for ten seconds more once nobody is', () => {
  const offers = createUndoOffers();
  offers.offer(done('a'));
  const [pointerLeaves, focusLeaves] = [offers.hold({}), offers.hold({})];
  vi.advanceTimersByTime(OFFERED_FOR_MS * 6);
  pointerLeaves();
  vi.advanceTimersByTime(OFFERED_FOR_MS * 6);
  expect(offers.newest()).not.toBeNull();
  focusLeaves();
  focusLeaves();
  vi.advanceTimersByTime(OFFERED_FOR_MS - 1);
  expect(offers.newest()).not.toBeNull();
  vi.advanceTimersByTime(1);
  expect(offers.newest()).toBeNull();
});

test('what the server refused is not offered any more, and what somebody else did neither', async () => {
  const offers = createUndoOffers();
  offers.beginFor(0);
  const refused = Promise.resolve([]);
  offers.offer({ kind: 'done', count: 2, tokens: refused });
  expect(offers.newest()).not.toBeNull();
  await refused;
  expect(offers.newest()).toBeNull();
  offers.offer(done('a'));
  offers.beginFor(0);
  expect(offers.newest()).not.toBeNull();
  offers.beginFor(1);
  expect(offers.newest()).toBeNull();
});
