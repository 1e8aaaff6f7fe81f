/**
 * The user's inbox on one page, put together: the store, what feeds it (the stream, and polling while that is
 * down), and what follows it (expiry, toasts, the user's other tabs).
 */

import type { Alerts } from '../protocol/alerts.ts';
import type { ChangeAnswer, Heartbeat, InboxFrame, Totals } from '../protocol/item.ts';
import type { ConnectionState, RawFrame } from './connection.ts';
import { showOnDesktop } from './desktop-notification.ts';
import { type Expiry, watchExpiry } from './expiry.ts';
import type { InboxList, ViewSource } from './inbox-list.ts';
import { type Change, type Entry, type Item, isUnread, NO_TOTALS } from './inbox-model.ts';
import { InboxStore } from './inbox-store.ts';
import { createRequests, RequestError, type RequestsOptions } from './requests.ts';
import { createRunning, type RunningItem } from './running.ts';
import { gatherSeen, type SeenItems } from './seen.ts';
import type { ServerClock } from './server-clock.ts';
import { createSettingsStore, type SettingsClient } from './settings.ts';
import { openSharedConnection, openTabChannel, type SharedConnection } from './tabs.ts';
import { competeForToasts } from './toast-tab.ts';
import type { Toasts } from './toasts.ts';
import type { TranslateClient } from './translate-client.ts';

/**
 * What a person is told of the connection. `polling`: the stream is gone for a while; `poll-only`: there is none, as the
 * app has it; `signed-out`: the server no longer knows this session.
 */
export type Connection = 'connecting' | 'live' | 'polling' | 'poll-only' | 'offline' | 'signed-out';

/** How what is new reaches a page: `stream` at once; `poll` within 20 s, where nothing can stay open. */
export type Transport = 'stream' | 'poll';

export interface InboxView {
  /** Neither done nor snoozed, newest first; above them what is urgent and further down. */
  items: readonly Item[];
  /** The same, several of one group joined. */
  entries: readonly Entry[];
  totals: Totals;
  /** The long jobs that run, those that began first in front. They are not counted, and are gone when the page misses them for 15 s. */
  running: readonly RunningItem[];
  /** The highest id in the list: `clear` and `readAll` reach up to the one of the view that the person saw. */
  shownThrough: number;
  status: 'loading' | 'ready' | 'error';
  connection: Connection;
  hasMore: boolean;
  loadingMore: boolean;
  /** The position that all this is as of; `null` while loading. It moves whenever something changed. */
  position: string | null;
}

/** Shows at once; rejects with a sentence, and is taken back, when the server refuses. */
type Changing<Arguments extends unknown[]> = (...given: Arguments) => Promise<ChangeAnswer>;

export interface InboxClient {
  /** Opens the stream. Returns its own undo, after which it may be opened again. */
  open: () => () => void;
  /** The same object until something changes. */
  view: () => InboxView;
  /** Returns its own undo. */
  subscribe: (listener: () => void) => () => void;
  /** Calls `listener` with the payload of every event of a type. Returns its own undo. */
  listen: (eventType: string, listener: (payload: unknown) => void) => () => void;
  dismiss: Changing<[ids: readonly number[]]>;
  read: Changing<[ids: readonly number[]]>;
  unread: Changing<[ids: readonly number[]]>;
  restore: Changing<[ids: readonly number[]]>;
  /** @param until ISO 8601. */
  snooze: Changing<[ids: readonly number[], until: string]>;
  /** Takes an action of an item. @param input What was filled in, where the action asks for something. */
  act: Changing<[id: number, action: string, input?: string]>;
  /** @param throughId `shownThrough` of the view that the person saw: what came after it stays. */
  clear: Changing<[throughId: number]>;
  readAll: Changing<[throughId: number]>;
  /**
   * Dismisses all of a group that is in the inbox.
   *
   * @param throughId `throughId` of the group that the person saw: what came after it stays.
   */
  dismissGroup: Changing<[key: string, throughId: number]>;
  /** As `dismissGroup`, for reading. */
  readGroup: Changing<[key: string, throughId: number]>;
  /** @param token The `undo` of an earlier answer. It shows when the server has told what it changed. */
  undo: Changing<[token: string]>;
  /** Notes that an item was on the screen. The server is told of several together, within a second, and of each once. */
  see: SeenItems['see'];
  loadMore: () => Promise<void>;
  retry: () => void;
  /** What other views of the inbox are read and kept by: see `followList`. `null`: there is no inbox. */
  views: ViewSource | null;
  /** Whether this is the one of the browser's tabs that shows toasts. Subscribers are told when that changes. */
  showsToasts: () => boolean;
  /** How the user wants to be told. */
  settings: SettingsClient;
  /**
   * Tells of an example as of something that has just come, also where another tab shows toasts, and on the desktop also while
   * the page is looked at. Returns what was done.
   */
  tryOut: (category: string) => Alerts;
}

