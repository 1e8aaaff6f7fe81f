/**
 * The server's time, as far as this page knows it. Only the server's clock decides what has expired; this
 * computer's may be wrong by hours, and may be set while the page is open. So what has passed since the server
 * told its time is measured on the page's monotonic clock, which nobody can set.
 */

export interface ServerClock {
  /** Takes note of a time that the server has just told, ISO 8601. The last one counts. */
  note: (time: string) => void;
  /** Milliseconds since 1970, by the server's clock; until it has told its time, by this computer's as the page began. */
  now: () => number;
}

export function createServerClock(): ServerClock {
  let atZero = performance.timeOrigin;
  return {
    note(time) {
      const told = Date.parse(time);
      // The monotonic clock stands still while some computers sleep: every later note puts that right.
      if (Number.isFinite(told)) atZero = told - performance.now();
    },
    now: () => atZero + performance.now(),
  };
}
