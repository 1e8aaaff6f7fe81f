/** Carries the stream into the inbox: backlog, live events, dismissals made elsewhere. */

import { noteServerTime } from '@/components/server-clock.ts';
import { noteVersion } from '@/components/site-version.ts';
import {
  addEvents,
  applyBacklog,
  applyFrame,
  type InboxFrame,
  type InboxState,
  isNew,
  type NotificationEvent,
  type PollAnswer,
  unreadTotal,
} from './inbox-state.ts';
import { openSharedConnection } from './shared-connection.ts';
import { announceToasts, withdrawToastsThrough } from './toast-queue.ts';
import { competeForToasts } from './toast-tab.ts';

/**
 * `down`: the stream has been gone for so long that polling has to take over. `signed-out`: its session has
 * ended; if another one stands, the stream opens again.
 */
export type FeedState = 'connecting' | 'live' | 'down' | 'signed-out';

export type Listener = (payload: unknown) => void;
/** Who on this page wants to hear of which type of event. */
export type Listeners = Map<string, Set<Listener>>;

// A stream that opens within this needs no polling in between.
const POLL_AFTER_MS = 3_000;
// An arrival is shown at once, and those that follow within this are shown together: a hundred a second
// would otherwise draw the page a hundred times, and nobody could tell the difference.
const TOGETHER_MS = 100;

interface ConnectInboxOptions {
  userKey: string;
  eventTypes: readonly string[];
  read: () => InboxState;
  change: (next: (state: InboxState) => InboxState) => void;
  revalidate: () => void;
  onState: (state: FeedState) => void;
  listeners: Listeners;
}

export interface InboxFeed {
  /** Tells the user's other tabs what this one changed, for the time when no stream can be held. */
  share: (frame: InboxFrame) => void;
  /** A page of poll was read: `before` is what was known until then. */
  announcePage: (page: PollAnswer, before: InboxState) => void;
  close: () => void;
}

/** Feeds the inbox from the stream, until it is closed. */
export function connectInbox({
  userKey,
  eventTypes,
  read,
  change,
  revalidate,
  onState,
  listeners,
}: ConnectInboxOptions): InboxFeed {
  const toastTab = competeForToasts(userKey);
  let pollTimer: ReturnType<typeof setTimeout> | undefined;
  /** By id: what comes twice must not stand for what is still to come. */
  let backlog = new Map<number, NotificationEvent>();
  /** The frame that the stream began with. */
  let start: InboxFrame | null = null;
  let unreadBeforeStart = 0;
  /** Only what lies above this id is news; `null` until this page has seen its first totals. */
  let newsAfterId: number | null = null;
  /** News that was read and not yet announced, and how many there are, those that are not at hand included. */
  let news: NotificationEvent[] = [];
  let newsCount = 0;
  /** A backlog left something out: only a page that reaches up to here tells of all news. */
  let pageMissingTo = 0;
  /** What arrived live and is not in the inbox yet. */
  let arrived = new Map<number, NotificationEvent>();
  let arrivalTimer: ReturnType<typeof setTimeout> | undefined;

  function onInbox(frame: InboxFrame): void {
    takeIn();
    noteServerTime(frame.readAt);
    if (frame.clearedThroughId !== undefined) withdrawToastsThrough(frame.clearedThroughId);
    if (frame.backlog !== undefined) {
      backlog = new Map();
      start = frame;
      unreadBeforeStart = unreadTotal(read());
    }
    change((state) => applyFrame(state, frame));
    if (frame.backlog === 0) endBacklog(frame);
  }

  function onNotification(event: NotificationEvent): void {
    const backlogSize = start?.backlog ?? 0;
    if (start && event.isRecovered && backlog.size < backlogSize) {
      backlog.set(event.id, event);
      if (backlog.size === backlogSize) endBacklog(start);
      return;
    }
    arrived.set(event.id, event);
    if (arrivalTimer) return;
    takeIn();
    arrivalTimer = setTimeout(() => {
      arrivalTimer = undefined;
      takeIn();
    }, TOGETHER_MS);
  }

  function takeIn(): void {
    const before = read();
    const added = [...arrived.values()].filter((event) => isNew(before, event));
    arrived = new Map();
    if (added.length === 0) return;
    change((state) => addEvents(state, added));
    // A tab that joined in the middle of a backlog gets the rest of it here: it is no news.
    announce(added.filter(({ isRecovered }) => !isRecovered));
  }

  function announce(events: NotificationEvent[], count = events.length): void {
    if (toastTab.isOurs()) announceToasts(events, count);
  }

  /** Of what was read at once, notes what came while nobody was told. */
  function noteNews(given: Iterable<NotificationEvent>, before: InboxState, unreadBefore: number): void {
    const after = newsAfterId;
    // What waited before the page was opened is in the bell, and needs no toast.
    if (after === null) return;
    for (const event of given) if (event.id > after && isNew(before, event)) news.push(event);
    // There may be more than one answer holds: the total tells.
    newsCount += Math.max(0, unreadTotal(read()) - unreadBefore);
  }

  function announceNews(asOf: number): void {
    newsAfterId = Math.max(newsAfterId ?? 0, asOf);
    const { events } = read();
    const current = news.filter(({ id }) => events.has(id));
    announce(current, Math.max(current.length, newsCount));
    news = [];
    newsCount = 0;
  }

  function endBacklog(frame: InboxFrame): void {
    const before = read();
    const given = [...backlog.values()];
    change((state) => applyBacklog(state, frame, given));
    noteNews(given, before, unreadBeforeStart);
    if (frame.unreadTotal > given.length) {
      // There is more than the stream sends at its start. What it left out may be news as well.
      pageMissingTo = frame.asOf;
      revalidate();
    } else {
      pageMissingTo = 0;
      announceNews(frame.asOf);
    }
  }

  function announcePage(page: PollAnswer, before: InboxState): void {
    noteNews(page.notifications, before, unreadTotal(before));
    // One that was asked for before the stream began does not hold everything that it left out.
    if (page.asOf < pageMissingTo) return;
    pageMissingTo = 0;
    announceNews(page.asOf);
  }

  const connection = openSharedConnection({
    userKey,
    eventTypes,
    onEvent(eventType, data) {
      if (eventType === 'inbox') {
        onInbox(data as InboxFrame);
        return;
      }
      if (eventType === 'session-ended') {
        onState('signed-out');
        return;
      }
      if (eventType === 'heartbeat') {
        const { now, version } = data as { now: string; version: string };
        noteServerTime(now);
        noteVersion(version);
      }
      const event = data as NotificationEvent;
      if (typeof event.id === 'number') onNotification(event);
      for (const listener of listeners.get(eventType) ?? []) tell(listener, event.payload);
    },
    onJoin: revalidate,
    onState(state) {
      if (state === 'open') {
        clearTimeout(pollTimer);
        pollTimer = undefined;
        onState('live');
      } else {
        pollTimer ??= setTimeout(() => {
          onState('down');
          revalidate();
        }, POLL_AFTER_MS);
      }
    },
  });
  return {
    announcePage,
    share: (frame) => connection.share('inbox', frame),
    close() {
      clearTimeout(pollTimer);
      clearTimeout(arrivalTimer);
      connection.close();
      toastTab.close();
    },
  };
}

/** One listener that fails keeps nothing from the others. */
function tell(listener: Listener, payload: unknown): void {
  try {
    listener(payload);
  } catch (error) {
    reportError(error);
  }
}
