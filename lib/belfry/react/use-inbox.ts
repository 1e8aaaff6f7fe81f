'use client';

import { useMemo, useSyncExternalStore } from 'react';
import { type InboxClient, type InboxView, LOADING } from '../client/inbox-client.ts';
import { useOfUser } from './client-context.ts';
import type { InboxActions } from './use-inbox-actions.ts';

/** The user's inbox as it is now, and what changes it. */
export interface Inbox extends Omit<InboxView, 'shownThrough'>, InboxActions {
  unreadTotal: number;
  /** Dismisses all there was when this was shown: what came since stays. */
  clear: () => ReturnType<InboxClient['clear']>;
  /** As `clear`, for reading. */
  readAll: () => ReturnType<InboxClient['readAll']>;
}

/**
 * The inbox of the `InboxProvider` above; the component is drawn again whenever it changes. On the server, and
 * until it is known who is signed in, its `status` is `loading`; `connection` is `signed-out` when nobody is.
 */
export function useInbox(): Inbox {
  const { client, userKey } = useOfUser();
  // As the server draws it: what it does not know of somebody's inbox, it does of nobody's.
  const atFirst = userKey === null ? client.view : () => LOADING;
  const view = useSyncExternalStore(client.subscribe, client.view, atFirst);
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
