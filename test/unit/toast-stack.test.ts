import { beforeEach, expect, test } from 'vitest';
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

test('what goes by itself can be closed at once, and what waits for a person stays', () => {
  show('CRITICAL', 'LOW', 'HIGH', 'CRITICAL');
  stack.closePassing();
  expect(ids()).toEqual([1, 4]);
  expect(more()).toBe(0);
});
