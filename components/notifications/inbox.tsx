'use client';

/** The user's inbox for everything on the page: one store (lib/belfry/client), and the hooks that read it. */
import {
  createContext,
  type ReactNode,
  use,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
} from 'react';
import { serverClock } from '@/components/server-clock.ts';
import { siteVersion } from '@/components/site-version.ts';
import {
  type Connection,
  createInboxClient,
  type InboxClient,
  type InboxView,
  LOADING,
} from '@/lib/belfry/client/inbox-client.ts';
import { createToasts } from '@/lib/belfry/client/toasts.ts';
import { PagesContext } from './pages.ts';
import { toastStack } from './toast-stack.ts';

export type { Connection } from '@/lib/belfry/client/inbox-client.ts';
export type { Item } from '@/lib/belfry/client/inbox-model.ts';

/** What changes the inbox. Each but `undo` shows at once; each rejects with a sentence when the server refuses it. */
export interface InboxActions
  extends Pick<
    InboxClient,
    'dismiss' | 'read' | 'unread' | 'restore' | 'snooze' | 'undo' | 'loadMore' | 'retry'
  > {}

export interface Inbox extends Omit<InboxView, 'shownThrough'>, InboxActions {
  unreadTotal: number;
  /** Dismisses all there was when this was shown: what came since stays. */
  clear: () => ReturnType<InboxClient['clear']>;
  /** As `clear`, for reading. */
  readAll: () => ReturnType<InboxClient['readAll']>;
}

const toasts = createToasts(toastStack, serverClock);
const ClientContext = createContext<InboxClient | null>(null);
const NO_SUBSCRIPTION = () => () => {};

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
  // The list comes anew with every page; the stream is to stay as long as it says the same.
  const typesKey = eventTypes.join();
  const client = useMemo(
    () =>
      createInboxClient({
        userKey,
        eventTypes: typesKey.split(','),
        clock: serverClock,
        version: siteVersion,
        toasts,
      }),
    [userKey, typesKey],
  );
  useEffect(() => client.open(), [client]);
  return (
    <ClientContext value={client}>
      <PagesContext value={pages}>{children}</PagesContext>
    </ClientContext>
  );
}

export function useInbox(): Inbox {
  const client = useInboxClient();
  const view = useSyncExternalStore(client.subscribe, client.view, () => LOADING);
  return useMemo(() => {
    const { shownThrough, ...shown } = view;
    return {
      ...shown,
      ...client,
      unreadTotal: shown.totals.unread,
      clear: () => client.clear(shownThrough),
      readAll: () => client.readAll(shownThrough),
    };
  }, [client, view]);
}

/** As `useInbox`, for what changes the inbox and need not be drawn again with every arrival. */
export function useInboxActions(): InboxActions {
  return useInboxClient();
}

/** How notifications reach this page, for what need not be drawn again with every arrival. */
export function useConnection(): Connection {
  const client = use(ClientContext);
  return useSyncExternalStore(
    client?.subscribe ?? NO_SUBSCRIPTION,
    useCallback(() => client?.view().connection ?? 'connecting', [client]),
    () => 'connecting',
  );
}

/**
 * Calls `handler` with the payload of every event of a type while the component is shown. Meant for
 * ephemeral types: of a stored one, what was missed comes again with every connect.
 */
export function useEventStream<Payload>(eventType: string, handler: (payload: Payload) => void): void {
  const client = use(ClientContext);
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  }, [handler]);
  useEffect(
    () => client?.listen(eventType, (payload) => latest.current(payload as Payload)),
    [client, eventType],
  );
}

function useInboxClient(): InboxClient {
  const client = use(ClientContext);
  if (!client) throw new Error('An inbox needs an <InboxProvider> above it.');
  return client;
}
