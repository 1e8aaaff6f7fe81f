'use client';

import { type RefObject, useCallback, useEffect, useRef } from 'react';
import type { Entry } from '../client/inbox-model.ts';

interface ListFocusOptions {
  /** How many items there are. */
  count: number;
  hasMore: boolean;
  loadingMore: boolean;
  /** Takes the focus when no item is left to have it. */
  restingPlace: RefObject<HTMLElement | null>;
}

/**
 * Keeps the focus in a list whose items go, for whoever works by keyboard. Each `<li>` of `list` needs `data-index` and
 * `data-id`; the first button in it that has `data-dismiss` is the one that gets the focus.
 */
export function useListFocus({ count, hasMore, loadingMore, restingPlace }: ListFocusOptions) {
  const list = useRef<HTMLUListElement>(null);
  const resumeAt = useRef<number | null>(null);

  useEffect(() => {
    if (loadingMore || resumeAt.current === null) return;
    // The button that was pressed leaves with the last page.
    if (!hasMore) dismissButtonOf(itemOf(list.current, 'index', resumeAt.current))?.focus();
    resumeAt.current = null;
  }, [loadingMore, hasMore]);

  return {
    list,
    /** To be called before an item goes, and its focused button with it: the next one gets the focus. */
    handOn: useCallback(
      (id: Entry['id']) => {
        const item = itemOf(list.current, 'id', id);
        const next =
          dismissButtonOf(item?.nextElementSibling) ?? dismissButtonOf(item?.previousElementSibling);
        (next ?? restingPlace.current)?.focus();
      },
      [restingPlace],
    ),
    /** Calls `load`, unless more is on its way, and goes on where the new items begin once they are there. */
    resumeAfter(load: () => void) {
      if (loadingMore) return;
      load();
      resumeAt.current = count;
    },
  };
}

function dismissButtonOf(item: Element | null | undefined) {
  return item?.querySelector<HTMLButtonElement>('[data-dismiss]');
}

/** Of this list, and of none in it. */
function itemOf(list: HTMLElement | null, name: 'id' | 'index', value: Entry['id']) {
  return list?.querySelector(`:scope > [data-${name}="${CSS.escape(String(value))}"]`);
}
