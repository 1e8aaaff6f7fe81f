'use client';

import { useSyncExternalStore } from 'react';

// Too narrow or too low for a panel beside the page, or for more than one toast.
const SMALL_SCREEN = '(max-width: 39.99rem), (max-height: 25rem)';

/** Whether the screen is a phone's, or a part of a larger one that is no larger. False on the server. */
export function useSmallScreen(): boolean {
  return useSyncExternalStore(subscribe, isSmall, () => false);
}

function subscribe(listener: () => void) {
  const screen = matchMedia(SMALL_SCREEN);
  screen.addEventListener('change', listener);
  return () => screen.removeEventListener('change', listener);
}

function isSmall() {
  return matchMedia(SMALL_SCREEN).matches;
}
