/** Wakes the inbox when something in it expires. */
import type { ServerClock } from './server-clock.ts';

// Everybody's copy of a notice expires at the same instant; do not all ask then.
const SPREAD_MS = 1_500;
// The longest time that a timer can hold.
const LONGEST_WAIT_MS = 2 ** 31 - 1;

export interface ExpiryOptions {
  clock: ServerClock;
  /** When the next thing expires, by the server's clock; `null`: nothing does. */
  next: () => number | null;
  /** It is that time. */
  onExpired: () => void;
  /** A little later, spread at random: what is counted and not known may have expired as well. */
  onCheck: () => void;
}

export interface Expiry {
  /** To be called whenever `next` may have changed, or the server has told its time. */
  update: () => void;
  /** Has `onCheck` called a little later, as after an expiry. */
  checkSoon: () => void;
  close: () => void;
}

/** Begins to wait. */
export function watchExpiry({ clock, next, onExpired, onCheck }: ExpiryOptions): Expiry {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let checkTimer: ReturnType<typeof setTimeout> | undefined;

  function update(): void {
    clearTimeout(timer);
    const at = next();
    if (at === null) return;
    const left = at - clock.now();
    if (left > 0) {
      timer = setTimeout(update, Math.min(Math.ceil(left), LONGEST_WAIT_MS));
      return;
    }
    onExpired();
    checkSoon();
  }

  function checkSoon(): void {
    checkTimer ??= setTimeout(() => {
      checkTimer = undefined;
      onCheck();
    }, Math.random() * SPREAD_MS);
  }

  return {
    update,
    checkSoon,
    close() {
      clearTimeout(timer);
      clearTimeout(checkTimer);
    },
  };
}
