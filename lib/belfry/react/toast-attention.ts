/** Whether somebody is at the toasts, or nobody can see them. */

// Where the browser tells of no end: an element that goes from under the pointer, for example.
const LOOK_EVERY_MS = 1_000;

export interface ToastAttention {
  /** The pointer is on them, a finger or the keyboard's focus is, or the tab is hidden. */
  isHeld: () => boolean;
  /** Calls the listener when that may have changed. Returns its own undo. */
  subscribe: (listener: () => void) => () => void;
}

/** @param element Around all toasts; `null`: there are none. */
export function watchAttention(element: () => HTMLElement | null): ToastAttention {
  const listeners = new Set<() => void>();
  const gone = new Set<() => void>();
  let isTouched = false;

  function tell(): void {
    // By then it is settled what has the focus.
    setTimeout(() => {
      for (const listener of listeners) listener();
    });
  }

  function touch({ pointerType, target }: PointerEvent): void {
    isTouched = pointerType !== 'mouse' && target instanceof Node && Boolean(element()?.contains(target));
    tell();
  }

  function release(): void {
    isTouched = false;
    tell();
  }

  function watch(): void {
    const look = setInterval(tell, LOOK_EVERY_MS);
    const events = { pointerover: tell, focusin: tell, focusout: tell, visibilitychange: tell };
    const all = { ...events, pointerdown: touch, pointerup: release, pointercancel: release };
    for (const [name, listener] of Object.entries(all))
      document.addEventListener(name, listener as EventListener);
    gone.add(() => {
      clearInterval(look);
      for (const [name, listener] of Object.entries(all)) {
        document.removeEventListener(name, listener as EventListener);
      }
      isTouched = false;
    });
  }

  return {
    isHeld() {
      // After a tap, a touch screen takes the pointer to be there until the next one.
      const isHovered = matchMedia('(hover: hover)').matches && Boolean(element()?.matches(':hover'));
      return document.hidden || isTouched || isHovered || Boolean(element()?.querySelector(':focus-visible'));
    },
    subscribe(listener) {
      if (listeners.size === 0) watch();
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        for (const undo of gone) undo();
        gone.clear();
      };
    },
  };
}
