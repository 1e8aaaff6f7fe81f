import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ConnectionOptions, ConnectionState } from '@/lib/belfry/client/connection.ts';
import { openSharedConnection } from '@/lib/belfry/client/tabs.ts';

const { streams } = vi.hoisted(() => ({ streams: [] as ConnectionOptions[] }));
vi.mock('@/lib/belfry/client/connection.ts', () => ({
  openConnection(options: ConnectionOptions) {
    streams.push(options);
    options.onState('connecting');
    return () => streams.splice(streams.indexOf(options), 1);
  },
}));

const opened: { close: () => void }[] = [];
let users = 0;
let userKey = '';

beforeEach(() => {
  users += 1;
  userKey = `${users}-a`;
  vi.stubGlobal('window', new EventTarget());
  vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] });
});

afterEach(async () => {
  for (const tab of opened.splice(0)) tab.close();
  await settled();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function openTab(eventTypes = ['A', 'B'], locale = 'en-GB') {
  const states: ConnectionState[] = [];
  const heard: string[] = [];
  const joins: true[] = [];
  const told: string[] = [];
  const tab = openSharedConnection({
    userKey,
    locale,
    eventTypes,
    position: () => null,
    onFrame: ({ eventType }) => heard.push(eventType),
    onTold: (position) => told.push(position),
    onState: (state) => states.push(state),
    onJoin: () => joins.push(true),
  });
  opened.push(tab);
  return { ...tab, states, heard, joins, told };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 30));

test('tabs of one user share one stream, and a later one learns how it is', async () => {
  const first = openTab();
  await settled();
  streams[0]?.onState('open');
  const second = openTab(['B', 'A']);
  await settled();
  expect(streams).toHaveLength(1);
  expect([first.states.at(-1), second.states.at(-1)]).toEqual(['open', 'open']);
  streams[0]?.onFrame({ eventType: 'A', data: '{}' });
  await settled();
  expect([first.heard, second.heard]).toEqual([['A'], ['A']]);
});

test('a tab that joins an open stream is told so once, to read what went by; the one that opens it is not', async () => {
  const first = openTab();
  await settled();
  const second = openTab();
  await settled();
  expect([first.joins, second.joins]).toEqual([[], []]);
  streams[0]?.onState('open');
  streams[0]?.onState('down');
  streams[0]?.onState('open');
  await settled();
  expect([first.joins.length, second.joins.length]).toEqual([0, 1]);
});

test('a tab of the next version hears the types that it asks for, whatever an older tab asked for', async () => {
  const older = openTab(['A']);
  await settled();
  const newer = openTab(['A', 'B']);
  await settled();
  expect(streams.map(({ eventTypes }) => eventTypes)).toEqual([['A'], ['A', 'B']]);
  streams[1]?.onFrame({ eventType: 'B', data: '{}' });
  await settled();
  expect([older.heard, newer.heard]).toEqual([[], ['B']]);
});

test('tabs in different languages share no stream', async () => {
  const english = openTab();
  const chinese = openTab(undefined, 'zh-TW');
  await settled();
  expect(streams.map(({ locale }) => locale)).toEqual(['en-GB', 'zh-TW']);
  streams[1]?.onFrame({ eventType: 'A', data: '{}' });
  await settled();
  expect([english.heard, chinese.heard]).toEqual([[], ['A']]);
});

test('a tab that no leader answers knows that it has no stream yet', async () => {
  // A frozen tab keeps its lock and says nothing.
  let thaw = () => {};
  const frozen = navigator.locks.request(
    `belfry-stream-${userKey}-en-GB-A,B`,
    () => new Promise<void>((resolve) => (thaw = resolve)),
  );
  await settled();
  const tab = openTab();
  await settled();
  expect(streams).toHaveLength(0);
  expect(tab.states).toEqual(['connecting']);
  thaw();
  await frozen;
});

test('a tab that the lead was taken from follows the tab that has it now', async () => {
  const first = openTab();
  await settled();
  streams[0]?.onState('down');
  const second = openTab();
  await settled();
  expect(second.states.at(-1)).toBe('down');
  // Only the second one watches: the first has a stream of its own to hear.
  vi.advanceTimersByTime(60_000);
  await settled();
  expect(streams).toHaveLength(1);
  streams[0]?.onState('open');
  await settled();
  expect([first.states.at(-1), second.states.at(-1)]).toEqual(['open', 'open']);
  streams[0]?.onFrame({ eventType: 'A', data: '{}' });
  await settled();
  expect([first.heard, second.heard]).toEqual([['A'], ['A']]);
});

test('what one tab tells of a position reaches the others, and not itself', async () => {
  const tabs = [openTab(), openTab(), openTab()];
  await settled();
  tabs[1]?.tell('h.1.2');
  await settled();
  expect(tabs.map(({ told }) => told)).toEqual([['h.1.2'], [], ['h.1.2']]);
});

test('when the tab that leads closes, another one opens the stream, and whoever follows hears of it', async () => {
  const tabs = [openTab(), openTab(), openTab()] as const;
  await settled();
  streams[0]?.onState('open');
  tabs[0].close();
  await settled();
  expect(streams).toHaveLength(1);
  streams[0]?.onState('open');
  streams[0]?.onFrame({ eventType: 'A', data: '{}' });
  await settled();
  expect(tabs.map(({ heard }) => heard)).toEqual([[], ['A'], ['A']]);
  expect(tabs.slice(1).map(({ states }) => states.at(-1))).toEqual(['open', 'open']);
});

test('a page that the browser kept and took out again joins the stream anew, to read what went by', async () => {
  openTab();
  await settled();
  streams[0]?.onState('open');
  const kept = openTab();
  await settled();
  expect(kept.joins).toHaveLength(1);
  window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }));
  await settled();
  expect(kept.joins).toHaveLength(1);
  window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
  await settled();
  expect([kept.joins.length, streams.length]).toEqual([2, 1]);
});

test('in a browser whose tabs cannot talk each has a stream of its own', async () => {
  vi.stubGlobal('BroadcastChannel', undefined);
  const tabs = [openTab(), openTab()] as const;
  expect(streams).toHaveLength(2);
  tabs[0].tell('h.1.2');
  tabs[0].close();
  expect([streams.length, tabs[1].told]).toEqual([1, []]);
});
