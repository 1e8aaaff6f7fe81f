import { useEffect, useMemo } from 'react';
import { serverNow } from '@/components/server-clock.ts';
import { type InboxState, nextExpiry, removeExpired } from './inbox-state.ts';

// Everybody's copy of a notice expires at the same instant; do not all ask then.
const EXPIRY_SPREAD_MS = 1_500;
// The longest time that a timer can hold.
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** Takes out what expires while the page is open, and reads the totals again when others expire. */
export function useExpiry(
  state: InboxState,
  change: (next: (state: InboxState) => InboxState) => void,
  revalidate: () => Promise<unknown>,
): void {
  const next = useMemo(() => nextExpiry(state), [state]);

  useEffect(() => {
    if (next === null) return;
    const expiry = next;
    let timer: ReturnType<typeof setTimeout>;

    function wait(): void {
      timer = setTimeout(expire, Math.min(Math.max(expiry - serverNow(), 0), LONGEST_WAIT_MS));
    }

    function expire(): void {
      // The time is further away than a timer can hold, or the clock was set meanwhile.
      if (serverNow() < expiry) {
        wait();
        return;
      }
      change((current) => removeExpired(current, serverNow()));
      setTimeout(() => void revalidate(), Math.random() * EXPIRY_SPREAD_MS);
    }

    wait();
    return () => clearTimeout(timer);
  }, [next, change, revalidate]);
}
