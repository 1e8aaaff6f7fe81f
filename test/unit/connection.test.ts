import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type ConnectionState, openConnection } from '@/lib/belfry/client/connection.ts';

/** The browser's `EventSource`, as far as the page can see it, driven by the test. A closed one is silent. */
class FakeEventSource extends EventTarget {
  static readonly opened: FakeEventSource[] = [];
  readonly url: string;
  closed = false;

  constructor(url: string) {
    super();
    this.url = url;
    FakeEventSource.opened.push(this);
  }

  close(): void {
    this.closed = true;
  }

  override dispatchEvent(event: Event): boolean {
    return !this.closed && super.dispatchEvent(event);
  }

  /** The head has come, and nothing else. */
  answer(): void {
    this.dispatchEvent(new Event('open'));
  }

  /** The head, and the frame that every stream begins with. */
  begin(): void {
    this.answer();
    this.hear('inbox', {});
  }

  /** After a 401, 429 or 503, and when the connection broke. */
  fail(): void {
    this.dispatchEvent(new Event('error'));
  }

  hear(eventType: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(eventType, { data: JSON.stringify(data) }));
  }
}

class FakeDocument extends EventTarget {
  visibilityState: 'visible' | 'hidden' = 'visible';
}

let page: FakeDocument;
let browser: EventTarget;
let states: ConnectionState[];
let heard: [string, unknown][];
let disconnect: () => void;
let position: string | null;
let resumed: (string | null)[];

beforeEach(() => {
  vi.useFakeTimers();
  FakeEventSource.opened.length = 0;
  page = new FakeDocument();
  browser = new EventTarget();
  vi.stubGlobal('EventSource', FakeEventSource);
  vi.stubGlobal('document', page);
  vi.stubGlobal('window', browser);
  states = [];
  heard = [];
  position = null;
  resumed = [];
  disconnect = openConnection({
    userKey: '7-a',
    locale: 'zh-TW',
    eventTypes: ['SystemNotification', 'ReportProgress'],
    position: () => position,
    onFrame: ({ eventType, data, since }) => {
      heard.push([eventType, JSON.parse(data)]);
      if (since !== undefined) resumed.push(since);
    },
    onState: (state) => states.push(state),
  });
});

afterEach(() => {
  disconnect();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function current(): FakeEventSource {
  const source = FakeEventSource.opened.at(-1);
  if (!source) throw new Error('Nothing was opened.');
  return source;
}

const openNow = () => FakeEventSource.opened.filter(({ closed }) => !closed).length;

test('one stream is opened for all types, and says when it is open', () => {
  const { pathname } = new URL(current().url, 'http://localhost');
  expect(pathname).toBe('/sse/SystemNotification,ReportProgress');
  current().begin();
  expect([states, FakeEventSource.opened.length]).toEqual([['connecting', 'open'], 1]);
});

test('events and the inbox are passed on', () => {
  current().hear('inbox', { unreadTotal: 1 });
  current().hear('SystemNotification', { id: 1 });
  expect(heard).toEqual([
    ['inbox', { unreadTotal: 1 }],
    ['SystemNotification', { id: 1 }],
  ]);
});

test('what the browser gives up on is opened anew, for ever, with pauses that grow to half a minute', () => {
  const pauses: number[] = [];
  for (let tries = 0; tries < 12; tries += 1) {
    const before = FakeEventSource.opened.length;
    current().fail();
    expect(states.at(-1)).toBe('down');
    let waited = 0;
    for (; FakeEventSource.opened.length === before && waited <= 40_000; waited += 100)
      vi.advanceTimersByTime(100);
    pauses.push(waited);
    expect(openNow()).toBe(1);
  }
  expect(pauses[0]).toBeLessThanOrEqual(1_100);
  for (const [index, pause] of pauses.entries())
    expect(pause).toBeLessThanOrEqual(Math.min(1_100 * 2 ** index, 30_100));
  expect(pauses.at(-1)).toBeGreaterThanOrEqual(15_000);
});

test('not everybody comes back in the same instant', () => {
  const waits = new Set<number>();
  for (let n = 0; n < 10; n += 1) {
    current().begin();
    const before = FakeEventSource.opened.length;
    current().fail();
    let waited = 0;
    for (; FakeEventSource.opened.length === before; waited += 10) vi.advanceTimersByTime(10);
    waits.add(waited);
  }
  expect(waits.size).toBeGreaterThan(3);
});

test('told to come back later, it comes back then, and not before', () => {
  current().begin();
  current().hear('reconnect', { afterMs: 2_345 });
  expect([current().closed, states.at(-1)]).toEqual([true, 'down']);
  vi.advanceTimersByTime(2_344);
  expect(FakeEventSource.opened).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(FakeEventSource.opened).toHaveLength(2);
});

test('an open stream that is silent for 45 s is dead, and is opened anew; a heartbeat keeps it', () => {
  current().begin();
  for (let n = 0; n < 8; n += 1) {
    vi.advanceTimersByTime(15_000);
    current().hear('heartbeat', { now: '' });
  }
  expect(FakeEventSource.opened).toHaveLength(1);
  vi.advanceTimersByTime(51_000);
  expect([FakeEventSource.opened.length, openNow()]).toEqual([2, 1]);
});

test('a page that comes back from the cache, and a network that is back, open anew; there is ever only one', () => {
  current().begin();
  browser.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }));
  expect(FakeEventSource.opened).toHaveLength(1);
  browser.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
  browser.dispatchEvent(new Event('online'));
  expect([FakeEventSource.opened.length, openNow()]).toEqual([3, 1]);
});

