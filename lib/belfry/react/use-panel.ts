'use client';

import { useCallback, useId, useRef, useSyncExternalStore } from 'react';
import { closePanel, isPanelOpen, subscribeToPanel } from './panel-state.ts';
import { useSmallScreen } from './small-screen.ts';
import type { PanelProps } from './use-bell.ts';
import { useListInFront } from './use-list-in-front.ts';

/**
 * Everything about the panel of a bell but its look: below the bell, or, on a small screen, a sheet in front of the
 * page. Spread `dialog` on a `Dialog`; while it is a sheet, that has the attribute `data-sheet`.
 */
export function usePanel({ id, open, bell }: PanelProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const isSheet = useSmallScreen();
  const isInside = useCallback((element: Element) => isBellOrToast(element, bell.current), [bell]);

  useListInFront(open);

  return {
    isSheet,
    /** For the heading that names the panel. */
    titleId,
    close: closePanel,
    dialog: {
      ref,
      id,
      'aria-labelledby': titleId,
      'data-sheet': isSheet ? '' : undefined,
      open,
      modal: isSheet,
      onClose: closePanel,
      isInside,
      returnFocus: bell,
    },
  };
}

/** Whether the panel of this page's bell is open. */
export function usePanelIsOpen(): boolean {
  return useSyncExternalStore(subscribeToPanel, isPanelOpen, () => false);
}

/** The bell toggles by itself, and closing a toast is no reason to close the list that it stands in. */
function isBellOrToast(element: Element, bell: HTMLElement | null): boolean {
  return bell?.contains(element) || element.closest('[data-toasts]') !== null;
}
