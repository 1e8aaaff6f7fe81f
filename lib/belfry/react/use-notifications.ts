'use client';

import { useEffect, useMemo } from 'react';
import useSWRInfinite from 'swr/infinite';
import type { Item } from '../client/inbox-model.ts';
import { createRequests } from '../client/requests.ts';
import type { InboxPage, View } from '../protocol/item.ts';
import { useOfUser } from './client-context.ts';
import { useTimeWords } from './language.tsx';
import { useSettings } from './settings.ts';
import { useInbox } from './use-inbox.ts';

/** A view of the inbox, as far as it was read. */
export interface NotificationPages {
  /** Newest first. */
  items: readonly Item[];
  status: 'loading' | 'ready' | 'error';
  hasMore: boolean;
  loadingMore: boolean;
  /** Adds the next older page. Nothing while one is on its way. */
  loadMore: () => void;
  /** Reads all pages again. */
  retry: () => void;
}

type PageKey = [
  of: string,
  userKey: string,
  locale: string,
  view: View,
  group: string | null,
  cursor: string | null,
];

/** Which items: those of a view, or those of a group that are in the inbox. */
export type NotificationsOf = { view: View; group?: undefined } | { view: 'inbox'; group: string };

/**
 * A view of the signed-in user's inbox, page by page, read again whenever the inbox changed. What is done here
 * shows when the server has told of it. When nobody is signed in nothing is fetched, and `status` is `error`.
 *
 * @param of `view`: `unread`, `done`, `snoozed`, `all`, or `inbox`, which `useInbox` has at hand and live. `group`: the key of a
 * group, for what of it is in the inbox.
 */
export function useNotifications(of: NotificationsOf): NotificationPages {
  return usePages(of);
}

/** As `useNotifications`. `null`: nothing is wanted, and nothing fetched; it is `loading` then. */
export function usePages(of: NotificationsOf | null): NotificationPages {
  const { userKey } = useOfUser();
  const { version, basePath } = useSettings();
  const { locale, translate } = useTimeWords();
  const { position } = useInbox();
  const requests = useMemo(
    () => (userKey ? createRequests({ userKey, version, locale, translate, basePath }) : null),
    [userKey, version, locale, translate, basePath],
  );
  const { data, error, size, setSize, mutate } = useSWRInfinite<InboxPage, Error>(
    (index, previous: InboxPage | null): PageKey | null => {
      if (!userKey || !of || previous?.nextCursor === null) return null;
      const cursor = index === 0 ? null : (previous?.nextCursor ?? null);
      return [`belfry${basePath}`, userKey, locale, of.view, of.group ?? null, cursor];
    },
    ([, , , view, group, cursor]: PageKey) =>
      requests
        ? requests.poll(cursor, view, group ?? undefined)
        : Promise.reject(new Error('Nobody is signed in.')),
    { revalidateOnFocus: false, revalidateFirstPage: false },
  );

  useEffect(() => {
    if (position !== null) void mutate();
  }, [position, mutate]);

  const pages = data ?? [];
  const loadingMore = data !== undefined && pages.length < size && !error;
  return {
    items: pages.flatMap(({ notifications }) => notifications),
    status: data ? 'ready' : error || userKey === null ? 'error' : 'loading',
    hasMore: pages.at(-1)?.nextCursor != null,
    loadingMore,
    loadMore() {
      if (!loadingMore) void setSize(pages.length + 1);
    },
    retry: () => void mutate(),
  };
}
