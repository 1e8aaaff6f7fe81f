import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { competeForTabLock } from '@/components/notifications/tab-lock.ts';

const opened: { close: () => void }[] = [];
let name: string;

beforeEach(() => {
  name = randomUUID();
});

afterEach(() => {
  for (const each of opened.splice(0)) each.close();
  vi.unstubAllGlobals();
});

function openTab() {
  const told: string[] = [];
  const lock = competeForTabLock({ name, onHeld: () => told.push('held'), onLost: () => told.push('lost') });
  opened.push(lock);
  return { ...lock, told };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

async function countRequests() {
  const { held = [], pending = [] } = await navigator.locks.query();
  return [held, pending].map((locks) => locks.filter((lock) => lock.name === name).length);
}

test('one tab has it; when that closes, the next one does', async () => {
  const first = openTab();
  const second = openTab();
  await settled();
  expect([first.told, second.told]).toEqual([['held'], []]);
  first.close();
  await settled();
  expect([first.told, second.told]).toEqual([['held'], ['held']]);
});

test('however often two tabs take it from each other, one request of each is there', async () => {
  const first = openTab();
  const second = openTab();
  for (let turn = 0; turn < 5; turn += 1) {
    second.take();
    await settled();
    first.take();
    await settled();
  }
  expect(first.told.at(-1)).toBe('held');
  expect(second.told.at(-1)).toBe('lost');
  const [held, pending] = await countRequests();
  expect(held).toBe(1);
  expect(pending).toBeLessThanOrEqual(2);
});

test('a browser that refuses the lock is not asked again and again', async () => {
  const request = vi.fn(() => Promise.reject(new DOMException('Not here.', 'SecurityError')));
  vi.stubGlobal('navigator', { locks: { request } });
  const tab = openTab();
  await settled();
  expect(request).toHaveBeenCalledTimes(1);
  expect(tab.told).toEqual([]);
});
