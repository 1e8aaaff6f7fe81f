/** Whether the notification panel is open, so that a toast can open it as well as the bell. One bell a page. */

let open = false;
const listeners = new Set<() => void>();

/** Opens the panel below the bell of this page. Nothing when it is open. */
export function openPanel(): void {
  change(true);
}

/** Closes it. Nothing when it is closed. */
export function closePanel(): void {
  change(false);
}

/** Changes are told by `subscribeToPanel`. */
export function isPanelOpen(): boolean {
  return open;
}

/** Returns its own undo. */
export function subscribeToPanel(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

function change(next: boolean): void {
  if (next === open) return;
  open = next;
  for (const listener of listeners) listener();
}
