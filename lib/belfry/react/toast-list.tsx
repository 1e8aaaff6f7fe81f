'use client';

import { Children, createContext, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { DELIBERATE } from './deliberate.ts';
import { useTranslate } from './language.tsx';
import { useModalHost } from './modal-host.ts';
import { type ToastAttention, watchAttention } from './toast-attention.ts';

/** What the toasts of a list have in common. */
export interface ToastListBehaviour extends ToastAttention {
  /** Hands on the focus of a toast that goes: to the next one, or back to where it was before. */
  leave: (item: HTMLElement) => void;
}

/** `null` outside of a `ToastList`. */
export const ToastListContext = /* @__PURE__ */ createContext<ToastListBehaviour | null>(null);

const CLOSE_BUTTON = '[data-close]';

/** Of a `ToastList`. */
export interface ToastListProps {
  /** Each a `ToastItem`: what is read out when there is time. */
  status: ReactNode;
  /** What is read out at once. */
  alert: ReactNode;
  /** Of the region. */
  className?: string | undefined;
  /** Of each of the two lists in it. */
  listClassName?: string | undefined;
}

/**
 * Where toasts appear, each a `ToastItem`; Alt+T leads there. The button that closes a toast needs the attribute
 * `data-close`: the focus goes to it.
 *
 * The elements with the roles `status` and `alert` are there from the first on, and empty: what comes into them is read out,
 * once, and nothing else is.
 */
export function ToastList({ status, alert, className, listClassName }: ToastListProps) {
  const host = useModalHost();
  const t = useTranslate();
  const region = useRef<HTMLElement>(null);
  const cameFrom = useRef<HTMLElement | null>(null);

  useEffect(() => {
    const reach = (event: KeyboardEvent) => {
      if (!event.altKey || event.code !== 'KeyT') return;
      const button = region.current?.querySelector<HTMLElement>(CLOSE_BUTTON);
      if (!button) return;
      // Of a Mac's keyboard it is a letter, which would be written where the focus was.
      event.preventDefault();
      button.focus();
    };
    document.addEventListener('keydown', reach);
    return () => document.removeEventListener('keydown', reach);
  }, []);

  const behaviour = useMemo<ToastListBehaviour>(
    () => ({
      ...watchAttention(() => region.current),
      leave(item) {
        if (!item.contains(document.activeElement)) return;
        const buttons = [...(region.current?.querySelectorAll<HTMLElement>(CLOSE_BUTTON) ?? [])];
        const own = buttons.findIndex((button) => item.contains(button));
        // Whoever works by keyboard goes on with the next; a pointer needs no focus here.
        const isByKeyboard = item.querySelector(':focus-visible') !== null;
        const target = (isByKeyboard && (buttons[own + 1] ?? buttons[own - 1])) || cameFrom.current;
        target?.focus({ preventScroll: true });
      },
    }),
    [],
  );

  const all = (
    <section
      ref={region}
      aria-label={t('belfry.toasts.region')}
      aria-keyshortcuts="Alt+T"
      data-toasts=""
      {...DELIBERATE}
      onFocus={({ currentTarget, relatedTarget }) => {
        if (relatedTarget instanceof HTMLElement && !currentTarget.contains(relatedTarget)) {
          cameFrom.current = relatedTarget;
        }
      }}
      className={className}
    >
      <ToastListContext value={behaviour}>
        <LiveList role="status" className={listClassName}>
          {status}
        </LiveList>
        <LiveList role="alert" className={listClassName}>
          {alert}
        </LiveList>
      </ToastListContext>
    </section>
  );
  // What stands in front of the page keeps the page out of reach, and toasts are to be read and closed there too.
  return host ? createPortal(all, host) : all;
}

function LiveList({
  role,
  className,
  children,
}: {
  role: 'status' | 'alert';
  className: string | undefined;
  children: ReactNode;
}) {
  // Also in a dialog that has just been opened: together with its content it would not be read out, or read out anew.
  const [isThere, setIsThere] = useState(false);
  useEffect(() => setIsThere(true), []);
  return (
    // Not as a whole, as these roles are by themselves: what stands there was read out when it came.
    <div role={role} aria-atomic={false} aria-relevant="additions">
      {isThere && Children.toArray(children).length > 0 && (
        // biome-ignore lint/a11y/noRedundantRoles: Safari takes the role away from a list without bullets
        <ul role="list" className={className}>
          {children}
        </ul>
      )}
    </div>
  );
}