test('whoever looks again does not wait for the pause to end; a stream that works is left alone', () => {
  current().begin();
  page.dispatchEvent(new Event('visibilitychange'));
  expect(FakeEventSource.opened).toHaveLength(1);
  current().fail();
  const before = FakeEventSource.opened.length;
  page.visibilityState = 'hidden';
  page.dispatchEvent(new Event('visibilitychange'));
  expect(FakeEventSource.opened).toHaveLength(before);
  page.visibilityState = 'visible';
  page.dispatchEvent(new Event('visibilitychange'));
  expect(FakeEventSource.opened).toHaveLength(before + 1);
  current().begin();
  vi.advanceTimersByTime(30_000);
  expect(openNow()).toBe(1);
});

test('after the undo nothing is open, and nothing opens again', () => {
  current().fail();
  disconnect();
  vi.advanceTimersByTime(120_000);
  browser.dispatchEvent(new Event('online'));
  page.dispatchEvent(new Event('visibilitychange'));
  expect([FakeEventSource.opened.length, openNow(), vi.getTimerCount()]).toEqual([1, 0, 0]);
});

test('a stream of which only the head comes is not open, and is given up after ten seconds', () => {
  current().answer();
  expect(states).toEqual(['connecting']);
  vi.advanceTimersByTime(9_999);
  expect([current().closed, states.at(-1)]).toEqual([false, 'connecting']);
  vi.advanceTimersByTime(1);
  expect([current().closed, states.at(-1)]).toEqual([true, 'down']);
  vi.advanceTimersByTime(1_000);
  expect(openNow()).toBe(1);
});

test('each stream resumes at the position of that moment, and says so with its first frame', () => {
  current().begin();
  expect(current().url).not.toContain('since');
  position = 'h.7.2';
  current().fail();
  vi.advanceTimersByTime(1_000);
  expect(new URL(current().url, 'http://localhost').searchParams.get('since')).toBe('h.7.2');
  current().begin();
  current().hear('inbox', {});
  expect(resumed).toEqual([null, 'h.7.2']);
});

test('the stream is asked for in the language and the time zone of the page', () => {
  const { searchParams } = new URL(current().url, 'http://localhost');
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  expect([searchParams.get('locale'), searchParams.get('timeZone')]).toEqual(['zh-TW', timeZone]);
});

test('where the app has a base path, the stream begins with it', () => {
  disconnect();
  disconnect = openConnection({
    userKey: '7-a',
    locale: 'zh-TW',
    eventTypes: ['SystemNotification'],
    basePath: '/app',
    position: () => null,
    onFrame: () => {},
    onState: () => {},
  });
  expect(current().url).toMatch(/^\/app\/sse\/SystemNotification\?user=7-a&/);
});
