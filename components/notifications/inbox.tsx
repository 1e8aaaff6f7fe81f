'use client';

/**
 * The user's inbox for everything on the page: SWR holds it, the stream feeds it, and polling takes
 * over while the stream is down.
 */
import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import useSWR, { useSWRConfig } from 'swr';
import { noteServerTime } from '@/components/server-clock.ts';
import { fetchPage, postClear, postDismiss, RequestError } from './inbox-api.ts';
import { connectInbox, type FeedState, type InboxFeed, type Listener, type Listeners } from './inbox-feed.ts';
import {
  applyClear,
  applyPage,
  confirmDismissal,
  dismissEvents,
  EMPTY_INBOX,
  type InboxState,
  idsThatLeft,
  listEvents,
  type NotificationEvent,
  undoDismissal,
  unreadTotal,
  withTotals,
} from './inbox-state.ts';
import { PagesContext } from './pages.ts';
import { withdrawToasts, withdrawToastsThrough } from './toast-queue.ts';
import { useExpiry } from './use-expiry.ts';

export type { NotificationEvent } from './inbox-state.ts';

/** What a person is told of the connection. `signed-out`: the server no longer knows this session. */
export type Connection = 'connecting' | 'live' | 'polling' | 'offline' | 'signed-out';

export interface Inbox {
  /** Not dismissed, newest first. */
  items: NotificationEvent[];
  unreadTotal: number;
  status: 'loading' | 'ready' | 'error';
  connection: Connection;
  /** Takes them out at once; rejects with a sentence, and puts them back, when the server refuses. */
  dismiss: (ids: number[]) => Promise<void>;
  /** As `dismiss`, for everything. */
  clear: () => Promise<void>;
  loadMore: () => Promise<void>;
  hasMore: boolean;
  loadingMore: boolean;
  retry: () => void;
}

/** How old the list may be while no stream can be held. */
export const POLL_EVERY_MS = 20_000;

const InboxContext = createContext<Inbox | null>(null);
const ConnectionContext = createContext<Connection>('connecting');
const ListenersContext = createContext<Listeners | null>(null);

