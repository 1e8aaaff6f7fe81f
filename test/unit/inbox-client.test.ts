/**
 * The inbox of one page, with everything real but the stream and the network: what a person sees, what the server is
 * asked, and what becomes a toast.
 */

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ConnectionState, RawFrame } from '@/lib/belfry/client/connection.ts';
import { createInboxClient, type InboxClient } from '@/lib/belfry/client/inbox-client.ts';
import type { Item } from '@/lib/belfry/client/inbox-model.ts';
import { RequestError } from '@/lib/belfry/client/requests.ts';
import { createServerClock, type ServerClock } from '@/lib/belfry/client/server-clock.ts';
import type { SharedConnectionOptions } from '@/lib/belfry/client/tabs.ts';
import type { InboxFrame, Summary } from '@/lib/belfry/protocol/item.ts';
import { translate } from '../support/english.ts';
import { itemOf } from '../support/items.ts';

const shared = vi.hoisted(() => ({
  stream: null as SharedConnectionOptions | null,
  told: [] as string[],
  showsToasts: true,
}));
vi.mock('@/lib/belfry/client/tabs.ts', () => ({
  openTabChannel: () => ({ tell: (state: string) => shared.told.push(state), close() {} }),
  openSharedConnection(options: SharedConnectionOptions) {
    shared.stream = options;
    options.onState('connecting');
    return {
      tell: (state: string) => shared.told.push(state),
      close: () => {
        shared.stream = null;
      },
    };
  },
}));
vi.mock('@/lib/belfry/client/toast-tab.ts', () => ({
  competeForToasts: () => ({ isOurs: () => shared.showsToasts, close() {} }),
}));

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const START = Date.UTC(2030, 0, 1);
const HISTORY = 'historyOfIt1';
// The page polls when there was no stream for this long, and then as often.
const POLLS_AFTER_MS = 3_000;
const POLLS_EVERY_MS = 20_000;
// After this it does not wait for the stream any longer, where an answer told of something new.
const STREAM_BRINGS_WITHIN_MS = 500;
// After an expiry it asks the server within this.
const CHECKS_WITHIN_MS = 1_500;

interface Asked {
  path: string;
  body: unknown;
}

type Answer = { status?: number; body: object };

let page: EventTarget & { visibilityState: string };
let asked: Asked[];
let respond: (request: Asked) => Answer | Promise<Answer>;
let announced: { ids: number[]; count: number }[];
let withdrawn: Set<number>;
let withdrawnThrough: number;
let clock: ServerClock;
/** By the server's clock, which goes as the test's timers do. */
let serverNow: () => number;
let client: InboxClient;
let close = () => {};

beforeEach(() => {
  page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  vi.stubGlobal('document', page);
  vi.stubGlobal('window', new EventTarget());
  vi.stubGlobal('fetch', answerRequest);
  Object.assign(shared, { stream: null, told: [], showsToasts: true });
  asked = [];
  announced = [];
  withdrawn = new Set();
  withdrawnThrough = 0;
  respond = ({ path }) => {
    throw new Error(`Nobody expected ${path}.`);
  };
  openPage();
});

/** @param ahead By how many milliseconds this computer's clock is ahead of the server's. */
function openPage({
  ahead = 0,
  transport = 'stream',
}: {
  ahead?: number;
  transport?: 'stream' | 'poll';
} = {}): void {
  close();
  vi.useFakeTimers({ now: START + ahead });
  clock = createServerClock();
  setServerClock(START);
  client = createInboxClient({
    userKey: '7-a',
    eventTypes: ['SystemNotification', 'ReportProgress'],
    transport,
    clock,
    version: { note() {}, isOther: () => false, ask: async () => false },
    locale: 'zh-TW',
    translate,
    toasts: {
      announce: (items, count = items.length) => announced.push({ ids: ids(items), count }),
      withdraw(gone) {
        for (const id of gone) withdrawn.add(id);
      },
      withdrawThrough(lastId) {
        withdrawnThrough = Math.max(withdrawnThrough, lastId);
      },
    },
  });
  close = client.open();
}

