/**
 * Which tab shows toasts: the one that a person looked at last, so that one notification makes one
 * toast. It holds a Web Lock; a tab that gets the focus takes the lock from the one before, and when the
 * holder closes the next in the queue has it.
 */
import { competeForTabLock } from './tab-lock.ts';

/** Begins to compete. `isOurs` says whether this tab shows toasts now. `close` ends it. */
export function competeForToasts(userKey: string): { isOurs: () => boolean; close: () => void } {
  let closed = false;
  // Without locks: whoever has several windows in view has the toast in each, and nobody has none.
  let isOurs = () => document.visibilityState === 'visible';
  let end = () => {};

  if ('locks' in navigator) {
    let held = false;
    const lock = competeForTabLock({
      name: `belfry-toasts-${userKey}`,
      onHeld: () => {
        held = true;
      },
      onLost: () => {
        held = false;
      },
    });
    window.addEventListener('focus', lock.take);
    if (document.hasFocus()) lock.take();
    isOurs = () => held;
    end = () => {
      window.removeEventListener('focus', lock.take);
      lock.close();
    };
  }

  return {
    isOurs: () => !closed && isOurs(),
    close() {
      closed = true;
      end();
    },
  };
}