/** Keeps one inbox and one stream for the tree below it. */
export function InboxProvider({
  userKey,
  eventTypes,
  pages,
  children,
}: {
  userKey: string;
  eventTypes: readonly string[];
  /** The pages of the app: the router goes there, and to nothing else. */
  pages: readonly string[];
  children: ReactNode;
}) {
  const listeners = useRef<Listeners>(new Map()).current;
  // Not one for all: a refresh of the page may find somebody else signed in.
  const key = `/notifications/poll of ${userKey}`;
  const { cache, mutate } = useSWRConfig();
  const [connection, setConnection] = useState<FeedState>('connecting');
  // Kept here and not by SWR, which stops polling over an error and forgets it with the next change.
  const [pollError, setPollError] = useState<RequestError | null>(null);
  const [loadingMore, setLoadingMore] = useState(false);

  const read = useCallback((): InboxState => cache.get(key)?.data ?? EMPTY_INBOX, [cache, key]);
  const change = useCallback(
    (next: (state: InboxState) => InboxState) => {
      const before = read();
      const after = next(before);
      void mutate(key, after, { revalidate: false });
      // However it went: dismissed here or elsewhere, cleared, or expired.
      withdrawToasts(idsThatLeft(before, after));
    },
    [mutate, read, key],
  );

  const feed = useRef<InboxFeed | null>(null);
  const isDown = connection === 'down';
  const polls = (isDown || pollError !== null) && pollError?.status !== 401;
  const swr = useSWR<InboxState>(
    key,
    async () => {
      const page = await fetchPage(userKey, null).catch((error: RequestError) => {
        setPollError(error);
        return null;
      });
      if (page === null) return read();
      setPollError(null);
      noteServerTime(page.readAt);
      const before = read();
      // Through `change`: SWR leaves out an answer that something else has overtaken, and this one merges.
      change((state) => applyPage(state, page, null));
      feed.current?.announcePage(page, before);
      return read();
    },
    {
      refreshInterval: polls ? POLL_EVERY_MS : 0,
      revalidateOnFocus: isDown,
      revalidateOnReconnect: true,
      // Every change makes a new state; SWR's own comparison takes any two Maps for equal.
      compare: Object.is,
    },
  );
  const { mutate: revalidate } = swr;

  // The list comes anew with every page; the stream is to stay as long as it says the same.
  const typesKey = eventTypes.join();
  useEffect(() => {
    const opened = connectInbox({
      userKey,
      eventTypes: typesKey.split(','),
      read,
      change,
      revalidate: () => void revalidate(),
      onState(next) {
        setConnection(next);
        // Whoever holds a stream is signed in, and the server is there.
        if (next === 'live') setPollError(null);
        if (next === 'signed-out') setPollError(new RequestError(401, 'Your session has ended.'));
      },
      listeners,
    });
    feed.current = opened;
    return () => {
      opened.close();
      // The next person's toasts would otherwise begin with these.
      withdrawToastsThrough(Number.POSITIVE_INFINITY);
    };
  }, [userKey, typesKey, read, change, revalidate, listeners]);

  const described = describeConnection(connection, pollError);
  const isSignedOut = described === 'signed-out';
  // Whoever sits here now need not be the one whose inbox this was.
  const state = isSignedOut ? EMPTY_INBOX : (swr.data ?? EMPTY_INBOX);
  useEffect(() => {
    if (isSignedOut) withdrawToastsThrough(Number.POSITIVE_INFINITY);
  }, [isSignedOut]);
  useExpiry(state, change, revalidate);

  const dismiss = useCallback(
    async (ids: number[]) => {
      change((current) => dismissEvents(current, ids));
      try {
        const totals = await postDismiss(userKey, ids);
        change((current) => withTotals(confirmDismissal(current, ids), totals));
        feed.current?.share({ ...totals, dismissed: ids });
      } catch (error) {
        change((current) => undoDismissal(current, ids));
        throw error;
      }
    },
    [userKey, change],
  );

  const clear = useCallback(async () => {
    const ids = [...read().events.keys()];
    change((current) => dismissEvents(current, ids));
    withdrawToastsThrough(Math.max(0, ...ids));
    try {
      const { clearedThroughId, ...totals } = await postClear(userKey);
      change((current) => withTotals(applyClear(current, clearedThroughId), totals));
      feed.current?.share({ ...totals, cleared: true, clearedThroughId });
    } catch (error) {
      change((current) => undoDismissal(current, ids));
      throw error;
    }
  }, [userKey, change, read]);

  const loadMore = useCallback(async () => {
    const known = read().events.size;
    setLoadingMore(true);
    try {
      // The stream's backlog is longer than a page: what it brought is not older to anybody.
      for (let cursor = read().nextCursor; cursor !== null; cursor = read().nextCursor) {
        const page = await fetchPage(userKey, cursor);
        change((current) => applyPage(current, page, cursor));
        if (read().events.size > known) break;
      }
    } finally {
      setLoadingMore(false);
    }
  }, [userKey, change, read]);

  const inbox = useMemo<Inbox>(
    () => ({
      items: listEvents(state),
      unreadTotal: unreadTotal(state),
      status: state.totals ? 'ready' : pollError ? 'error' : 'loading',
      connection: described,
      dismiss,
      clear,
      loadMore,
      hasMore: state.nextCursor !== null,
      loadingMore,
      retry: () => void revalidate(),
    }),
    [state, pollError, described, dismiss, clear, loadMore, loadingMore, revalidate],
  );

  return (
    <ListenersContext value={listeners}>
      <ConnectionContext value={described}>
        <InboxContext value={inbox}>
          <PagesContext value={pages}>{children}</PagesContext>
        </InboxContext>
      </ConnectionContext>
    </ListenersContext>
  );
}

export function useInbox(): Inbox {
  const inbox = use(InboxContext);
  if (!inbox) throw new Error('useInbox needs an <InboxProvider> above it.');
  return inbox;
}

/** How notifications reach this page, for what need not be drawn again with every arrival. */
export function useConnection(): Connection {
  return use(ConnectionContext);
}

/**
 * Calls `handler` with the payload of every event of a type while the component is shown. Meant for
 * ephemeral types: of a stored one, the backlog comes again with every connect.
 */
export function useEventStream<Payload>(eventType: string, handler: (payload: Payload) => void): void {
  const listeners = use(ListenersContext);
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  }, [handler]);
  useEffect(() => {
    const listener: Listener = (payload) => latest.current(payload as Payload);
    const ofType = listeners?.get(eventType) ?? new Set();
    listeners?.set(eventType, ofType.add(listener));
    return () => {
      ofType.delete(listener);
    };
  }, [listeners, eventType]);
}

function describeConnection(feed: FeedState, error: RequestError | null): Connection {
  if (feed === 'live') return 'live';
  if (error?.status === 401) return 'signed-out';
  if (feed === 'connecting') return 'connecting';
  return error?.status === 0 ? 'offline' : 'polling';
}
