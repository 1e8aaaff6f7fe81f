'use client';

import { useMemo, useSyncExternalStore } from 'react';
import { type InboxClient, type InboxView, LOADING } from '../client/inbox-client.ts';
import { entryOf } from '../client/inbox-model.ts';
import type { ItemFilter } from '../protocol/item.ts';
import { useOfUser } from './client-context.ts';
import { useSettings } from './settings.ts';
import type { InboxActions } from './use-inbox-actions.ts';
import { type NotificationPages, usePages } from './use-notifications.ts';

/** The user's inbox as it is now, and what changes it. */
export interface Inbox
  extends Omit<InboxView, 'shownThrough'>,
    InboxActions,
    Pick<NotificationPages, 'lastClear'> {
  unreadTotal: number;
  /** Those that the app's notifications have, to filter by. */
  categories: readonly string[];
  /** Dismisses all there was when this was shown: what came since stays. */
  clear: () => ReturnType<InboxClient['clear']>;
  /** As `clear`, for reading. */
  readAll: () => ReturnType<InboxClient['readAll']>;
}

/**
 * The inbox of the `InboxProvider` above; the component is drawn again whenever it changes. On the server, and
 * until it is known who is signed in, its `status` is `loading`; `connection` is `signed-out` when nobody is.
 *
 *     const { items, dismiss } = useInbox();
 *     const { entries, hasMore, loadMore } = useInbox({ view: 'unread', category: 'billing', q: 'invoice' });
 *
 * @param filter Which items `items` and `entries` are of; the totals, and what is done with all, are of the whole inbox. The
 * inbox itself joins groups; in other views each item stands by itself. Default: the inbox.
 */
export function useInbox(filter: ItemFilter = {}): Inbox {
  const { client, userKey } = useOfUser();
  const { categories } = useSettings();
  // As the server draws it: what it does not know of somebody's inbox, it does of nobody's.
  const atFirst = userKey === null ? client.view : () => LOADING;
  const view = useSyncExternalStore(client.subscribe, client.view, atFirst);
  const pages = usePages(isWholeInbox(filter) ? null : filter);
  const isWhole = isWholeInbox(filter);
  return useMemo(() => {
    const { shownThrough, ...shown } = view;
    return {
      ...shown,
      ...client,
      ...(isWhole ? { lastClear: null } : { ...pages, entries: pages.items.map(entryOf) }),
      unreadTotal: shown.totals.unread,
      categories,
      clear: () => client.clear(shownThrough),
      readAll: () => client.readAll(shownThrough),
    };
  }, [client, categories, view, isWhole, pages]);
}

function isWholeInbox({ view = 'inbox', category, priorities, group, q }: ItemFilter): boolean {
  return view === 'inbox' && category === undefined && !priorities && group === undefined && !q?.trim();
}
