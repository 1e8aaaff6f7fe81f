import { beforeEach, describe, expect, test } from 'vitest';
import { createToastStack, type Toast, type ToastStack } from '@/lib/belfry/client/toast-stack.ts';
import { itemOf } from '../support/items.ts';

let stack: ToastStack;

beforeEach(() => {
  stack = createToastStack();
});

const toast = (id: number, priority: Toast['priority'], title = `Title ${id}`): Toast =>
  itemOf(id, { priority, title });

/** Shows one after the other, the first with id 1. */
function show(...priorities: Toast['priority'][]) {
  for (const [i, priority] of priorities.entries()) {
    stack.show(toast(i + 1, priority));
  }
}

const ids = () => stack.inView().toasts.map(({ id }) => id);
const more = () => stack.inView().more;

test('three have room, the oldest first', () => {
  show('LOW', 'CRITICAL', 'NORMAL');
  expect(ids()).toEqual([1, 2, 3]);
  expect(more()).toBe(0);
});

test('they stand in the order in which they were sent, however they came', () => {
  for (const id of [3, 1, 2]) stack.show(toast(id, 'LOW'));
  expect(ids()).toEqual([1, 2, 3]);
});

test('what waits for a person keeps its room, however much arrives that does not', () => {
  show('CRITICAL', ...Array<Toast['priority']>(20).fill('LOW'));
  expect(ids()).toEqual([1, 21]);
  expect(more()).toBe(19);
});

test('the least urgent gives up its room, and of two such the older', () => {
  show('HIGH', 'LOW', 'LOW', 'NORMAL');
  expect(ids()).toEqual([1, 4]);
  expect(more()).toBe(2);
});

test('three that wait for a person leave no room for a summary until one is closed', () => {
  show('CRITICAL', 'CRITICAL', 'CRITICAL', 'LOW', 'HIGH');
  expect(ids()).toEqual([1, 2, 3]);
  expect(more()).toBe(0);
  stack.close((id) => id === 2);
  expect(ids()).toEqual([1, 3]);
  expect(more()).toBe(2);
});

test('of more than three that wait for a person, the others come back as there is room', () => {
  show('CRITICAL', 'CRITICAL', 'CRITICAL', 'CRITICAL', 'CRITICAL');
  expect(ids()).toEqual([4, 5]);
  expect(stack.inView()).toMatchObject({ more: 3, isMoreCritical: true });
  stack.close((id) => id === 5);
  expect(ids()).toEqual([3, 4]);
  expect(more()).toBe(2);
  stack.close((id) => id === 3);
  expect(ids()).toEqual([1, 2, 4]);
  expect(more()).toBe(0);
});

test('whatever is shown is either in view or counted', () => {
  show('CRITICAL', 'LOW', 'CRITICAL', 'HIGH', 'CRITICAL', 'CRITICAL', 'NORMAL');
  stack.count(5);
  expect(ids().length + more()).toBe(12);
});

test('a toast that comes again is replaced', () => {
  show('LOW', 'LOW');
  stack.show(toast(1, 'HIGH', 'Anew'));
  expect(stack.inView().toasts.find(({ id }) => id === 1)?.title).toBe('Anew');
  expect(ids()).toHaveLength(2);
});

test('of a group the newest stands for all, however they came, and it has one place', () => {
  const comment = (id: number, priority: Toast['priority'] = 'NORMAL') =>
    itemOf(id, { priority, groupKey: 'post:7' });
  for (const id of [1, 3, 2]) stack.show(comment(id));
  stack.show(toast(4, 'LOW'));
  stack.show(comment(5));
  expect(ids()).toEqual([4, 5]);
  expect(more()).toBe(0);
  // What waits for a person is not taken away by what does not.
  stack.show(comment(6, 'CRITICAL'));
  stack.show(comment(7));
  expect(ids()).toEqual([4, 6, 7]);
  stack.show(comment(8, 'CRITICAL'));
  expect(ids()).toEqual([4, 8]);
});

test('closing the summary closes all that it stands for, and nothing else', () => {
  show('CRITICAL', 'CRITICAL', 'CRITICAL', 'CRITICAL');
  stack.count(2);
  stack.closeMore();
  expect(ids()).toEqual([3, 4]);
  expect(more()).toBe(0);
});

test('what left the inbox is no longer counted where it is known', () => {
  show('CRITICAL', 'CRITICAL', 'CRITICAL', 'CRITICAL');
  stack.close((id) => id <= 2);
  expect(ids()).toEqual([3, 4]);
  expect(more()).toBe(0);
});

