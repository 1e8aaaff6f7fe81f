import { beforeEach, expect, test, vi } from 'vitest';
import type { ToastEvent } from '../../components/notifications/toast-store.ts';

type ToastStore = typeof import('../../components/notifications/toast-store.ts');
let store: ToastStore;

beforeEach(async () => {
  vi.resetModules();
  store = await import('../../components/notifications/toast-store.ts');
});

/** Shows one after the other, the first with id 1. */
function show(...priorities: ToastEvent['priority'][]) {
  for (const [i, priority] of priorities.entries()) {
    store.showToast({ id: i + 1, priority, payload: { title: `Title ${i + 1}`, message: 'Message' } });
  }
}

const ids = () => store.toastsInView().toasts.map(({ id }) => id);
const more = () => store.toastsInView().more;

test('three have room, the oldest first', () => {
  show('LOW', 'CRITICAL', 'NORMAL');
  expect(ids()).toEqual([1, 2, 3]);
  expect(more()).toBe(0);
});

test('they stand in the order in which they were sent, however they came', () => {
  for (const id of [3, 1, 2])
    store.showToast({ id, priority: 'LOW', payload: { title: 'A title', message: 'Message' } });
  expect(ids()).toEqual([1, 2, 3]);
});

test('what waits for a person keeps its room, however much arrives that does not', () => {
  show('CRITICAL', ...Array<ToastEvent['priority']>(20).fill('LOW'));
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
  store.closeToast(2);
  expect(ids()).toEqual([1, 3]);
  expect(more()).toBe(2);
});

test('of more than three that wait for a person, the others come back as there is room', () => {
  show('CRITICAL', 'CRITICAL', 'CRITICAL', 'CRITICAL', 'CRITICAL');
  expect(ids()).toEqual([4, 5]);
  expect(store.toastsInView()).toMatchObject({ more: 3, isMoreCritical: true });
  store.closeToast(5);
  expect(ids()).toEqual([3, 4]);
  expect(more()).toBe(2);
  store.closeToast(3);
  expect(ids()).toEqual([1, 2, 4]);
  expect(more()).toBe(0);
});

test('whatever is shown is either in view or counted', () => {
  show('CRITICAL', 'LOW', 'CRITICAL', 'HIGH', 'CRITICAL', 'CRITICAL', 'NORMAL');
  store.showSummaryToast(5);
  expect(ids().length + more()).toBe(12);
});

test('a toast that comes again is replaced', () => {
  show('LOW', 'LOW');
  store.showToast({ id: 1, priority: 'HIGH', payload: { title: 'Anew', message: 'Message' } });
  expect(store.toastsInView().toasts.find(({ id }) => id === 1)?.payload.title).toBe('Anew');
  expect(ids()).toHaveLength(2);
});

test('closing the summary closes all that it stands for, and nothing else', () => {
  show('CRITICAL', 'CRITICAL', 'CRITICAL', 'CRITICAL');
  store.showSummaryToast(2);
  store.closeMore();
  expect(ids()).toEqual([3, 4]);
  expect(more()).toBe(0);
});

test('what left the inbox is no longer counted where it is known', () => {
  show('CRITICAL', 'CRITICAL', 'CRITICAL', 'CRITICAL');
  store.closeToasts((id) => id <= 2);
  expect(ids()).toEqual([3, 4]);
  expect(more()).toBe(0);
});

test('what goes by itself can be closed at once, and what waits for a person stays', () => {
  show('CRITICAL', 'LOW', 'HIGH', 'CRITICAL');
  store.closePassing();
  expect(ids()).toEqual([1, 4]);
  expect(more()).toBe(0);
});