export interface InboxClientOptions extends RequestsOptions {
  eventTypes: readonly string[];
  clock: ServerClock;
  toasts: Toasts;
  /** A notification on the desktop was pressed, and has brought the page to the front. Default: no more than that happens. */
  onOpen?: ((item: Item) => void) | undefined;
  /** Default `stream`. */
  transport?: Transport | undefined;
}

/** `down`: the stream has been gone for so long that polling has to take over. */
type StreamState = 'connecting' | 'live' | 'down' | 'signed-out';

/** How old the list may be while no stream can be held. */
const POLL_EVERY_MS = 20_000;
// A stream that opens within this needs no polling in between.
const POLL_AFTER_MS = 3_000;
// An arrival is shown at once, and those that follow within this are shown together: a hundred a second
// would otherwise draw the page a hundred times, and nobody could tell the difference.
const TOGETHER_MS = 100;
// A stream that works brings the change that an answer told of sooner than this.
const STATED_WITHIN_MS = 500;

export const LOADING: InboxView = {
  items: [],
  entries: [],
  totals: NO_TOTALS,
  running: [],
  shownThrough: 0,
  status: 'loading',
  connection: 'connecting',
  hasMore: false,
  loadingMore: false,
  position: null,
};

/** One inbox. It does nothing until it is opened, so that it can be made on a server too. */
export function createInboxClient(options: InboxClientOptions): InboxClient {
  const { userKey, locale, translate, eventTypes, clock, version, toasts, basePath = '' } = options;
  const { transport = 'stream', onOpen = () => {} } = options;
  const requests = createRequests(options);
  const subscribers = new Set<() => void>();
  const listeners = new Map<string, Set<(payload: unknown) => void>>();
  let stream: StreamState = 'connecting';
  let problem: RequestError | null = null;
  let loadingMore = false;
  let view: InboxView = LOADING;
  let opened: OpenInbox | null = null;
  let examples = 0;
  let news: { items: readonly Item[]; count: number }[] = [];
  /** Those that somebody follows. */
  const lists = new Set<InboxList>();

  const poll: typeof requests.poll = (cursor, part) => timed(requests.poll(cursor, part));
  const store = new InboxStore({
    requests: {
      poll,
      changes: (since) => timed(requests.changes(since)),
      change: (made) => timed(requests.change(made)),
      undo: (token) => timed(requests.undo(token)),
    },
    now: clock.now,
    translate,
    onChange: update,
    onNews(items, count) {
      news.push({ items, count });
    },
    isMuted: (item) => settings.isMuted(item),
    onBehind: () => opened?.catchUpSoon(),
    onTold: (told) => eachList((list) => list.tell(told)),
    onReplaced: () => eachList((list) => list.replaced()),
    onPending: () => eachList((list) => list.changed()),
  });

  function eachList(work: (list: InboxList) => void): void {
    for (const list of lists) work(list);
  }
  const settings = createSettingsStore({
    requests,
    now: clock.now,
    onSettled: announceNews,
    onSaved(state) {
      store.reach(state);
      opened?.connection.tell(state);
    },
    onMuted() {
      store.doubt();
      if (store.isBehind()) void refresh();
    },
  });

  const running = createRunning(update);
  // The stream brings it to every tab, this one included: nothing that anybody waits for depends on it.
  const seen = gatherSeen(async (ids) => {
    if (view.connection !== 'signed-out') await requests.see(ids);
  });

  /** While no stream brings the server's time, answers do. */
  async function timed<Answer extends { readAt: string }>(asked: Promise<Answer>): Promise<Answer> {
    const answer = await asked;
    noteTime(answer.readAt);
    return answer;
  }

  function noteTime(time: string): void {
    if (!clock.note(time)) return;
    store.doubt();
    opened?.expiry.checkSoon();
  }

  function update(): void {
    const before = view;
    view = currentView();
    if (view.connection !== before.connection) eachList((list) => list.changed());
    settings.note(store.settings());
    opened?.expiry.update();
    const shown = new Map(view.items.map((item) => [item.id, item]));
    const gone = before.items.filter((item) => {
      const now = shown.get(item.id);
      return isUnread(item) && !(now && isUnread(now));
    });
    // However it went: dismissed, read, here or elsewhere, or expired.
    toasts.withdraw(gone.map(({ id }) => id));
    if (before.totals.unread > 0 && view.totals.unread === 0)
      toasts.withdrawThrough(Number.POSITIVE_INFINITY);
    tellSubscribers();
  }

  function tellSubscribers(): void {
    for (const subscriber of subscribers) subscriber();
  }

  function currentView(): InboxView {
    const connection = describeConnection(stream, problem, transport);
    // Whoever sits here now need not be the one whose inbox this was.
    const look = connection === 'signed-out' ? null : store.look();
    running.end(look?.items ?? []);
    return {
      ...(look ?? LOADING),
      running: look ? running.all() : LOADING.running,
      status: look ? 'ready' : problem ? 'error' : 'loading',
      connection,
      hasMore: look !== null && store.hasMore(),
      loadingMore,
      position: look && store.position(),
    };
  }

  function nextExpiry(): number | null {
    const times = [store.nextExpiry(), ...[...lists].map((list) => list.nextExpiry())];
    const known = times.filter((time) => time !== null);
    return known.length === 0 ? null : Math.min(...known);
  }

  /** As the user wants it: so it waits until that is known. */
  function announceNews(): void {
    if (settings.isOnItsWay()) return;
    for (const { items, count } of news) if (opened?.showsToasts()) announce(items, count);
    news = [];
  }

  function announce(items: readonly Item[], count: number): void {
    const told = items.map((item) => ({ item, alerts: settings.alertsOf(item) }));
    const shown = told.filter(({ alerts }) => alerts.toast).map(({ item }) => item);
    // Of what is not at hand nobody knows how it wants to be told: where the rest is silent, that is too.
    if (shown.length > 0) toasts.announce(shown, count - (items.length - shown.length));
    if (told.some(({ alerts }) => alerts.sound)) ring();
    if (document.visibilityState === 'visible') return;
    for (const { item, alerts } of told) if (alerts.desktop) showOnDesktop(item, () => onOpen(item));
  }

  function tryOut(category: string): Alerts {
    examples += 1;
    const item = exampleOf(category, -examples, { translate, now: clock.now() });
    const alerts = settings.alertsOf(item);
    if (alerts.toast) toasts.announce([item]);
    if (alerts.sound) ring();
    if (alerts.desktop) showOnDesktop(item, () => {});
    return alerts;
  }

  function setStream(next: StreamState): void {
    stream = next;
    // Whoever holds a stream is signed in, and the server is there.
    if (next === 'live') problem = null;
    if (next === 'signed-out') problem = new RequestError(401, translate('belfry.client.signed-out'));
    update();
  }

  async function refresh(): Promise<void> {
    const before = problem;
    try {
      await store.refresh();
      problem = null;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      problem = error;
    }
    if (problem !== before) update();
    if (problem === null) eachList((list) => list.retry());
    opened?.becomeLive();
    announceNews();
  }

  async function change(made: Change): Promise<ChangeAnswer> {
    if ('throughId' in made && !('group' in made)) toasts.withdrawThrough(made.throughId);
    return stated(store.change(made));
  }

  async function stated(asked: Promise<ChangeAnswer>): Promise<ChangeAnswer> {
    const answer = await asked;
    opened?.connection.tell(answer.state);
    return answer;
  }

  /** What lives as long as the page shows the inbox. */
  interface OpenInbox {
    connection: SharedConnection;
    expiry: Expiry;
    showsToasts: () => boolean;
    catchUpSoon: () => void;
    becomeLive: () => void;
  }

  function open(): () => void {
    const toastTab = competeForToasts(userKey, basePath, tellSubscribers);
    let downTimer: ReturnType<typeof setTimeout> | undefined;
    /** The stream is open, and what it begins with is not yet there. */
    let isBeginning = false;
    let catchUpTimer: ReturnType<typeof setTimeout> | undefined;
    /** What arrived live and is not in the inbox yet. */
    let arrived: Item[] = [];
    let arrivalTimer: ReturnType<typeof setTimeout> | undefined;

    function takeIn(): void {
      if (arrived.length > 0) store.receiveItems(arrived);
      arrived = [];
      announceNews();
    }

    function arrive(item: Item): void {
      if (item.isRecovered) {
        store.receiveItems([item]);
        announceNews();
        return;
      }
      arrived.push(item);
      if (arrivalTimer) return;
      takeIn();
      arrivalTimer = setTimeout(() => {
        arrivalTimer = undefined;
        takeIn();
      }, TOGETHER_MS);
    }

    function receive({ eventType, data, since }: RawFrame): void {
      const parsed: unknown = JSON.parse(data);
      if (eventType === 'inbox') {
        const frame = parsed as InboxFrame;
        takeIn();
        noteTime(frame.readAt);
        store.receiveFrame(frame, since);
        announceNews();
      } else if (eventType === 'heartbeat') {
        const heartbeat = parsed as Heartbeat;
        takeIn();
        noteTime(heartbeat.now);
        version.note(heartbeat.version);
        store.receiveHeartbeat(heartbeat);
        expiry.update();
      } else if (eventType === 'session-ended') {
        setStream('signed-out');
      } else {
        const { id, payload } = parsed as Item;
        if (typeof id === 'number') arrive(parsed as Item);
        else if ('fraction' in (parsed as object)) running.receive(parsed as RunningItem);
        for (const listener of listeners.get(eventType) ?? []) tell(listener, payload);
      }
      becomeLive();
    }

    /** A proxy may pass a part of what a stream begins with, and hold the rest. */
    function becomeLive(): void {
      if (!isBeginning || !store.isWhole()) return;
      isBeginning = false;
      clearTimeout(downTimer);
      downTimer = undefined;
      setStream('live');
    }

    function onState(state: ConnectionState): void {
      isBeginning = state === 'open';
      becomeLive();
      if (state === 'open') return;
      takeIn();
      store.breakStream();
      downTimer ??= setTimeout(() => {
        setStream('down');
        void refresh();
      }, POLL_AFTER_MS);
    }

    function catchUpSoon(): void {
      catchUpTimer ??= setTimeout(
        () => {
          catchUpTimer = undefined;
          if (store.isBehind()) void refresh();
        },
        stream === 'live' ? STATED_WITHIN_MS : 0,
      );
    }

    function pollIfNeeded(): void {
      eachList((list) => list.retry());
      settings.note(store.settings());
      if ((stream === 'down' || problem !== null) && problem?.status !== 401) void refresh();
      else if (store.isBehind()) catchUpSoon();
    }

    function onVisible(): void {
      // A page that is hidden may never be shown again.
      if (document.visibilityState === 'hidden') seen.flush();
      else if (stream === 'down') pollIfNeeded();
    }

    const expiry = watchExpiry({
      clock,
      next: nextExpiry,
      onExpired() {
        store.expire();
        eachList((list) => list.expire(clock.now()));
      },
      onCheck() {
        if (store.isBehind()) void refresh();
      },
    });
    const shared = { userKey, locale, eventTypes, basePath, onTold: (state: string) => store.reach(state) };
    const connection =
      transport === 'poll'
        ? openTabChannel(shared)
        : openSharedConnection({
            ...shared,
            position: () => store.position(),
            onFrame: receive,
            onState,
            onJoin() {
              store.breakStream();
              void refresh();
            },
          });
    const pollTimer = setInterval(pollIfNeeded, POLL_EVERY_MS);
    window.addEventListener('online', pollIfNeeded);
    document.addEventListener('visibilitychange', onVisible);
    window.addEventListener('pagehide', seen.flush);
    const mine: OpenInbox = {
      connection,
      expiry,
      catchUpSoon,
      becomeLive,
      showsToasts: toastTab.isOurs,
    };
    opened = mine;
    if (transport === 'poll') {
      setStream('down');
      void refresh();
    }

    return () => {
      if (opened === mine) opened = null;
      clearTimeout(downTimer);
      clearTimeout(catchUpTimer);
      clearTimeout(arrivalTimer);
      clearInterval(pollTimer);
      window.removeEventListener('online', pollIfNeeded);
      document.removeEventListener('visibilitychange', onVisible);
      window.removeEventListener('pagehide', seen.flush);
      seen.flush();
      expiry.close();
      connection.close();
      running.forgetAll();
      toastTab.close();
      store.breakStream();
      // The next person's toasts would otherwise begin with these.
      toasts.withdrawThrough(Number.POSITIVE_INFINITY);
    };
  }

  return {
    open,
    view: () => view,
    subscribe(listener) {
      subscribers.add(listener);
      return () => {
        subscribers.delete(listener);
      };
    },
    listen(eventType, listener) {
      const ofType = listeners.get(eventType) ?? new Set();
      listeners.set(eventType, ofType.add(listener));
      return () => {
        ofType.delete(listener);
      };
    },
    dismiss: (ids) => change({ kind: 'dismiss', ids }),
    read: (ids) => change({ kind: 'read', ids }),
    unread: (ids) => change({ kind: 'unread', ids }),
    restore: (ids) => change({ kind: 'restore', ids }),
    snooze: (ids, until) => change({ kind: 'snooze', ids, until }),
    act: (id, action, input) =>
      change({ kind: 'act', id, action, ...(input === undefined ? {} : { input }) }),
    clear: (throughId) => change({ kind: 'clear', throughId }),
    readAll: (throughId) => change({ kind: 'read', throughId }),
    dismissGroup: (group, throughId) => change({ kind: 'dismiss', group, throughId }),
    readGroup: (group, throughId) => change({ kind: 'read', group, throughId }),
    undo: (token) => stated(store.undo(token)),
    see: seen.see,
    async loadMore() {
      loadingMore = true;
      update();
      try {
        await store.loadMore();
      } finally {
        loadingMore = false;
        update();
      }
    },
    retry: () => void refresh(),
    views: {
      lists,
      async poll(cursor, part) {
        const page = await poll(cursor, part);
        store.reach(page.state);
        return page;
      },
      known: () => store.known(),
      withPending: (item) => store.withPending(item),
      isShown: () => view.connection !== 'signed-out',
      onRead: () => opened?.expiry.update(),
    },
    showsToasts: () => opened?.showsToasts() ?? false,
    settings,
    tryOut,
  };
}

