/**
 * The server's time, as far as this page knows it. Only the server's clock decides what has expired; this
 * computer's may be wrong by hours.
 */

let aheadMs = 0;

/** Takes note of a time that the server has just told. */
export function noteServerTime(time: string): void {
  aheadMs = Date.now() - Date.parse(time);
}

/** Milliseconds since 1970, by the server's clock. */
export function serverNow(): number {
  return Date.now() - aheadMs;
}
