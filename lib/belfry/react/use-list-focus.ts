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

// What opens an item first: it is what the others fall back to.
const CONTROLS = ['[data-open]', '[data-dismiss]', '[data-mark]', '[data-snooze]', '[data-select]'];

/**
 * Keeps the focus in a list whose items go, for whoever works by keyboard. Each `<li>` of `list` needs `data-index` and
 * `data-id`, and in it what opens the item `data-open`. What else it has can be marked as well, so that the focus goes from a
 * button to the same one of the next item: `data-dismiss`, `data-mark`, `data-snooze`, `data-select`.
 */
export function useListFocus({ count, hasMore, loadingMore, restingPlace }: ListFocusOptions) {
  const list = useRef<HTMLUListElement>(null);
  const resumeAt = useRef<number | null>(null);

  useEffect(() => {
    if (loadingMore || resumeAt.current === null) return;
    // The button that was pressed leaves with the last page.
    if (!hasMore) controlOf(itemOf(list.current, 'index', resumeAt.current))?.focus();
    resumeAt.current = null;
  }, [loadingMore, hasMore]);

  return {
    list,
    /** To be called before an item goes, and what of it has the focus: the next one gets it. */
    handOn: useCallback(
      (id: Entry['id']) => {
        const item = itemOf(list.current, 'id', id);
        const control = CONTROLS.find((each) =>
          item?.contains(document.activeElement?.closest(each) ?? null),
        );
        const next =
          controlOf(item?.nextElementSibling, control) ?? controlOf(item?.previousElementSibling, control);
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

function controlOf(item: Element | null | undefined, control = CONTROLS[0]) {
  const find = (selector = '') => item?.querySelector<HTMLElement>(selector);
  return find(control) ?? find(CONTROLS[0]);
}

/** Of this list, and of none in it. */
function itemOf(list: HTMLElement | null, name: 'id' | 'index', value: Entry['id']) {
  return list?.querySelector(`:scope > [data-${name}="${CSS.escape(String(value))}"]`);
}
