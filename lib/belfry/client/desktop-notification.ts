/** What arrives, on the desktop: with the browser's Notification API, while nobody looks at the page. */
import type { Item } from './inbox-model.ts';

/** `unsupported`: this browser shows none, as on most phones and on pages without HTTPS. */
export type DesktopPermission = 'granted' | 'denied' | 'default' | 'unsupported';

/** What the user has said to this browser, for this site. */
export function desktopPermission(): DesktopPermission {
  return typeof Notification === 'undefined' || !window.isSecureContext
    ? 'unsupported'
    : Notification.permission;
}

/** Has the browser ask, once, and only when it is called from a click. Never rejects. */
export async function askForDesktop(): Promise<DesktopPermission> {
  if (desktopPermission() !== 'default') return desktopPermission();
  try {
    return await Notification.requestPermission();
  } catch {
    return desktopPermission();
  }
}

/**
 * Shows one. Nothing where the user has not allowed it. What was shown before, also by another tab, is not shown twice.
 *
 * @param onOpen Called when it is pressed; the page has the focus then.
 */
export function showOnDesktop(
  { id, title, message }: Pick<Item, 'id' | 'title' | 'message'>,
  onOpen: () => void,
): void {
  if (desktopPermission() !== 'granted') return;
  try {
    const shown = new Notification(title, { body: message, tag: `belfry-${id}` });
    shown.onclick = () => {
      window.focus();
      shown.close();
      onOpen();
    };
  } catch {
    // Chrome on Android has the constructor, and refuses it outside of a service worker.
  }
}
