'use client';

import { useEffect } from 'react';
import { toastStack } from './toast-stack.ts';

/**
 * To be called by what shows the inbox as a list. For as long as it does, in a visible tab, no toast is shown: what arrives
 * stands in the list. Whoever hears the page is told all the same.
 *
 * @param isShown Default: while the component is there.
 */
export function useListInFront(isShown = true): void {
  useEffect(() => {
    if (!isShown) return;
    let release: (() => void) | null = null;
    const update = () => {
      const isVisible = document.visibilityState === 'visible';
      if (isVisible) release ??= toastStack.hold();
      else if (release) {
        release();
        release = null;
      }
    };
    update();
    document.addEventListener('visibilitychange', update);
    return () => {
      document.removeEventListener('visibilitychange', update);
      release?.();
    };
  }, [isShown]);
}
