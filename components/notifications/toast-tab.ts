/**
 * Which tab shows toasts: the one that a person looked at last, so that one notification makes one
 * toast. It holds a Web Lock; a tab that gets the focus takes the lock from the one before, and when the
 * holder closes the next in the queue has it.
 */

/** Begins to compete. `isOurs` says whether this tab shows toasts now. `close` ends it. */
export function competeForToasts(userId: number): { isOurs: () => boolean; close: () => void } {
  if (!('locks' in navigator)) return { isOurs: () => document.hasFocus(), close: () => {} };
  const name = `belfry-toasts-${userId}`;
  let ours = false;
  let closed = false;
  let release: () => void = () => {};

  function request(options: LockOptions): void {
    navigator.locks
      .request(name, options, () => {
        if (closed) return;
        ours = true;
        return new Promise<void>((resolve) => {
          release = resolve;
        });
      })
      .catch(() => {
        // Taken by the tab that has the focus now.
        ours = false;
        if (!closed) request({});
      });
  }

  function onFocus(): void {
    if (!ours) request({ steal: true });
  }

  window.addEventListener('focus', onFocus);
  if (document.hasFocus()) request({ steal: true });
  else request({});

  return {
    isOurs: () => ours,
    close() {
      closed = true;
      window.removeEventListener('focus', onFocus);
      release();
    },
  };
}
