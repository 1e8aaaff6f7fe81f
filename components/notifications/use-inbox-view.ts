'use client';

import { useEffect } from 'react';
import useSWRInfinite from 'swr/infinite';
import { siteVersion } from '@/components/site-version.ts';
import type { Item } from '@/lib/belfry/client/inbox-model.ts';
import { createRequests } from '@/lib/belfry/client/requests.ts';
import type { InboxPage, View } from '@/lib/belfry/protocol/item.ts';
import { useInbox } from './inbox.tsx';

export interface InboxViewPages {
  items: readonly Item[];
  status: 'loading' | 'ready' | 'error';
  hasMore: boolean;
  loadingMore: boolean;
  loadMore: () => void;
}

/** Another view of the inbox than the list that every page holds, page by page; read again whenever the inbox changed. */
export function useInboxView(userKey: string, view: View): InboxViewPages {
  const { position } = useInbox();
  const { data, error, size, setSize, mutate, isLoading } = useSWRInfinite<InboxPage, Error>(
    (index, previous: InboxPage | null) =>
      previous && previous.nextCursor === null
        ? null
        : ['/notifications/poll', userKey, view, index === 0 ? null : previous?.nextCursor],
    ([, ofUser, ofView, cursor]: [string, string, View, string | null]) =>
      createRequests(ofUser, siteVersion).poll(cursor, ofView),
    { revalidateOnFocus: false, revalidateFirstPage: false },
  );

  useEffect(() => {
    if (position !== null) void mutate();
  }, [position, mutate]);

  const pages = data ?? [];
  return {
    items: pages.flatMap(({ notifications }) => notifications),
    status: data ? 'ready' : error ? 'error' : 'loading',
    hasMore: pages.at(-1)?.nextCursor != null,
    loadingMore: !isLoading && pages.length < size,
    loadMore: () => void setSize(size + 1),
  };
}
