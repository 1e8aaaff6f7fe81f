'use client';

import { type RefObject, useEffect, useRef } from 'react';
import { createGoKeys, type KeyCommand, keyCommand, takesKeys } from './key-commands.ts';

/** What a list does at its keys; `false`: not now, and the key is left to the browser. */
export type KeyHandlers = Partial<Record<KeyCommand, (event: KeyboardEvent) => unknown>>;

/**
 * The keys of a list of notifications: j and k, e, r, u, s, z, x, Shift+A, `/`, `?` and Escape. None of them does anything while
 * somebody types, with Ctrl, Alt or the command key, or in a dialog that the list is not in.
 *
 *     const list = useRef(null);
 *     useInboxKeys({ within: list, isPage: true }, { done: () => dismiss([current]), undo: () => undo(token) });
 *
 * @param within The list, with all that belongs to it.
 * @param isPage Whether its keys work wherever the focus is: it is what the page is there for. Otherwise they work in it alone.
 * @param isOn `false`: the keys are left alone.
 */
export function useInboxKeys(
  {
    within,
    isPage = false,
    isOn = true,
  }: {
    within: RefObject<HTMLElement | null>;
    isPage?: boolean;
    isOn?: boolean;
  },
  handlers: KeyHandlers,
): void {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(() => {
    if (!isOn) return;
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || takesKeys(event.target)) return;
      if (!isReached(within.current, event.target, isPage)) return;
      const command = keyCommand(event);
      const handler = command && latest.current[command];
      if (!handler || handler(event) === false) return;
      event.preventDefault();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [within, isPage, isOn]);
}

/**
 * `g`, then a letter: to a place of the app. Not while somebody types or a dialog stands in front of the page.
 *
 *     useGoKeys({ i: () => router.push('/inbox'), h: () => router.push('/') });
 */
export function useGoKeys(places: Readonly<Record<string, () => void>>): void {
  const latest = useRef(places);
  useEffect(() => {
    latest.current = places;
  });
  useEffect(() => {
    const second = createGoKeys(() => performance.now());
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || takesKeys(event.target) || frontDialog()) return;
      if (event.target instanceof Element && event.target.closest('[popover]')) return;
      const key = second(event);
      const go = key !== null && Object.hasOwn(latest.current, key) ? latest.current[key] : undefined;
      if (!go) return;
      event.preventDefault();
      go();
    };
    // Before any list, for which the second letter may mean something of its own.
    document.addEventListener('keydown', press, { capture: true });
    return () => document.removeEventListener('keydown', press, { capture: true });
  }, []);
}

function isReached(list: HTMLElement | null, target: EventTarget | null, isPage: boolean): boolean {
  if (!list || !(target instanceof Element)) return false;
  const dialog = target.closest(DIALOGS);
  // The list may be in one, or be one; one that stands in the list has keys of its own.
  if (list.contains(target)) return dialog === null || !list.contains(dialog) || dialog === list;
  return isPage && dialog === null && !frontDialog();
}

const DIALOGS = 'dialog, [role="dialog"], [role="alertdialog"], [popover]';

/** What stands in front of the page and keeps it out of reach. */
function frontDialog(): Element | null {
  return document.querySelector('dialog:modal, [aria-modal="true"]:not(dialog)');
}