afterEach(() => {
  close();
  close = () => {};
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function answerRequest(path: string, init: RequestInit): Promise<Response> {
  const request = {
    path: path.replace(/[?&]locale=zh-TW&timeZone=[^&]+$/, ''),
    body: init.body ? JSON.parse(String(init.body)) : null,
  };
  asked.push(request);
  const { status = 200, body } = await respond(request);
  return new Response(JSON.stringify(body), { status });
}

/** Sets the server's clock. It goes on from there, whatever this computer's does. */
function setServerClock(time: number): void {
  const since = performance.now();
  serverNow = () => time + performance.now() - since;
}

/** Everything that can happen without time passing. */
const settled = () => vi.advanceTimersByTimeAsync(0);
const ids = (items: readonly { id: number }[]) => items.map(({ id }) => id);
const shown = () => ids(client.view().items);
const paths = () => asked.map(({ path }) => path.replace('/notifications/', ''));
const position = (eventId: number, revision = 0) => `${HISTORY}.${eventId}.${revision}`;
const isoTime = (time: number) => new Date(time).toISOString();

function item(id: number, more: Partial<Item> = {}): Item {
  return itemOf(id, { createdAt: isoTime(serverNow()), ...more });
}

const items = (...of: number[]) => of.map((id) => item(id));

/** Totals as the server states them: all that is unread is in the inbox, unless said otherwise. */
function summary(state: string, unread: number, more: Partial<Summary> = {}): Summary {
  return {
    state,
    totals: { unread, inbox: unread, done: 0, snoozed: 0 },
    unreadTotal: unread,
    settingsRevision: 0,
    readAt: isoTime(serverNow()),
    nextExpiresAt: null,
    ...more,
  };
}

function firstPage(of: Summary, listed: Item[], more: { pinned?: Item[]; nextCursor?: string } = {}): Answer {
  return { body: { ...of, notifications: listed, pinned: [], nextCursor: null, ...more } };
}

function changes(of: Summary, changed: Item[] = [], removed: number[] = []): Answer {
  return { body: { ...of, changed, removed, hasMore: false } };
}

const refusal = (status: number, message: string): Answer => ({ status, body: { error: { message } } });

function hear(frame: RawFrame): void {
  shared.stream?.onFrame(frame);
}

function hearInbox(frame: InboxFrame, since?: string | null): void {
  hear({ eventType: 'inbox', data: JSON.stringify(frame), ...(since === undefined ? {} : { since }) });
}

function hearItem(of: Item): void {
  hear({ eventType: of.eventType, data: JSON.stringify(of) });
}

const hearLive = (id: number, more: Partial<Item> = {}) =>
  hearItem(item(id, { isRecovered: false, ...more }));

function hearSnapshot(
  of: Summary,
  listed: Item[],
  { pinned = [] as Item[], nextCursor = null as string | null } = {},
): void {
  const all = [...listed, ...pinned];
  hearInbox({ kind: 'snapshot', ...of, count: all.length, pinned: ids(pinned), nextCursor }, null);
  for (const each of all) hearItem(each);
}

function hearChanges(
  of: Summary,
  changed: Item[] = [],
  { removed = [] as number[], since = undefined as string | undefined } = {},
) {
  hearInbox({ kind: 'changes', ...of, changed, removed }, since);
}

function hearHeartbeat(eventId: number): void {
  hear({
    eventType: 'heartbeat',
    data: JSON.stringify({ now: isoTime(serverNow()), history: HISTORY, eventId }),
  });
}

const setStream = (state: ConnectionState) => shared.stream?.onState(state);

/** A page that is live, with unread items of these ids, the highest of which is the newest event. */
function goLive(...listed: number[]): void {
  hearSnapshot(summary(position(listed[0] ?? 0), listed.length), items(...listed));
  setStream('open');
}

describe('what the stream states', () => {
  test('a snapshot is the inbox once all of it is there, and replaces all that was', () => {
    hearInbox({ kind: 'snapshot', ...summary(position(9), 2), count: 2, pinned: [], nextCursor: null }, null);
    hearItem(item(9));
    expect(client.view().status).toBe('loading');
    hearItem(item(7));
    expect(client.view()).toMatchObject({ status: 'ready', position: position(9), totals: { unread: 2 } });
    expect(shown()).toEqual([9, 7]);
    // Another history: a back-up, in which the same ids are other things.
    hearSnapshot(summary('anotherOne22.8.0', 1), [item(8)]);
    expect(shown()).toEqual([8]);
    expect(client.view().totals.unread).toBe(1);
  });

  test('a change extends what is there', () => {
    goLive(9, 7);
    const done = item(9, { doneAt: isoTime(serverNow()) });
    hearChanges(summary(position(11, 4), 2), [item(11), item(10), done], { removed: [7] });
    expect(shown()).toEqual([11, 10]);
    expect(client.view()).toMatchObject({ position: position(11, 4), totals: { unread: 2 } });
    expect(asked).toEqual([]);
  });

  test('a stream that resumes changes what is there, and one that resumes elsewhere is not believed', async () => {
    goLive(9, 7);
    setStream('down');
    hearChanges(summary(position(10), 3), [item(10)], { since: position(9) });
    setStream('open');
    expect(shown()).toEqual([10, 9, 7]);
    // The tab that leads was further on than this one.
    respond = () => changes(summary(position(13), 6), items(11, 12, 13));
    hearChanges(summary(position(13), 6), [item(13)], { since: position(12) });
    await vi.advanceTimersByTimeAsync(STREAM_BRINGS_WITHIN_MS);
    expect(asked[0]?.path).toBe(`/notifications/changes?since=${position(10)}`);
    expect(shown()).toEqual([13, 12, 11, 10, 9, 7]);
  });

  test('the list goes on from the newest without a hole, and what is urgent and older stands above it', async () => {
    const urgent = item(2, { priority: 'CRITICAL' });
    hearSnapshot(summary(position(9), 8), items(9, 8, 7), { pinned: [urgent], nextCursor: '7' });
    setStream('open');
    expect(shown()).toEqual([2, 9, 8, 7]);
    // What changed further down is no part of the list, unless it is urgent.
    hearChanges(summary(position(9, 1), 8), [item(4), item(3, { priority: 'HIGH' })]);
    expect(shown()).toEqual([3, 2, 9, 8, 7]);
    respond = () => firstPage(summary(position(9, 1), 8), [item(6), item(5)], { nextCursor: '5' });
    await client.loadMore();
    expect(asked.at(-1)?.path).toBe('/notifications/poll?cursor=7');
    expect([shown(), client.view().hasMore]).toEqual([[3, 2, 9, 8, 7, 6, 5], true]);
    respond = () => firstPage(summary(position(9, 1), 8), [item(4), item(3, { priority: 'HIGH' }), urgent]);
    await client.loadMore();
    expect([shown(), client.view().hasMore]).toEqual([[9, 8, 7, 6, 5, 4, 3, 2], false]);
  });

  test("the badge is the server's total, with what came since, each counted once", () => {
    hearSnapshot(summary(position(9), 500), items(9, 8, 7), { nextCursor: '7' });
    expect(client.view().totals.unread).toBe(500);
    hearLive(10);
    hearLive(10);
    expect(client.view().totals.unread).toBe(501);
    hearHeartbeat(10);
    expect([client.view().totals.unread, client.view().position]).toEqual([501, position(10)]);
    hearChanges(summary(position(10, 1), 400));
    expect(client.view().totals.unread).toBe(400);
  });

  test('an arrival shows at once, and those that follow closely show together', async () => {
    goLive();
    const lengths: number[] = [];
    client.subscribe(() => lengths.push(client.view().items.length));
    for (let id = 1; id <= 20; id += 1) {
      hearLive(id);
      await vi.advanceTimersByTimeAsync(10);
    }
    await vi.advanceTimersByTimeAsync(100);
    expect(lengths[0]).toBe(1);
    expect([lengths.at(-1), lengths.length <= 4]).toEqual([20, true]);
  });

  test('whoever listens to a type hears each of its events, and one who fails keeps nothing from the others', () => {
    const reported = vi.fn<(error: unknown) => void>();
    vi.stubGlobal('reportError', reported);
    const heard: unknown[] = [];
    client.listen('ReportProgress', () => {
      throw new Error('broken');
    });
    const stop = client.listen('ReportProgress', (payload) => heard.push(payload));
    hear({ eventType: 'ReportProgress', data: JSON.stringify({ payload: { done: 1 } }) });
    stop();
    hear({ eventType: 'ReportProgress', data: JSON.stringify({ payload: { done: 2 } }) });
    expect(heard).toEqual([{ done: 1 }]);
    expect(reported).toHaveBeenCalledTimes(2);
  });
});

describe('a group', () => {
  const POST = 'CommentAdded/post:7';
  const comment = (id: number, count = 0, more: Partial<Item> = {}) =>
    item(id, {
      groupKey: POST,
      ...(count > 0 && { group: { title: `${count} comments`, count, unread: count } }),
      ...more,
    });
  const counts = () => client.view().entries.map(({ item: { id }, group }) => [id, group?.count ?? 1]);

  function openGroup(): void {
    hearSnapshot(summary(position(9), 5), [comment(9, 3), item(8), comment(7), comment(6), item(5)]);
    setStream('open');
  }

  test('is dismissed in one request, at once, with the toasts of it and of nothing else', async () => {
    openGroup();
    const answer = Promise.withResolvers<Answer>();
    respond = () => answer.promise;
    const dismissed = client.dismissGroup(POST, 9);
    await settled();
    expect(asked).toEqual([{ path: '/notifications/dismiss', body: { group: POST, throughId: 9 } }]);
    expect([shown(), counts()]).toEqual([
      [8, 5],
      [
        [8, 1],
        [5, 1],
      ],
    ]);
    expect([[...withdrawn].sort(), withdrawnThrough]).toEqual([[6, 7, 9], 0]);
    expect(client.view().totals.unread).toBe(2);
    answer.resolve({ body: { ...summary(position(9, 1), 2), undo: 'token' } });
    expect(await dismissed).toMatchObject({ undo: 'token' });
    const done = [9, 7, 6].map((id) => comment(id, 0, { doneAt: isoTime(serverNow()) }));
    hearChanges(summary(position(9, 1), 2), done);
    expect([shown(), client.view().totals.unread]).toEqual([[8, 5], 2]);
  });

  test('comes back, with a sentence, when the server refuses', async () => {
    openGroup();
    respond = () => refusal(500, 'Something went wrong on our side.');
    await expect(client.readGroup(POST, 9)).rejects.toThrow('Something went wrong on our side.');
    expect(asked).toEqual([{ path: '/notifications/read', body: { group: POST, throughId: 9 } }]);
    expect(client.view().entries[0]?.group).toMatchObject({ count: 3, unread: 3 });
  });

  test('grows with what arrives, at the place of the newest', () => {
    openGroup();
    hearLive(10, { groupKey: POST, group: { title: '4 comments', count: 4, unread: 4 } });
    expect(counts()).toEqual([
      [10, 4],
      [8, 1],
      [5, 1],
    ]);
    expect(client.view().entries[0]?.group?.title).toBe('4 comments');
  });
});

describe('a long job', () => {
  const running = () => client.view().running.map(({ key, fraction }) => [key, fraction]);

  function hearRunning(key: string, fraction: number | null): void {
    const { id: _, ...event } = item(1, { eventType: 'ReportProgress', payload: { key } });
    const startedAt = isoTime(START);
    hear({
      eventType: 'ReportProgress',
      data: JSON.stringify({ ...event, id: null, key, fraction, startedAt }),
    });
  }

  function hearEnd(id: number, key: string): void {
    const end = item(id, { eventType: 'ReportProgress', payload: { key }, isRecovered: false });
    hear({ eventType: 'ReportProgress', data: JSON.stringify(end) });
  }

  beforeEach(async () => {
    respond = () => firstPage(summary(position(1), 0), []);
    setStream('connecting');
    await vi.advanceTimersByTimeAsync(3_000);
  });

  test('it is one item that fills, is not counted, and gives way to its end', async () => {
    hearRunning('may', null);
    hearRunning('june', 0.1);
    hearRunning('may', 0.4);
    expect(running()).toEqual([
      ['may', 0.4],
      ['june', 0.1],
    ]);
    expect([shown(), client.view().totals.unread]).toEqual([[], 0]);
    hearEnd(2, 'may');
    await settled();
    expect([running(), shown()]).toEqual([[['june', 0.1]], [2]]);
    respond = () => ({ body: summary(position(2, 1), 0) });
    await client.dismiss([2]);
    expect(running()).toEqual([['june', 0.1]]);
  });

  test('it gives way to an end that the stream did not bring', async () => {
    hearRunning('may', 0.4);
    const end = item(2, { eventType: 'ReportProgress', payload: { key: 'may' } });
    respond = () => changes(summary(position(2), 1), [end]);
    client.retry();
    await settled();
    expect([running(), shown()]).toEqual([[], [2]]);
  });

  test('it is gone when nothing is heard of it for 15 s, and comes back when something is', async () => {
    hearRunning('may', 0.4);
    await vi.advanceTimersByTimeAsync(14_000);
    hearRunning('may', 0.4);
    await vi.advanceTimersByTimeAsync(14_999);
    expect(running()).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(running()).toEqual([]);
    hearRunning('may', 0.5);
    expect(running()).toEqual([['may', 0.5]]);
  });

  test('one that was said to be lost, and goes on, is shown beside that', async () => {
    hearRunning('may', 0.4);
    hearEnd(2, 'may');
    await vi.advanceTimersByTimeAsync(1_000);
    hearRunning('may', 0.5);
    await settled();
    expect([running(), shown()]).toEqual([[['may', 0.5]], [2]]);
  });

  test('whoever is signed out is shown none, and whoever comes next has none', () => {
    hearRunning('may', 0.4);
    hear({ eventType: 'session-ended', data: '{}' });
    expect(running()).toEqual([]);
    close();
    close = client.open();
    expect(running()).toEqual([]);
  });
});

describe('the connection', () => {
  test('it is live when data has come, and not when there is a stream', async () => {
    respond = () => firstPage(summary(position(0), 0), []);
    expect(client.view().connection).toBe('connecting');
    setStream('connecting');
    await vi.advanceTimersByTimeAsync(POLLS_AFTER_MS);
    expect(client.view().connection).toBe('polling');
    setStream('connecting');
    expect(client.view().connection).toBe('polling');
    goLive();
    expect(client.view().connection).toBe('live');
  });

  test('it is live when all is there that a stream begins with; until then it asks', async () => {
    const begin = (count: number) =>
      hearInbox({ kind: 'snapshot', ...summary(position(9), 2), count, pinned: [], nextCursor: null }, null);
    begin(2);
    setStream('open');
    hearItem(item(9));
    expect(client.view()).toMatchObject({ connection: 'connecting', status: 'loading' });
    respond = () => firstPage(summary(position(10), 3), items(10, 9, 8));
    await vi.advanceTimersByTimeAsync(POLLS_AFTER_MS);
    expect([paths(), shown(), client.view().connection]).toEqual([['poll'], [10, 9, 8], 'polling']);
    // It is behind by now, and says nothing new.
    hearItem(item(8));
    expect([shown(), client.view().connection]).toEqual([[10, 9, 8], 'live']);
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    expect(asked).toHaveLength(1);
  });

  test('a stream that broke before all of that was there makes no page live', async () => {
    hearInbox({ kind: 'snapshot', ...summary(position(9), 1), count: 1, pinned: [], nextCursor: null }, null);
    setStream('open');
    setStream('down');
    respond = () => firstPage(summary(position(9), 1), [item(9)]);
    await vi.advanceTimersByTimeAsync(POLLS_AFTER_MS);
    expect([shown(), client.view().connection]).toEqual([[9], 'polling']);
  });

  test('a tab that joins a stream is live when it has read the inbox', async () => {
    respond = () => refusal(503, 'Not now.');
    shared.stream?.onState('open');
    shared.stream?.onJoin();
    await settled();
    expect(client.view()).toMatchObject({ connection: 'connecting', status: 'error' });
    await vi.advanceTimersByTimeAsync(POLLS_AFTER_MS);
    expect(client.view().connection).toBe('polling');
    respond = () => firstPage(summary(position(9), 1), [item(9)]);
    await vi.advanceTimersByTimeAsync(POLLS_EVERY_MS);
    expect(client.view()).toMatchObject({ connection: 'live', status: 'ready' });
  });

  test('without a stream it asks after 3 s and then every 20 s; with one it never does', async () => {
    respond = () => firstPage(summary(position(1), 1), [item(1)]);
    await vi.advanceTimersByTimeAsync(POLLS_AFTER_MS);
    expect([paths(), shown()]).toEqual([['poll'], [1]]);
    respond = () => changes(summary(position(2), 2), [item(2)]);
    await vi.advanceTimersByTimeAsync(2 * POLLS_EVERY_MS);
    expect(shown()).toEqual([2, 1]);
    expect(paths().length).toBeGreaterThanOrEqual(3);
    hearChanges(summary(position(2), 2), [], { since: position(2) });
    setStream('open');
    const before = asked.length;
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    expect(asked).toHaveLength(before);
  });

  test('a stream that is back within 3 s needs no asking', async () => {
    goLive(9);
    setStream('down');
    setStream('connecting');
    await vi.advanceTimersByTimeAsync(POLLS_AFTER_MS - 1);
    expect(client.view().connection).toBe('live');
    hearChanges(summary(position(9), 1), [], { since: position(9) });
    setStream('open');
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    expect([asked, client.view().connection]).toEqual([[], 'live']);
  });

  test('when the server cannot tell what changed, the first page replaces everything', async () => {
    goLive(9, 7);
    setStream('down');
    respond = ({ path }) =>
      path.includes('changes') ? refusal(409, 'Poll.') : firstPage(summary('anotherOne22.4.0', 1), [item(4)]);
    await vi.advanceTimersByTimeAsync(POLLS_AFTER_MS);
    expect(paths()).toEqual([`changes?since=${position(9)}`, 'poll']);
    expect([shown(), client.view().position]).toEqual([[4], 'anotherOne22.4.0']);
  });

  test('what does not go into one answer is asked for until it is there', async () => {
    goLive(1);
    setStream('down');
    respond = ({ path }) =>
      path.endsWith(position(1))
        ? { body: { ...summary(position(2), 3), changed: [item(2)], removed: [], hasMore: true } }
        : changes(summary(position(3), 3), [item(3)]);
    await vi.advanceTimersByTimeAsync(POLLS_AFTER_MS);
    expect(shown()).toEqual([3, 2, 1]);
  });

  test('a server that nobody reaches is said to be so, and the inbox stays on the screen', async () => {
    goLive(9);
    setStream('down');
    respond = () => Promise.reject(new TypeError('Failed to fetch'));
    await vi.advanceTimersByTimeAsync(POLLS_AFTER_MS);
    expect([client.view().connection, client.view().status, shown()]).toEqual(['offline', 'ready', [9]]);
    respond = () => changes(summary(position(9), 1));
    window.dispatchEvent(new Event('online'));
    await settled();
    expect(client.view().connection).toBe('polling');
    respond = () => Promise.reject(new TypeError('Failed to fetch'));
    await vi.advanceTimersByTimeAsync(POLLS_EVERY_MS);
    hearChanges(summary(position(9), 1), [], { since: position(9) });
    setStream('open');
    setStream('down');
    const before = asked.length;
    await vi.advanceTimersByTimeAsync(POLLS_AFTER_MS - 1);
    expect([client.view().connection, asked.length]).toEqual(['live', before]);
    setStream('open');
    await vi.advanceTimersByTimeAsync(2 * POLLS_EVERY_MS);
    expect(asked).toHaveLength(before);
  });

  test('a heartbeat tells nothing of what was missed while there was no stream', () => {
    goLive(9);
    setStream('down');
    hearHeartbeat(12);
    expect(client.view().position).toBe(position(9));
  });

  test('a page that never had its inbox says that it failed, and tries again when asked to', async () => {
    respond = () => refusal(500, 'It broke.');
    await vi.advanceTimersByTimeAsync(POLLS_AFTER_MS);
    expect(client.view().status).toBe('error');
    respond = () => firstPage(summary(position(1), 1), [item(1)]);
    client.retry();
    await settled();
    expect([client.view().status, shown()]).toEqual(['ready', [1]]);
  });

  test('when the session has ended nothing of the inbox stays on the screen, and nothing is asked for', async () => {
    goLive(9);
    hear({ eventType: 'session-ended', data: '{}' });
    setStream('down');
    expect(client.view()).toMatchObject({ connection: 'signed-out', items: [], totals: { unread: 0 } });
    respond = () => refusal(401, 'Nobody is signed in.');
    await vi.advanceTimersByTimeAsync(POLLS_AFTER_MS + 5 * POLLS_EVERY_MS);
    expect(asked.length).toBeLessThanOrEqual(1);
    expect(client.view().connection).toBe('signed-out');
  });

  test('a tab that joins the stream of another reads what went by before it could hear', async () => {
    respond = () => firstPage(summary(position(5), 1), [item(5)]);
    shared.stream?.onState('open');
    shared.stream?.onJoin();
    // It cannot be told yet whether it comes before or after what is read.
    hearLive(6);
    await settled();
    await vi.advanceTimersByTimeAsync(100);
    expect([paths(), shown(), client.view().totals.unread]).toEqual([['poll'], [6, 5], 2]);
  });

  test('what another tab knows of is asked for, unless the stream brings it in time', async () => {
    goLive(9);
    respond = () => changes(summary(position(9, 4), 0), [item(9, { doneAt: isoTime(serverNow()) })]);
    shared.stream?.onTold(position(9, 3));
    hearChanges(summary(position(9, 3), 1), [item(9)]);
    await vi.advanceTimersByTimeAsync(STREAM_BRINGS_WITHIN_MS);
    expect(asked).toEqual([]);
    shared.stream?.onTold(position(9, 4));
    await vi.advanceTimersByTimeAsync(STREAM_BRINGS_WITHIN_MS);
    expect([paths(), shown()]).toEqual([[`changes?since=${position(9, 3)}`], []]);
  });

  test('after the end nothing goes on', async () => {
    goLive(9);
    setStream('down');
    hearLive(10, { expiresAt: isoTime(serverNow() + HOUR_MS) });
    close();
    expect([vi.getTimerCount(), withdrawnThrough]).toEqual([0, Number.POSITIVE_INFINITY]);
    for (const event of ['online', 'visibilitychange']) {
      window.dispatchEvent(new Event(event));
      page.dispatchEvent(new Event(event));
    }
    await settled();
    expect(asked).toEqual([]);
  });
});

describe('what the person does', () => {
  test('it shows at once, and stays when the server has answered', async () => {
    goLive(9, 8);
    const { promise, resolve } = Promise.withResolvers<Answer>();
    respond = () => promise;
    const dismissed = client.dismiss([9]);
    expect([shown(), client.view().totals]).toEqual([[8], { unread: 1, inbox: 1, done: 1, snoozed: 0 }]);
    resolve({ body: { ...summary(position(9, 1), 1), undo: 'token' } });
    expect((await dismissed).undo).toBe('token');
    expect([shown(), client.view().totals.unread]).toEqual([[8], 1]);
    expect([asked[0], shared.told]).toEqual([
      { path: '/notifications/dismiss', body: { ids: [9] } },
      [position(9, 1)],
    ]);
  });

  test('it is taken back with a sentence when the server refuses', async () => {
    goLive(9);
    respond = () => refusal(503, 'The database cannot be used.');
    const dismissed = client.dismiss([9]);
    expect(shown()).toEqual([]);
    await expect(dismissed).rejects.toEqual(new RequestError(503, 'The database cannot be used.'));
    expect([shown(), client.view().totals.unread, withdrawn.has(9)]).toEqual([[9], 1, true]);
  });

  test('it is not counted twice, and nothing of it is left when the server has stated it', async () => {
    goLive(9, 8);
    respond = () => ({ body: summary(position(9, 1), 1) });
    await client.dismiss([9]);
    const doneAt = isoTime(serverNow());
    hearChanges(summary(position(9, 1), 1), [item(9, { doneAt })]);
    expect(client.view().totals.unread).toBe(1);
    // Put back on another device: a layer that had stayed would hide it for ever.
    hearChanges(summary(position(9, 2), 2), [item(9)]);
    expect([shown(), client.view().totals.unread]).toEqual([[9, 8], 2]);
  });

  test('when the stream is slower than the answer it is asked for', async () => {
    goLive(9);
    respond = ({ path }) =>
      path.includes('dismiss')
        ? { body: summary(position(9, 1), 0) }
        : changes(summary(position(9, 1), 0), [item(9, { doneAt: isoTime(serverNow()) })]);
    await client.dismiss([9]);
    await vi.advanceTimersByTimeAsync(STREAM_BRINGS_WITHIN_MS);
    expect([paths(), shown(), client.view().position]).toEqual([
      ['dismiss', `changes?since=${position(9)}`],
      [],
      position(9, 1),
    ]);
  });

  test.each([
    ['clear', () => client.clear],
    ['read', () => client.readAll],
  ] as const)(
    '%s names how far the list reached that the person saw: what came since stays as it is',
    async (name, change) => {
      // What is above, and not there to be seen, is other people's.
      hearSnapshot(summary(position(20), 2), items(9, 8));
      setStream('open');
      const { shownThrough } = client.view();
      hearLive(21, { priority: 'CRITICAL' });
      respond = () => ({ body: summary(position(21, 1), 1) });
      const changing = change()(shownThrough);
      const isTouched = ({ readAt, doneAt }: Item) => readAt !== null || doneAt !== null;
      expect(
        client
          .view()
          .items.filter((each) => !isTouched(each))
          .map(({ id }) => id),
      ).toEqual([21]);
      expect(client.view().totals.unread).toBe(1);
      await changing;
      expect(asked).toEqual([{ path: `/notifications/${name}`, body: { throughId: 9 } }]);
      expect([client.view().totals.unread, withdrawnThrough]).toEqual([1, 9]);
    },
  );

  test('a clear reaches all that is further down as well, and not what is put off', async () => {
    hearSnapshot(
      summary(position(9), 500, { totals: { unread: 500, inbox: 600, done: 3, snoozed: 2 } }),
      items(9, 8, 7),
      { nextCursor: '7' },
    );
    setStream('open');
    respond = () => ({ body: summary(position(9, 1), 0) });
    void client.clear(client.view().shownThrough);
    expect(client.view().totals).toEqual({ unread: 0, inbox: 0, done: 603, snoozed: 2 });
    await settled();
  });

  test('an action shows as taken at once, and is taken back with a sentence when somebody else was first', async () => {
    const actions = [
      { name: 'yes', label: 'Yes', confirm: null, input: null, link: null },
      { name: 'no', label: 'No', confirm: null, input: { label: 'Why?', multiline: false }, link: null },
    ];
    hearSnapshot(summary(position(9), 1), [item(9, { actions })]);
    setStream('open');
    respond = () => refusal(409, 'This was answered already.');
    const acted = client.act(9, 'no', 'Not now');
    expect(client.view().items[0]).toMatchObject({
      actedWith: 'no',
      answer: { action: 'no', label: 'No', by: null },
      actions: [],
    });
    expect(client.view().totals.unread).toBe(0);
    await expect(acted).rejects.toEqual(new RequestError(409, 'This was answered already.'));
    expect(client.view().items[0]).toMatchObject({ actedWith: null, actions, readAt: null });
    expect(client.view().items[0]).not.toHaveProperty('answer');
    respond = () => ({ body: summary(position(9, 1), 0) });
    await client.act(9, 'yes');
    expect(asked.slice(-2).map(({ body }) => body)).toEqual([
      { id: 9, action: 'no', input: 'Not now' },
      { id: 9, action: 'yes' },
    ]);
  });

  test('each of them asks for what it says', async () => {
    goLive(9);
    respond = () => ({ body: { ...summary(position(9, 1), 1), undo: 'token' } });
    await client.read([9]);
    await client.unread([9]);
    await client.restore([9]);
    await client.snooze([9], isoTime(START + DAY_MS));
    await client.undo('token');
    expect(asked.map(({ path, body }) => [path.replace('/notifications/', ''), body])).toEqual([
      ['read', { ids: [9] }],
      ['unread', { ids: [9] }],
      ['restore', { ids: [9] }],
      ['snooze', { ids: [9], until: isoTime(START + DAY_MS) }],
      ['undo', { undo: 'token' }],
    ]);
  });
});

describe('toasts', () => {
  test('what was waiting when the page opened has none, what arrives has, each once', async () => {
    goLive(9, 8);
    expect(announced).toEqual([]);
    hearLive(10);
    hearHeartbeat(10);
    hearChanges(summary(position(10, 1), 3), [item(10)]);
    expect(announced).toEqual([{ ids: [10], count: 1 }]);
  });

  test('what was missed has one when the stream is back, and when it was polled', async () => {
    goLive(9);
    setStream('down');
    hearChanges(summary(position(11), 3), items(10, 11), { since: position(9) });
    setStream('open');
    setStream('down');
    respond = () => changes(summary(position(12), 4), [item(12)]);
    await vi.advanceTimersByTimeAsync(POLLS_AFTER_MS);
    expect(announced).toEqual([
      { ids: [11, 10], count: 2 },
      { ids: [12], count: 1 },
    ]);
  });

  test('of more than a snapshot holds, the rest is counted', () => {
    goLive(1);
    setStream('down');
    hearSnapshot(summary(position(500), 500), items(500, 499, 498), { nextCursor: '498' });
    expect(announced).toEqual([{ ids: [500, 499, 498], count: 499 }]);
  });

  test('what was read or dismissed elsewhere before it came has none', () => {
    goLive(9);
    setStream('down');
    const at = isoTime(serverNow());
    hearChanges(summary(position(11, 2), 1), [item(10, { readAt: at }), item(11, { doneAt: at })], {
      since: position(9),
    });
    expect(announced).toEqual([]);
  });

  test('only the tab that shows toasts has them, and what came before it did is no news then', () => {
    goLive(9);
    shared.showsToasts = false;
    hearLive(10);
    shared.showsToasts = true;
    hearHeartbeat(10);
    expect(announced).toEqual([]);
  });

  test('they go with what they tell of: read, dismissed or expired, here or elsewhere', async () => {
    goLive();
    for (const id of [1, 2, 3, 4]) hearLive(id, id === 4 ? { expiresAt: isoTime(serverNow() + 1_000) } : {});
    await vi.advanceTimersByTimeAsync(100);
    respond = () => ({ body: summary(position(4, 1), 3) });
    await client.read([1]);
    hearChanges(summary(position(4, 2), 2), [
      item(1, { readAt: isoTime(serverNow()) }),
      item(2, { doneAt: isoTime(serverNow()) }),
    ]);
    respond = () => changes(summary(position(4, 2), 1));
    await vi.advanceTimersByTimeAsync(1_000);
    expect([...withdrawn].toSorted()).toEqual([1, 2, 4]);
  });

  test('when nothing is unread any more there is nothing left to tell, also of what was only counted', () => {
    goLive(9);
    hearChanges(summary(position(9, 1), 0), [item(9, { readAt: isoTime(serverNow()) })]);
    expect(withdrawnThrough).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('clocks', () => {
  const JUMPS = [3 * HOUR_MS, -3 * HOUR_MS, DAY_MS, -DAY_MS];
  const inAnHour = () => isoTime(serverNow() + HOUR_MS);

  test.each(JUMPS)(
    "an item expires when it does by the server's clock, though this computer's jumps by %i ms",
    async (jump) => {
      hearSnapshot(summary(position(9), 1, { nextExpiresAt: inAnHour() }), [
        item(9, { expiresAt: inAnHour() }),
      ]);
      setStream('open');
      vi.setSystemTime(Date.now() + jump);
      await vi.advanceTimersByTimeAsync(HOUR_MS - 1);
      expect([shown(), asked]).toEqual([[9], []]);
      respond = () => changes(summary(position(9), 0));
      await vi.advanceTimersByTimeAsync(1);
      expect([shown(), client.view().totals.unread]).toEqual([[], 0]);
      await vi.advanceTimersByTimeAsync(CHECKS_WITHIN_MS);
      expect(asked).toHaveLength(1);
    },
  );

  test.each(JUMPS)(
    "a page that only polls keeps its pace and the server's time, on a computer that is %i ms ahead",
    async (ahead) => {
      openPage({ ahead });
      const expiresAt = isoTime(START + HOUR_MS);
      const of = summary(position(9), 1, { nextExpiresAt: expiresAt });
      respond = () => firstPage(of, [item(9, { expiresAt })]);
      await vi.advanceTimersByTimeAsync(POLLS_AFTER_MS);
      expect([shown(), paths()]).toEqual([[9], ['poll']]);
      respond = () => changes({ ...of, readAt: isoTime(serverNow()) });
      await vi.advanceTimersByTimeAsync(10 * POLLS_EVERY_MS);
      expect([shown(), client.view().totals.unread, asked.length]).toEqual([[9], 1, 11]);
      respond = () => changes(summary(position(9), 0));
      await vi.advanceTimersByTimeAsync(HOUR_MS);
      expect([shown(), client.view().totals.unread]).toEqual([[], 0]);
    },
  );

  test.each([3 * HOUR_MS, DAY_MS])(
    "when the server's clock is %i ms ahead for a while, what had expired by it stands again afterwards",
    async (jump) => {
      const expiresAt = inAnHour();
      const of = () => summary(position(9), 2, { nextExpiresAt: expiresAt });
      hearSnapshot(of(), [item(9, { expiresAt }), item(8)]);
      setStream('open');
      setServerClock(START + jump);
      respond = () => changes(summary(position(9), 1));
      hearHeartbeat(9);
      expect([shown(), client.view().totals.unread]).toEqual([[8], 1]);
      await vi.advanceTimersByTimeAsync(CHECKS_WITHIN_MS);

      setServerClock(START + 15_000);
      respond = ({ path }) =>
        path.includes('poll') ? firstPage(of(), [item(9, { expiresAt }), item(8)]) : changes(of());
      hearHeartbeat(9);
      await vi.advanceTimersByTimeAsync(CHECKS_WITHIN_MS);
      expect([shown(), client.view().totals.unread]).toEqual([[9, 8], 2]);
      // Asked for once, and it goes again when its time has come.
      expect(paths().filter((path) => path === 'poll')).toHaveLength(1);
      respond = () => changes(summary(position(9), 1));
      await vi.advanceTimersByTimeAsync(HOUR_MS);
      expect([shown(), client.view().totals.unread]).toEqual([[8], 1]);
    },
  );

  test('it does for a page that only polls, with the next poll', async () => {
    const expiresAt = inAnHour();
    const of = () => summary(position(9), 2, { nextExpiresAt: expiresAt });
    const whole = () => firstPage(of(), [item(9, { expiresAt }), item(8)]);
    respond = whole;
    await vi.advanceTimersByTimeAsync(POLLS_AFTER_MS);
    setServerClock(START + DAY_MS);
    respond = () => changes(summary(position(9), 1));
    await vi.advanceTimersByTimeAsync(POLLS_EVERY_MS);
    expect([shown(), client.view().totals.unread]).toEqual([[8], 1]);
    await vi.advanceTimersByTimeAsync(CHECKS_WITHIN_MS);
    setServerClock(START + 2 * POLLS_EVERY_MS);
    respond = ({ path }) => (path.includes('poll') ? whole() : changes(of()));
    await vi.advanceTimersByTimeAsync(POLLS_EVERY_MS + CHECKS_WITHIN_MS);
    expect([shown(), client.view().totals.unread]).toEqual([[9, 8], 2]);
  });

  test('what a statement no longer counts is not taken off once more', async () => {
    const expiresAt = isoTime(serverNow() + 1_000);
    hearSnapshot(summary(position(9), 2, { nextExpiresAt: expiresAt }), [item(9, { expiresAt }), item(8)]);
    setStream('open');
    // Read just after it had expired, and here before this page took it out.
    hearChanges(summary(position(9, 1), 1, { readAt: expiresAt }));
    expect([shown(), client.view().totals.unread]).toEqual([[8], 1]);
  });

  test('of two readings at one position the later one counts, however they come', async () => {
    const late = summary(position(9), 2);
    vi.advanceTimersByTime(1_000);
    hearSnapshot(summary(position(9), 1), [item(9)]);
    setStream('open');
    hearChanges(late);
    expect(client.view().totals.unread).toBe(1);
  });
});

describe('where nothing can stay open', () => {
  test('it opens no stream, and fetches what is new every 20 s', async () => {
    respond = () => firstPage(summary(position(8), 1), [item(8)]);
    openPage({ transport: 'poll' });
    await vi.advanceTimersByTimeAsync(0);
    expect([shared.stream, client.view().connection, shown()]).toEqual([null, 'poll-only', [8]]);
    respond = () => changes(summary(position(9), 2), [item(9)]);
    await vi.advanceTimersByTimeAsync(POLLS_EVERY_MS);
    expect([paths(), shown()]).toEqual([
      ['poll', `changes?since=${position(8)}`],
      [9, 8],
    ]);
    expect(announced.map((news) => news.ids)).toEqual([[9]]);
  });

  test('what is done here is told to the other tabs, and a server that is away is said to be', async () => {
    respond = () => firstPage(summary(position(8), 1), [item(8)]);
    openPage({ transport: 'poll' });
    await vi.advanceTimersByTimeAsync(0);
    respond = () => ({ body: summary(position(8, 1), 0) });
    await client.dismiss([8]);
    expect(shared.told).toHaveLength(1);
    respond = () => {
      throw new Error('away');
    };
    await vi.advanceTimersByTimeAsync(POLLS_EVERY_MS);
    expect(client.view().connection).toBe('offline');
  });
});

describe('how the user wants to be told', () => {
  const answer = (settingsRevision: number, settings: object, muted: object[] = []): Answer => ({
    body: {
      state: position(5, settingsRevision),
      settings: { categories: {}, quietHours: null, ...settings },
      settingsRevision,
      categories: [{ name: 'system' }],
      topics: [],
      muted,
    },
  });
  const mode = (of: string) => ({ categories: { '': { mode: of, sound: false, desktop: false } } });
  const told = (eventId: number, settingsRevision: number) =>
    summary(position(eventId, settingsRevision), 0, { settingsRevision });

  /** Of the settings the one, and of the inbox that nothing has changed. */
  const answering = (ofSettings: () => Answer | Promise<Answer>) => {
    respond = ({ path }) =>
      path.includes('settings') ? ofSettings() : changes(told(7, Number(/(\d+)$/.exec(path)?.[1] ?? 0)));
  };

  test('is not asked for where nobody ever said anything', async () => {
    hearSnapshot(told(5, 0), []);
    setStream('open');
    hearLive(6, { category: '' });
    await settled();
    expect(paths()).toEqual([]);
    expect(announced).toEqual([{ ids: [6], count: 1 }]);
  });

  test('is waited for, and then obeyed, whatever came meanwhile', async () => {
    let letGo = (_: Answer) => {};
    answering(
      () =>
        new Promise<Answer>((resolve) => {
          letGo = resolve;
        }),
    );
    hearSnapshot(told(5, 3), []);
    setStream('open');
    hearLive(6, { category: '' });
    hearLive(7, { category: 'other' });
    await vi.advanceTimersByTimeAsync(200);
    expect(paths()).toEqual(['settings']);
    expect(announced).toEqual([]);
    letGo(answer(3, mode('inbox')));
    await settled();
    expect(announced).toEqual([{ ids: [7], count: 1 }]);
    expect(client.view().totals.unread).toBe(2);
  });

  test('is as it was, and told, when it cannot be had; it is asked for again', async () => {
    answering(() => refusal(500, 'No.'));
    hearSnapshot(told(5, 3), []);
    setStream('open');
    hearLive(6, { category: '' });
    await settled();
    expect(announced).toEqual([{ ids: [6], count: 1 }]);
    answering(() => answer(3, mode('inbox')));
    await vi.advanceTimersByTimeAsync(POLLS_EVERY_MS);
    hearLive(7, { category: '' });
    await settled();
    expect(announced).toHaveLength(1);
    expect(client.settings.view().settings).toMatchObject(mode('inbox'));
  });

  test('that something is muted makes what comes read, and has the inbox read anew', async () => {
    hearSnapshot(told(5, 0), []);
    setStream('open');
    respond = ({ path }) =>
      path.includes('settings')
        ? answer(4, mode('muted'), [{ category: '', sinceEventId: 5 }])
        : firstPage(told(5, 4), []);
    hearInbox({ kind: 'changes', ...told(5, 4), changed: [], removed: [] });
    await settled();
    expect(paths()).toEqual(['settings', 'poll']);
    hearLive(6, { category: '' });
    await settled();
    expect(announced).toEqual([]);
    expect(client.view().totals).toMatchObject({ unread: 0, inbox: 1 });
  });

  test('of several changes that come fast the last is kept, and one that is refused is taken back', async () => {
    hearSnapshot(told(5, 0), []);
    setStream('open');
    const answers = [answer(6, mode('inbox')), answer(7, mode('toast'))];
    answering(() => answers.shift() ?? refusal(500, 'It did not work.'));
    const saving = ['inbox', 'muted', 'toast'].map((each) =>
      client.settings.save({ ...mode(each), quietHours: null } as never),
    );
    expect(client.settings.view()).toMatchObject({ settings: mode('toast'), saved: 'saving' });
    await Promise.all(saving);
    expect(asked.map(({ body }) => body)).toMatchObject([mode('toast')]);
    await client.settings.save({ ...mode('muted'), quietHours: null } as never);
    await client.settings.save({ ...mode('inbox'), quietHours: null } as never);
    expect(client.settings.view()).toMatchObject({ saved: 'as-it-was', problem: 'It did not work.' });
    expect(client.settings.view().settings).toMatchObject(mode('toast'));
  });
});
