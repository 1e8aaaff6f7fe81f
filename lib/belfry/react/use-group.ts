'use client';

import { type EntryGroup, type Item, isWithin } from '../client/inbox-model.ts';
import { isolated } from '../protocol/isolated.ts';
import { useTranslate } from './language.tsx';
import { type NotificationPages, usePages } from './use-notifications.ts';

/** A group as a list shows it. */
export interface ShownGroup extends NotificationPages {
  /** Plain text. */
  title: string;
}

/**
 * What a list shows of a group: how it reads, and its items, newest first. Those that the inbox has at hand are there at
 * once; what stands further down is fetched, page by page, while it is open.
 */
export function useGroup(newest: Item, group: EntryGroup, isOpen: boolean): ShownGroup {
  const t = useTranslate();
  const { key, end, items } = group;
  const pages = usePages(isOpen && end ? { view: 'inbox', group: key } : null);
  const title =
    group.title ??
    t('belfry.group.more', { title: isolated(newest.title || newest.eventType), count: group.count - 1 });
  if (!end) return { ...pages, title, items, status: 'ready', hasMore: false, loadingMore: false };
  // What stands above the end and is not at hand was taken out since the pages were read.
  const below = pages.items.filter((item) => !isWithin(item, end));
  return { ...pages, title, items: [...items, ...below] };
}
