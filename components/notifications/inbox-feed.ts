/** Carries the stream into the inbox: backlog, live events, dismissals made elsewhere. */
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
import { noteServerTime } from './server-clock.ts';
import { openSharedConnection } from './shared-connection.ts';
import { announceToasts, withdrawToastsThrough } from './toast-queue.ts';
import { competeForToasts } from './toast-tab.ts';

/** `down`: the stream has been gone for so long that polling has to take over. */
export type FeedState = 'connecting' | 'live' | 'down';

export type Listener = (payload: unknown) => void;
/** Who on this page wants to hear of which type of event. */
export type Listeners = Map<string, Set<Listener>>;

// A stream that opens within this needs no polling in between.
const POLL_AFTER_MS = 3_000;
// An arrival is shown at once, and those that follow within this are shown together: a hundred a second
// would otherwise draw the page a hundred times, and nobody could tell the difference.
const TOGETHER_MS = 100;

interface ConnectInboxOptions {
  userId: number;
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
  userId,
  eventTypes,
  read,
  change,
  revalidate,
  onState,
  listeners,
}: ConnectInboxOptions): InboxFeed {
  const toastTab = competeForToasts(userId);
  let pollTimer: ReturnType<typeof setTimeout> | undefined;
  let backlog: NotificationEvent[] = [];
  /** The frame that the stream began with. */
  let start: InboxFrame | null = null;
  let unreadBeforeStart = 0;
  /** Only what lies above this id is news; `null` until this page has seen its first totals. */
  let newsAfterId: number | null = null;
  /** What arrived live and is not in the inbox yet. */
  let arrived = new Map<number, NotificationEvent>();
  let arrivalTimer: ReturnType<typeof setTimeout> | undefined;

  function onInbox(frame: InboxFrame): void {
    takeIn();
    noteServerTime(frame.readAt);
    if (frame.clearedThroughId !== undefined) withdrawToastsThrough(frame.clearedThroughId);
    if (frame.backlog !== undefined) {
      backlog = [];
      start = frame;
      unreadBeforeStart = unreadTotal(read());
    }
    change((state) => applyFrame(state, frame));
    if (frame.backlog === 0) endBacklog(frame);
  }

  function onNotification(event: NotificationEvent): void {
    const backlogSize = start?.backlog ?? 0;
    if (start && event.isRecovered && backlog.length < backlogSize) {
      backlog.push(event);
      if (backlog.length === backlogSize) endBacklog(start);
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
    const news = [...arrived.values()].filter((event) => isNew(before, event));
    arrived = new Map();
    if (news.length === 0) return;
    change((state) => addEvents(state, news));
    // A tab that joined in the middle of a backlog gets the rest of it here: it is no news.
    announce(news.filter(({ isRecovered }) => !isRecovered));
  }

  function announce(events: NotificationEvent[], count = events.length): void {
    if (toastTab.isOurs()) announceToasts(events, count);
  }

  /** Of what was read at once, announces what came while nobody was told. */
  function announceNews(
    given: readonly NotificationEvent[],
    asOf: number,
    before: InboxState,
    unreadBefore: number,
  ): void {
    const after = newsAfterId;
    newsAfterId = Math.max(newsAfterId ?? 0, asOf);
    // What waited before the page was opened is in the bell, and needs no toast.
    if (after === null) return;
    const news = given.filter((event) => event.id > after && isNew(before, event));
    // There may be more than one answer holds: the total tells.
    announce(news, Math.max(news.length, unreadTotal(read()) - unreadBefore));
  }

  function endBacklog(frame: InboxFrame): void {
    const before = read();
    change((state) => applyBacklog(state, frame, backlog));
    announceNews(backlog, frame.asOf, before, unreadBeforeStart);
    // There is more than the stream sends at its start: read the newest page.
    if (frame.unreadTotal > backlog.length) revalidate();
  }

  const connection = openSharedConnection({
    userId,
    eventTypes,
    onEvent(eventType, data) {
      if (eventType === 'inbox') {
        onInbox(data as InboxFrame);
        return;
      }
      if (eventType === 'heartbeat') noteServerTime((data as { now: string }).now);
      const event = data as NotificationEvent;
      for (const listener of listeners.get(eventType) ?? []) listener(event.payload);
      if (typeof event.id === 'number') onNotification(event);
    },
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
    announcePage: (page, before) => announceNews(page.notifications, page.asOf, before, unreadTotal(before)),
    share: (frame) => connection.share('inbox', frame),
    close() {
      clearTimeout(pollTimer);
      clearTimeout(arrivalTimer);
      connection.close();
      toastTab.close();
    },
  };
}
