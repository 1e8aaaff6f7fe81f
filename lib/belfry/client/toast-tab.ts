/**
 * Which tab shows toasts: the one that a person looked at last, so that one notification makes one
 * toast. It holds a tab lock; a tab that gets the focus takes the lock from the one before, and when the
 * holder closes another one has it.
 */
import { competeForTabLock } from './tab-lock.ts';

/**
 * Begins to compete with the other tabs of this user in this app. `isOurs` says whether this tab shows toasts now.
 * `close` ends it.
 *
 * @param basePath Where the app lives on its host, such as `/app`. Default: at the root.
 * @param onChange Is called when it becomes this tab, or another one. Default: nobody is told.
 */
export function competeForToasts(
  userKey: string,
  basePath = '',
  onChange: () => void = () => {},
): { isOurs: () => boolean; close: () => void } {
  let held = false;
  const lock = competeForTabLock({
    name: `belfry-toasts-${basePath}${userKey}`,
    onHeld: () => {
      held = true;
      onChange();
    },
    onLost: () => {
      held = false;
      onChange();
    },
  });
  window.addEventListener('focus', lock.take);
  if (document.hasFocus()) lock.take();
  return {
    isOurs: () => held,
    close() {
      held = false;
      window.removeEventListener('focus', lock.take);
      lock.close();
    },
  };
}
