'use client';

import { type ComponentProps, type RefObject, useEffect, useRef } from 'react';
import { DELIBERATE } from './deliberate.ts';
import { holdHistoryEntry } from './history-entry.ts';
import { bringToFront } from './modal-host.ts';

/** Of a `Dialog`; all else is the `<dialog>`'s own. */
export interface DialogProps extends Omit<ComponentProps<'dialog'>, 'ref' | 'open' | 'onClose'> {
  ref: RefObject<HTMLDialogElement | null>;
  open: boolean;
  /** In front of a page that is out of reach meanwhile; Back closes it. Otherwise: one more part of the page. */
  modal: boolean;
  onClose: () => void;
  /** Where a press, or the focus, is none outside. For a dialog that is not modal. */
  isInside?: (element: Element) => boolean;
  /** Gets the focus back where what had it before is gone. */
  returnFocus: RefObject<HTMLElement | null>;
}

/**
 * The browser's own dialog, without a look. Escape closes it, and so does a press beside it; one that is not modal also
 * closes when the focus leaves it. It takes the focus itself, which presses nothing, and gives it back.
 */
export function Dialog({ ref, open, modal, onClose, isInside, returnFocus, children, ...rest }: DialogProps) {
  // What they are by the time that they are called: a new function is no reason to close and open again.
  const latest = useRef({ onClose, isInside });
  useEffect(() => {
    latest.current = { onClose, isInside };
  }, [onClose, isInside]);

  useEffect(() => {
    const dialog = ref.current;
    if (!open || !dialog) return;
    if (modal) dialog.showModal();
    else dialog.show();
    dialog.focus();
    // For a moment what can be pressed had the focus, and was scrolled to.
    dialog.scrollTop = 0;
    const close = () => latest.current.onClose();
    const isOutside = (element: Element) => !dialog.contains(element) && !latest.current.isInside?.(element);
    const undo = modal ? standInFront(dialog, close) : watchOutside(isOutside, close);
    return () => {
      undo();
      dialog.close();
      // It gives the focus back itself, to what had it before, unless that is gone, or what had it in here went first.
      const { activeElement } = document;
      const isNowhere = activeElement === null || activeElement === document.body;
      if (isNowhere || dialog.contains(activeElement)) returnFocus.current?.focus();
    };
  }, [ref, open, modal, returnFocus]);

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: what a press beside it does, Escape does as well
    <dialog
      {...rest}
      ref={ref}
      tabIndex={-1}
      aria-modal={modal}
      {...DELIBERATE}
      // Also after it was closed and opened again as the other kind.
      onClose={({ currentTarget }) => !currentTarget.open && onClose()}
      onClick={({ target, currentTarget }) => target === currentTarget && modal && onClose()}
    >
      {open && children}
    </dialog>
  );
}

function standInFront(dialog: HTMLDialogElement, onClose: () => void) {
  const stepBack = bringToFront(dialog);
  const releaseEntry = holdHistoryEntry(onClose);
  return () => {
    stepBack();
    releaseEntry();
  };
}

function watchOutside(isOutside: (element: Element) => boolean, onClose: () => void) {
  const onEvent = ({ target }: Event) => {
    if (target instanceof Element && isOutside(target)) onClose();
  };
  const onKeyDown = ({ key, defaultPrevented }: KeyboardEvent) => {
    // It may have closed something in here.
    if (key === 'Escape' && !defaultPrevented) onClose();
  };
  document.addEventListener('pointerdown', onEvent);
  document.addEventListener('focusin', onEvent);
  document.addEventListener('keydown', onKeyDown);
  return () => {
    document.removeEventListener('pointerdown', onEvent);
    document.removeEventListener('focusin', onEvent);
    document.removeEventListener('keydown', onKeyDown);
  };
}
