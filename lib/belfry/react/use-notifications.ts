'use client';

import { useMemo, useSyncExternalStore } from 'react';
import {
  type FollowedList,
  followList,
  HIDDEN_LIST,
  type ListView,
  LOADING_LIST,
} from '../client/inbox-list.ts';
import type { Item } from '../client/inbox-model.ts';
import type { ItemFilter } from '../protocol/item.ts';
import { useOfUser } from './client-context.ts';

/** A view of the inbox, as far as it was read. */
export interface NotificationPages {
  /** Newest first. */
  items: readonly Item[];
  status: 'loading' | 'ready' | 'error';
  hasMore: boolean;
  loadingMore: boolean;
  /** Adds the next older page. Nothing while one is on its way. Rejects with a sentence. */
  loadMore: () => Promise<void>;
  /** Reads again what could not be had. */
  retry: () => void;
  /** Of the view `done`: the last *all done* that `undo` of `useInboxActions` still takes back. */
  lastClear: { undo: string; at: string } | null;
}

/**
 * A view of the signed-in user's inbox, or a part of it, page by page and live: what arrives and belongs to it comes in, what no
 * longer does leaves. Each filter is read once for the component that asks.
 *
 *     const { items, hasMore, loadMore } = useNotifications({ view: 'done', category: 'billing' });
 *
 * When nobody is signed in nothing is fetched, and `status` is `error`.
 *
 * @param filter Which of them: all of what it says holds for each.
 */
export function useNotifications(filter: ItemFilter): NotificationPages {
  return usePages(filter);
}

/** As `useNotifications`. `null`: nothing is wanted, and nothing fetched; it is `loading` then. */
export function usePages(filter: ItemFilter | null): NotificationPages {
  const { client, userKey } = useOfUser();
  // The same filter is another object with each drawing.
  const key = filter && JSON.stringify(filter);
  const list = useMemo(() => {
    const { views } = client;
    if (key !== null && views) return followList(views, JSON.parse(key));
    return key !== null && userKey === null ? NOBODYS : NOTHING;
  }, [client, userKey, key]);
  const view = useSyncExternalStore(list.subscribe, list.view, () => LOADING_LIST);
  return useMemo(() => ({ ...view, loadMore: list.loadMore, retry: list.retry }), [list, view]);
}

/** A list that nothing comes into. */
function still(view: ListView): FollowedList {
  return { view: () => view, subscribe: () => () => {}, loadMore: async () => {}, retry: () => {} };
}

const NOTHING = /* @__PURE__ */ still(LOADING_LIST);
const NOBODYS = /* @__PURE__ */ still(HIDDEN_LIST);
