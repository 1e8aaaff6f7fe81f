'use client';

import { useSyncExternalStore } from 'react';

let hosts: readonly HTMLElement[] = [];
/** What the page itself says of its scrolling, for as long as something stands in front of it. */
let overflowOfPage = '';
const listeners = new Set<() => void>();

/** Puts a modal dialog in front. Returns the way back. */
export function bringToFront(dialog: HTMLElement): () => void {
  change([...hosts, dialog]);
  return () => change(hosts.filter((host) => host !== dialog));
}

/** The dialog that stands in front of everything, if one does: what has to stay within reach goes into it. */
export function useModalHost(): HTMLElement | null {
  return useSyncExternalStore(
    subscribe,
    () => hosts.at(-1) ?? null,
    () => null,
  );
}

/** Whether a modal dialog keeps the element out of sight and reach. */
export function isBehindDialog(element: Element): boolean {
  const front = hosts.at(-1);
  return front !== undefined && !front.contains(element);
}

function change(next: readonly HTMLElement[]) {
  const { style } = document.documentElement;
  if (hosts.length === 0) overflowOfPage = style.overflow;
  hosts = next;
  style.overflow = hosts.length > 0 ? 'hidden' : overflowOfPage;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
