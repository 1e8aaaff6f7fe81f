'use client';

import { type RefObject, useCallback, useState } from 'react';
import type { Entry } from '../client/inbox-model.ts';

/** Where the keyboard is in a list, for whoever cannot see it. */
export interface ListPosition {
  /** 1 is the first. */
  position: number;
  count: number;
}

/**
 * Moves from item to item of a list by keyboard, and tells where that leads. The list is one of `VirtualList` or `WindowList`,
 * or any other whose items have what `useListFocus` asks for.
 *
 *     const rows = useRowKeys(list, inbox.entries);
 *     useInboxKeys({ within: list }, { next: () => rows.move(1), done: () => rows.press('[data-dismiss]') });
 *
 * @param within What the list is in.
 */
export function useRowKeys(within: RefObject<HTMLElement | null>, entries: readonly Entry[]) {
  const [at, setAt] = useState<Entry['id'] | null>(null);

  const press = useCallback(
    (button: string): boolean => {
      // An item of an open group stands in one of its own.
      const row = document.activeElement?.closest<HTMLElement>('li[data-id]');
      if (!row || !within.current?.contains(row)) return false;
      const buttons = [...row.querySelectorAll<HTMLElement>(button)];
      const own = buttons.find((each) => each.closest('li[data-id]') === row);
      own?.click();
      return own !== undefined;
    },
    [within],
  );

  const move = useCallback(
    (by: 1 | -1): boolean => {
      const row = rowOf(within.current, document.activeElement);
      const next = row ? neighbourOf(row, by) : firstInView(within.current);
      const control = next?.querySelector<HTMLElement>('[data-open]');
      if (!next || !control) return row !== null;
      control.focus({ preventScroll: true });
      // Its margins keep it clear of what sticks to the edges of the screen.
      next.scrollIntoView({ block: 'nearest' });
      setAt(entries[Number(next.dataset.index)]?.id ?? null);
      return true;
    },
    [within, entries],
  );

  const index = at === null ? -1 : entries.findIndex(({ id }) => id === at);
  return {
    /**
     * Presses a button of the item in which the focus is, such as `[data-dismiss]`: keys do what buttons do. False: there is
     * none.
     */
    press,
    /** To the next or the one before; from outside to the first in view. False: there is none. */
    move,
    /** Where the last step led, as long as that is in the list; `null`: nobody walks. */
    walked: index < 0 ? null : ({ position: index + 1, count: entries.length } satisfies ListPosition),
    /** Nobody walks any more. */
    rest: useCallback(() => setAt(null), []),
  };
}

/** An item of the list itself, and of none in it. */
const ROW = 'li[data-index][aria-posinset]';

function rowOf(list: Element | null, element: Element | null): HTMLElement | null {
  const row = element?.closest<HTMLElement>(ROW);
  return row && list?.contains(row) ? row : null;
}

function neighbourOf(row: HTMLElement, by: 1 | -1): HTMLElement | null {
  const index = Number(row.dataset.index) + by;
  return row.parentElement?.querySelector<HTMLElement>(`:scope > [data-index="${index}"]`) ?? null;
}

function firstInView(list: Element | null): HTMLElement | null {
  const rows = [...(list?.querySelectorAll<HTMLElement>(ROW) ?? [])];
  const inOrder = rows.sort((a, b) => Number(a.dataset.index) - Number(b.dataset.index));
  const isBelowTop = (row: HTMLElement) => {
    const top = Number.parseFloat(getComputedStyle(row).scrollMarginTop) || 0;
    return row.getBoundingClientRect().top >= top - 1;
  };
  return inOrder.find(isBelowTop) ?? inOrder.at(-1) ?? null;
}
