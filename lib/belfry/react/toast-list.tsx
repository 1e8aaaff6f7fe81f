'use client';

import { createContext, type ReactNode, useEffect, useMemo, useRef } from 'react';
import { createPortal } from 'react-dom';
import { DELIBERATE } from './deliberate.ts';
import { useTranslate } from './language.tsx';
import { useModalHost } from './modal-host.ts';

/** What the toasts of a list have in common. */
export interface ToastListBehaviour {
  /** Whether somebody is at it, or nobody can see it: what leaves by itself stays meanwhile. */
  isAttended: () => boolean;
  /** Hands on the focus of a toast that goes: to the next one, or back to where it was before. */
  leave: (item: HTMLElement) => void;
}

/** `null` outside of a `ToastList`. */
export const ToastListContext = /* @__PURE__ */ createContext<ToastListBehaviour | null>(null);

const CLOSE_BUTTON = '[data-close]';

/**
 * Where toasts appear, each a `ToastItem`; Alt+T leads there. The button that closes a toast needs the attribute
 * `data-close`: the focus goes to it.
 */
export function ToastList({
  className,
  listClassName,
  children,
}: {
  /** Of the region. */
  className?: string | undefined;
  /** Of the list in it. */
  listClassName?: string | undefined;
  children: ReactNode;
}) {
  const host = useModalHost();
  const t = useTranslate();
  const list = useRef<HTMLUListElement>(null);
  const cameFrom = useRef<HTMLElement | null>(null);

  useEffect(() => {
    const reach = (event: KeyboardEvent) => {
      if (!event.altKey || event.code !== 'KeyT') return;
      list.current?.querySelector<HTMLElement>(CLOSE_BUTTON)?.focus();
    };
    document.addEventListener('keydown', reach);
    return () => document.removeEventListener('keydown', reach);
  }, []);

  const behaviour = useMemo<ToastListBehaviour>(
    () => ({
      isAttended: () =>
        document.hidden ||
        Boolean(list.current?.matches(':hover') || list.current?.querySelector(':focus-visible')),
      leave(item) {
        if (!item.contains(document.activeElement)) return;
        const next = item.nextElementSibling ?? item.previousElementSibling;
        // Whoever works by keyboard goes on with the next; a pointer needs no focus here.
        const isByKeyboard = item.querySelector(':focus-visible') !== null;
        const target = (isByKeyboard && next?.querySelector<HTMLElement>(CLOSE_BUTTON)) || cameFrom.current;
        target?.focus({ preventScroll: true });
      },
    }),
    [],
  );

  const region = (
    <section aria-label={t('belfry.toasts.region')} data-toasts="" className={className}>
      <ToastListContext value={behaviour}>
        <ul
          ref={list}
          // biome-ignore lint/a11y/noRedundantRoles: Safari takes the role away from a list without bullets
          role="list"
          {...DELIBERATE}
          onFocus={({ currentTarget, relatedTarget }) => {
            if (relatedTarget instanceof HTMLElement && !currentTarget.contains(relatedTarget)) {
              cameFrom.current = relatedTarget;
            }
          }}
          className={listClassName}
        >
          {children}
        </ul>
      </ToastListContext>
    </section>
  );
  // What stands in front of the page keeps the page out of reach, and toasts are to be read and closed there too.
  return host ? createPortal(region, host) : region;
}
