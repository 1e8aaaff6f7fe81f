import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { competeForTabLock } from '@/lib/belfry/client/tab-lock.ts';

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

describe('without Web Locks', () => {
  beforeEach(() => {
    vi.stubGlobal('navigator', {});
    vi.stubGlobal('window', new EventTarget());
  });

  type Tab = ReturnType<typeof openTab>;
  const holders = (tabs: Tab[]) => tabs.filter(({ told }) => told.at(-1) === 'held');
  const until = (check: () => void) => vi.waitFor(check, { timeout: 8_000, interval: 20 });

  test('of seven tabs one has it, also when all open at once; when that closes, another does', async () => {
    const tabs = Array.from({ length: 7 }, openTab);
    await until(() => expect(holders(tabs)).toHaveLength(1));
    const [first] = holders(tabs) as [Tab];
    first.close();
    const others = tabs.filter((tab) => tab !== first);
    await until(() => expect(holders(others)).toHaveLength(1));
    // Somebody who took it at the same time has given way.
    await settled();
    expect(holders(others)).toHaveLength(1);
  });

  test('a tab that opens later leaves it where it is, and may take it by force', async () => {
    const first = openTab();
    await until(() => expect(first.told).toEqual(['held']));
    const second = openTab();
    second.take();
    expect(second.told).toEqual(['held']);
    await until(() => expect(first.told).toEqual(['held', 'lost']));
    first.take();
    await until(() => expect(second.told).toEqual(['held', 'lost']));
    expect(holders([first, second])).toEqual([first]);
  });

  test('a holder that is frozen, and says nothing, loses it; when it thaws, it gives way', async () => {
    // What a frozen tab has sent: it holds the lock, and does not answer.
    const frozen = new BroadcastChannel(`${name}-lock`);
    const tab = openTab();
    frozen.postMessage({ kind: 'beacon', term: 1, id: '0' });
    await settled();
    expect(tab.told).toEqual([]);
    await until(() => expect(tab.told).toEqual(['held']));
    const answers: { kind: string; term: number }[] = [];
    frozen.onmessage = ({ data }) => answers.push(data);
    frozen.postMessage({ kind: 'beacon', term: 1, id: '0' });
    await until(() => expect(answers).toContainEqual(expect.objectContaining({ kind: 'beacon', term: 2 })));
    expect(tab.told).toEqual(['held']);
    frozen.close();
  });

  test('a page that is left gives it up, and the browser may keep it frozen', async () => {
    const left = openTab();
    await until(() => expect(left.told).toEqual(['held']));
    const leave = window;
    vi.stubGlobal('window', new EventTarget());
    const other = openTab();
    leave.dispatchEvent(new Event('pagehide'));
    expect(left.told).toEqual(['held', 'lost']);
    left.close();
    await until(() => expect(other.told).toEqual(['held']));
  });

  test('a browser in which tabs cannot talk has it in every tab', async () => {
    vi.stubGlobal('BroadcastChannel', undefined);
    const tabs = [openTab(), openTab()];
    await until(() => expect(holders(tabs)).toHaveLength(2));
  });
});
