/**
 * What one tab of a browser has at a time, over a Web Lock. A tab waits in the queue, and may take the lock by
 * force; when the holder closes or crashes, the browser gives it to the next.
 */

interface TabLockOptions {
  name: string;
  onHeld: () => void;
  /** Another tab has taken it by force. This one waits for it again. */
  onLost: () => void;
}

interface TabLock {
  /** Takes it from whichever tab has it. Nothing when this one has it. */
  take: () => void;
  close: () => void;
}

/** Begins to wait for the lock. */
export function competeForTabLock({ name, onHeld, onLost }: TabLockOptions): TabLock {
  /** The request that has the lock. */
  let holding: object | null = null;
  let isQueued = false;
  let closed = false;
  let release: () => void = () => {};

  function request(options: LockOptions): void {
    const mine = {};

    function hold(): Promise<void> | undefined {
      if (!options.steal) isQueued = false;
      if (closed) return;
      const isFirst = holding === null;
      holding = mine;
      if (isFirst) onHeld();
      // The lock is held for as long as this promise is open.
      return new Promise((resolve) => {
        release = resolve;
      });
    }

    navigator.locks.request(name, options, hold).catch((error: unknown) => {
      // A lock that was taken ends as an AbortError; after anything else the next try would fail as well.
      const isTaken = error instanceof DOMException && error.name === 'AbortError';
      if (closed || !isTaken || holding !== mine) return;
      holding = null;
      onLost();
      queue();
    });
  }

  // One request at a time: the browser keeps every one that waits until it has had its turn.
  function queue(): void {
    if (isQueued) return;
    isQueued = true;
    request({});
  }

  queue();
  return {
    take() {
      if (holding === null) request({ steal: true });
    },
    close() {
      closed = true;
      release();
    },
  };
}
