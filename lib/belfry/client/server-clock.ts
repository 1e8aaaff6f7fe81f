/**
 * The server's time, as far as this page knows it. Only the server's clock decides what has expired; this
 * computer's may be wrong by hours, and may be set while the page is open. So what has passed since the server
 * told its time is measured on the page's monotonic clock, which nobody can set.
 */

export interface ServerClock {
  /**
   * Takes note of a time that the server has just told, ISO 8601. The last one counts.
   *
   * @returns Whether the server's clock was put back meanwhile: then what had expired may stand again.
   */
  note: (time: string) => boolean;
  /** Milliseconds since 1970, by the server's clock; until it has told its time, by this computer's as the page began. */
  now: () => number;
}

// An answer may have been under way for 20 s, and the clocks of two servers may differ by seconds.
const PUT_BACK_MS = 60_000;

export function createServerClock(): ServerClock {
  let atZero = performance.timeOrigin;
  let hasBeenTold = false;
  return {
    note(time) {
      const told = Date.parse(time);
      if (!Number.isFinite(told)) return false;
      const before = atZero;
      // The monotonic clock stands still while some computers sleep: every later note puts that right.
      atZero = told - performance.now();
      const isPutBack = hasBeenTold && atZero < before - PUT_BACK_MS;
      hasBeenTold = true;
      return isPutBack;
    },
    now: () => atZero + performance.now(),
  };
}