/** What a notification of a category could be. Its id is nobody's: nothing that is done with it comes to anything. */
function exampleOf(
  category: string,
  id: number,
  { translate, now }: { translate: TranslateClient; now: number },
): Item {
  return {
    id,
    orderId: id,
    eventType: '',
    priority: 'NORMAL',
    category,
    createdAt: new Date(now).toISOString(),
    expiresAt: null,
    targetUserId: null,
    payload: null,
    isRecovered: false,
    title: translate('belfry.settings.example'),
    message: translate('belfry.settings.example-text'),
    link: null,
    actions: [],
    groupKey: null,
    seenAt: null,
    readAt: null,
    doneAt: null,
    snoozedUntil: null,
    editedAt: null,
    actedWith: null,
  };
}

/** Few want it: it is fetched when it is first to be heard. */
function ring(): void {
  import('./sound.ts').then(({ ring: sound }) => sound()).catch(() => {});
}

/** One listener that fails keeps nothing from the others. */
function tell(listener: (payload: unknown) => void, payload: unknown): void {
  try {
    listener(payload);
  } catch (error) {
    reportError(error);
  }
}

function describeConnection(
  stream: StreamState,
  problem: RequestError | null,
  transport: Transport,
): Connection {
  if (stream === 'live') return 'live';
  if (problem?.status === 401) return 'signed-out';
  if (stream === 'connecting') return 'connecting';
  if (problem?.status === 0) return 'offline';
  return transport === 'poll' && problem === null ? 'poll-only' : 'polling';
}
