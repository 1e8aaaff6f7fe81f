'use client';

import { type FocusEvent, useLayoutEffect, useRef } from 'react';

/**
 * Keeps the focus in an entry that becomes a group, or an item again, under whoever works in it: all its buttons are others
 * then. Spread what it gives on the element around the entry. An item's button with `data-dismiss` gets the focus; a group's with
 * `data-toggle`, since one that dismisses would dismiss what has just come.
 */
export function useEntryFocus(isGroup: boolean) {
  const box = useRef<HTMLDivElement>(null);
  const hasFocus = useRef(false);
  useLayoutEffect(() => {
    const { current } = box;
    if (!hasFocus.current || !current || current.contains(document.activeElement)) return;
    const button = isGroup ? '[data-toggle]' : '[data-dismiss]';
    current.querySelector<HTMLElement>(button)?.focus({ preventScroll: true });
  }, [isGroup]);
  return {
    ref: box,
    onFocus() {
      hasFocus.current = true;
    },
    onBlur({ currentTarget, relatedTarget }: FocusEvent) {
      // When the window loses the focus, its element keeps it.
      hasFocus.current = currentTarget.contains(relatedTarget ?? document.activeElement);
    },
  };
}
