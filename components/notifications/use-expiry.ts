import { useEffect, useMemo } from 'react';
import { type InboxState, removeExpired } from './inbox-state.ts';
import { serverNow } from './server-clock.ts';

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
  const nextExpiry = useMemo(() => {
    const known = [...state.events.values()].map(({ expiresAt }) => expiresAt);
    const times = [...known, state.totals?.nextExpiresAt ?? null].flatMap((time) =>
      time ? [Date.parse(time)] : [],
    );
    return times.length > 0 ? Math.min(...times) : null;
  }, [state]);

  useEffect(() => {
    if (nextExpiry === null) return;
    const wait = Math.min(Math.max(nextExpiry - serverNow(), 0), LONGEST_WAIT_MS);
    const timer = setTimeout(() => {
      change((current) => removeExpired(current, serverNow()));
      setTimeout(() => void revalidate(), Math.random() * EXPIRY_SPREAD_MS);
    }, wait);
    return () => clearTimeout(timer);
  }, [nextExpiry, change, revalidate]);
}
