'use client';

import { useSearchParams } from 'next/navigation.js';
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { ItemFilter } from '../protocol/item.ts';
import { addressOf, filterOf } from './inbox-address.ts';

const listeners = new Set<() => void>();

/**
 * What of the inbox is to be seen, as the address of the page says: to load it again, Back, and links that somebody sends
 * lead to the same.
 *
 *     const { filter, setFilter } = useInboxAddress();
 *     const inbox = useInbox(filter);
 *     <button onClick={() => setFilter({ view: 'done' })}>Done</button>
 *
 * While a page is drawn ahead of any request, what calls it suspends: `<Suspense>` goes around it.
 */
export function useInboxAddress() {
  // The router knows first; where there is none, the address itself.
  const router = useSearchParams();
  const own = useSyncExternalStore(subscribe, readAddress, () => '');
  const search = router?.toString() ?? own;
  return {
    /** The same object until it changes. */
    filter: useMemo(() => filterOf(new URLSearchParams(search)), [search]),
    /**
     * @param how `push`, the default: Back leads to what was seen before. `replace`: for what is typed, letter by letter.
     */
    setFilter: useCallback((filter: ItemFilter, how: 'push' | 'replace' = 'push') => {
      const address = `${location.pathname}${addressOf(filter, new URLSearchParams(location.search))}`;
      if (address === `${location.pathname}${location.search}`) return;
      // The router of Next.js takes note of both.
      if (how === 'push') history.pushState(null, '', address);
      else history.replaceState(null, '', address);
      for (const listener of listeners) listener();
    }, []),
  };
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  window.addEventListener('popstate', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('popstate', listener);
  };
}

function readAddress() {
  return location.search;
}
