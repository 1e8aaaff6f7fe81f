/** For how long a toast stays. Its time stands still while somebody is at the toasts, or nobody can see them. */

// A toast that was held until its last moment would otherwise go under the hand that leaves it.
const LEFT_AT_LEAST_MS = 2_000;

export interface ToastTimeOptions {
  lastsMs: number;
  /** Whether time stands still. */
  isHeld: () => boolean;
  /** Calls the listener when that may have changed. Returns its own undo. */
  subscribe: (listener: () => void) => () => void;
  /** Its time is over: called once. */
  onEnd: () => void;
}

/** Begins to count. Returns the way to stop it. */
export function startToastTime({ lastsMs, isHeld, subscribe, onEnd }: ToastTimeOptions): () => void {
  let leftMs = lastsMs;
  let startedAt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function update(): void {
    if (isHeld()) {
      stop();
    } else if (timer === undefined) {
      startedAt = performance.now();
      timer = setTimeout(end, leftMs);
    }
  }

  function end(): void {
    unsubscribe();
    onEnd();
  }

  function stop(): void {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    leftMs = Math.max(leftMs - (performance.now() - startedAt), Math.min(LEFT_AT_LEAST_MS, lastsMs));
  }

  const unsubscribe = subscribe(update);
  update();
  return () => {
    unsubscribe();
    stop();
  };
}
