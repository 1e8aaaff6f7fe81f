/** Whether the notification panel is open, so that a toast can open it as well as the bell. One bell a page. */

let open = false;
const listeners = new Set<() => void>();

export function setPanelOpen(next: boolean) {
  if (next === open) return;
  open = next;
  for (const listener of listeners) listener();
}

export function closePanel() {
  setPanelOpen(false);
}

export function isPanelOpen() {
  return open;
}

export function subscribeToPanel(listener: () => void) {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
