'use client';

import { useState } from 'react';
import type { Entry } from '../client/inbox-model.ts';

/**
 * How many have come in above what is seen, for a button that leads up to them: 0 while the top of the list is in view.
 *
 *     const arrived = useArrivals(inbox.entries, isScrolled);
 *     {arrived > 0 && <button onClick={() => window.scrollTo(0, 0)}>{arrived} new</button>}
 *
 * @param isScrolled What a `VirtualList` or `WindowList` tells with `onScrolledChange`.
 */
export function useArrivals(entries: readonly Entry[], isScrolled: boolean): number {
  const newest = entries.reduce((highest, { item }) => Math.max(highest, item.orderId), 0);
  const [seenThrough, setSeenThrough] = useState(newest);
  // What arrives in view is seen.
  if (!isScrolled && seenThrough !== newest) setSeenThrough(newest);
  if (!isScrolled || seenThrough === 0) return 0;
  return entries.filter(({ item }) => item.orderId > seenThrough).length;
}
