import { beforeEach, expect, test } from 'vitest';
import { FairLine } from '../../lib/auth/fair-line.ts';

let line: FairLine;
/** Who is being served, first come first. Calling one ends their turn. */
let serving: { who: string; leave: () => void }[];
let served: string[];
let refused: string[];

beforeEach(() => {
  line = new FairLine({ atOnce: 2, longestForOne: 5, longest: 12 });
  [serving, served, refused] = [[], [], []];
});

/** `ann 1`, `ann 2` and so on come for the client `ann`. */
async function come(client: string, count = 1, first = 1): Promise<void> {
  for (let n = first; n < first + count; n += 1) {
    const who = `${client} ${n}`;
    const turn = () => new Promise<void>((leave) => serving.push({ who, leave }));
    line.run(client, turn).then(
      () => served.push(who),
      () => refused.push(who),
    );
  }
  await settled();
}

/** Serves until nobody is left. Gives in which order their turns came. */
async function serveAll(): Promise<string[]> {
  const order: string[] = [];
  for (let next = serving.shift(); next; next = serving.shift()) {
    order.push(next.who);
    next.leave();
    await settled();
  }
  return order;
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('only so many are served at the same time', async () => {
  await come('ann', 4);
  expect(serving.map(({ who }) => who)).toEqual(['ann 1', 'ann 2']);
  expect(await serveAll()).toHaveLength(4);
  expect(served).toHaveLength(4);
});

test('clients take turns, so that a crowd of one holds nobody else up', async () => {
  await come('crowd', 7);
  await come('ann', 1);
  await come('ben', 2);
  expect(await serveAll()).toEqual([
    ...['crowd 1', 'crowd 2'],
    ...['crowd 3', 'ann 1', 'ben 1'],
    ...['crowd 4', 'ben 2'],
    ...['crowd 5', 'crowd 6', 'crowd 7'],
  ]);
});

test('one client has so many places and no more, however often it asks', async () => {
  await come('crowd', 150);
  expect(refused).toHaveLength(150 - 2 - 5);
  await come('ann', 1);
  expect(refused).not.toContain('ann 1');
  expect(await serveAll()).toContain('ann 1');
});

test('in a full line whoever has fewer places takes the last one of whoever has most', async () => {
  await come('one', 7);
  await come('two', 5);
  await come('three', 2);
  expect(refused).toEqual([]);
  await come('ann', 1);
  expect(refused).toEqual(['one 7']);
  await come('ben', 1);
  expect(refused).toEqual(['one 7', 'two 5']);
  // Those with as many get none.
  await come('one', 1, 8);
  expect(refused).toEqual(['one 7', 'two 5', 'one 8']);
  expect(await serveAll()).toEqual(expect.arrayContaining(['ann 1', 'ben 1']));
});

test('who is refused is told when to come back', async () => {
  await come('ann', 7);
  await expect(line.run('ann', async () => {})).rejects.toMatchObject({
    code: 'too_many_requests',
    retryAfterSeconds: 2,
  });
});

test('a turn that fails makes room for the next', async () => {
  const failing = () => line.run('ann', () => Promise.reject(new Error('the disk is full')));
  await Promise.allSettled([failing(), failing(), failing()]);
  expect(await line.run('ann', async () => 'served')).toBe('served');
});
