/** The dialog that stands in front of everything, if one does: what has to stay within reach goes into it. */
import { useSyncExternalStore } from 'react';

let hosts: readonly HTMLElement[] = [];
const listeners = new Set<() => void>();

/** Puts a modal dialog in front. Returns the way back. */
export function bringToFront(dialog: HTMLElement): () => void {
  change([...hosts, dialog]);
  return () => change(hosts.filter((host) => host !== dialog));
}

export function useModalHost(): HTMLElement | null {
  return useSyncExternalStore(
    subscribe,
    () => hosts.at(-1) ?? null,
    () => null,
  );
}

function change(next: readonly HTMLElement[]) {
  hosts = next;
  document.documentElement.toggleAttribute('data-behind-modal', hosts.length > 0);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