describe('on a small screen', () => {
  beforeEach(() => stack.fit(true));

  test('one has room, and the others are counted beside it', () => {
    show('NORMAL', 'LOW', 'NORMAL');
    expect(ids()).toEqual([3]);
    expect(more()).toBe(2);
  });

  test('the most urgent stays, whatever comes after it', () => {
    show('HIGH', 'NORMAL', 'CRITICAL', 'HIGH');
    expect(ids()).toEqual([3]);
    expect(more()).toBe(3);
    expect(stack.inView().isMoreCritical).toBe(false);
  });

  test('of several that wait for a person the newest is shown, and the next when it is closed', () => {
    show('CRITICAL', 'CRITICAL', 'NORMAL');
    expect(ids()).toEqual([2]);
    expect(stack.inView()).toMatchObject({ more: 2, isMoreCritical: true });
    stack.close((id) => id === 2);
    expect(ids()).toEqual([1]);
    expect(more()).toBe(1);
  });

  test('what is counted goes with the last toast', () => {
    show('NORMAL', 'NORMAL');
    stack.close((id) => id === 2);
    expect(stack.inView()).toMatchObject({ toasts: [], more: 0 });
  });

  test('a screen that becomes small leaves room for one, and one that grows for three again', () => {
    stack.fit(false);
    show('CRITICAL', 'CRITICAL', 'LOW');
    stack.fit(true);
    expect(ids()).toEqual([2]);
    expect(more()).toBe(2);
    stack.fit(false);
    expect(ids()).toEqual([1, 2]);
    expect(more()).toBe(1);
  });
});

describe('while a list is in front', () => {
  const said = () => stack.inView().sayings.map(({ toast: one, more: count }) => one?.id ?? `${count} more`);

  test('nothing is shown: what would go by itself is closed, what waits for a person waits', () => {
    show('CRITICAL', 'LOW', 'HIGH');
    const release = stack.hold();
    expect(stack.inView()).toMatchObject({ toasts: [], more: 0 });
    release();
    expect(ids()).toEqual([1]);
    expect(more()).toBe(0);
  });

  test('what arrives is said once, and only what waits for a person is shown afterwards', () => {
    const release = stack.hold();
    show('NORMAL', 'CRITICAL');
    stack.count(7);
    expect(said()).toEqual([1, 2, '7 more']);
    release();
    expect(ids()).toEqual([2]);
    expect(stack.isHeard(2)).toBe(true);
    for (const { key } of stack.inView().sayings) stack.endSaying(key);
    expect(said()).toEqual([]);
  });

  test('what was on the screen in the list does not wait any more', () => {
    show('CRITICAL', 'CRITICAL');
    // No list is there yet.
    stack.seenInList(2);
    const release = stack.hold();
    stack.seenInList(1);
    release();
    expect(ids()).toEqual([2]);
  });

  test('of two lists the one that is left holds on', () => {
    const [first, second] = [stack.hold(), stack.hold()];
    first();
    show('NORMAL');
    expect(ids()).toEqual([]);
    second();
    show('NORMAL');
    expect(ids()).toEqual([1]);
  });
});

describe('what is read out', () => {
  const unheard = () => stack.inView().moreUnheard;

  test('what was shown and gave up its room is counted, and is nothing new', () => {
    show('NORMAL', 'NORMAL', 'NORMAL');
    stack.hear([1, 2, 3]);
    stack.show(toast(4, 'NORMAL'));
    expect(more()).toBe(2);
    expect(unheard()).toBe(0);
  });

  test('what never had room, and what is not at hand, is', () => {
    show('HIGH', 'HIGH', 'HIGH');
    stack.hear([1, 2, 3]);
    stack.show(toast(4, 'LOW'));
    expect([more(), unheard()]).toEqual([2, 1]);
    stack.count(5);
    expect([more(), unheard()]).toEqual([7, 6]);
    stack.closeCounted();
    expect(unheard()).toBe(0);
  });

  test('a toast that comes back to the screen was heard, and one that comes anew was not', () => {
    show('CRITICAL', 'CRITICAL', 'CRITICAL');
    stack.hear([1, 2, 3]);
    stack.show(toast(4, 'CRITICAL'));
    expect(ids()).toEqual([3, 4]);
    expect([1, 4].map(stack.isHeard)).toEqual([true, false]);
    stack.close((id) => id === 1);
    stack.show(toast(1, 'CRITICAL'));
    expect(stack.isHeard(1)).toBe(false);
  });
});
