'use client';

import {
  createContext,
  type ReactNode,
  use,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
} from 'react';
import { createPortal } from 'react-dom';
import { DELIBERATE } from '@/components/ui/deliberate.ts';
import { useModalHost } from '@/components/ui/modal-host.ts';
import type { Toast } from '@/lib/belfry/client/toast-stack.ts';
import type { Priority } from '@/lib/belfry/protocol/priority.ts';
import { useInboxActions } from './inbox.tsx';
import { NotificationLink } from './notification-link.tsx';
import { setPanelOpen } from './panel-state.ts';
import { PRIORITY_LABEL, PRIORITY_TEXT, PriorityMark } from './priority-mark.tsx';
import { toastStack } from './toast-stack.ts';

// Time to notice and read; what matters more stays longer, and the critical stays until it is closed.
const SHOWN_MS: Record<Priority, number> = {
  LOW: 6_000,
  NORMAL: 8_000,
  HIGH: 15_000,
  CRITICAL: Number.POSITIVE_INFINITY,
};
const CLOSE_BUTTON = '[data-close]';

/** Where toasts appear: those that the queue found worth showing, and a summary of what has no room. */
export function Toasts() {
  const { toasts, more, isMoreCritical } = useSyncExternalStore(
    toastStack.subscribe,
    toastStack.inView,
    toastStack.inView,
  );
  const { read } = useInboxActions();
  const host = useModalHost();
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

  const context = useMemo<ToastList>(
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
    <section
      aria-label="Toasts alt+T"
      data-toasts=""
      className="fixed right-0 bottom-0 z-60 max-h-dvh max-sm:left-0"
    >
      <ToastListContext value={context}>
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
          className="pointer-events-none flex max-h-[max(100dvh-4rem,min(100dvh,11.5rem))] flex-col gap-2.5 overflow-y-auto overscroll-contain p-3 empty:hidden sm:w-99 sm:max-w-screen sm:p-5 low:gap-1.5 low:p-2"
        >
          {more > 0 && <Summary count={more} isCritical={isMoreCritical} />}
          {toasts.map((toast) => (
            <ToastItem key={toast.id} lastsMs={SHOWN_MS[toast.priority]} onEnd={() => closeToast(toast.id)}>
              <ToastCard
                role={roleFor(toast.priority)}
                priority={toast.priority}
                title={toast.title || toast.eventType}
                message={toast.message}
                link={toast.link}
                onVisit={() => void read([toast.id]).catch(() => {})}
                onClose={() => closeToast(toast.id)}
              />
            </ToastItem>
          ))}
        </ul>
      </ToastListContext>
    </section>
  );
  // What stands in front of the page keeps the page out of reach, and toasts are to be read and closed there too.
  return host ? createPortal(region, host) : region;
}

interface ToastList {
  /** Whether somebody is at it, or nobody can see it: what leaves by itself stays meanwhile. */
  isAttended: () => boolean;
  /** Hands on the focus of a toast that goes: to the next one, or back to where it was before. */
  leave: (item: HTMLElement) => void;
}

const ToastListContext = createContext<ToastList | null>(null);

function ToastItem({
  lastsMs,
  onEnd,
  children,
}: {
  lastsMs: number;
  onEnd: () => void;
  children: ReactNode;
}) {
  const list = use(ToastListContext);
  const latestEnd = useRef(onEnd);
  const watchLeaving = useCallback(
    (item: HTMLLIElement | null) => (item && list ? () => list.leave(item) : undefined),
    [list],
  );

  useEffect(() => {
    latestEnd.current = onEnd;
  }, [onEnd]);
  useEffect(() => {
    if (lastsMs === Number.POSITIVE_INFINITY) return;
    let timer = setTimeout(end, lastsMs);
    function end() {
      if (list?.isAttended()) timer = setTimeout(end, lastsMs);
      else latestEnd.current();
    }
    return () => clearTimeout(timer);
  }, [lastsMs, list]);

  return (
    <li ref={watchLeaving} className="pointer-events-auto flex min-h-12 shrink animate-arrive flex-col">
      {children}
    </li>
  );
}

/** One toast in place of those that have no room. It opens the panel, where they all are. */
function Summary({ count, isCritical }: { count: number; isCritical: boolean }) {
  const priority = isCritical ? 'CRITICAL' : 'NORMAL';
  return (
    // The key: with every addition its time begins anew.
    <ToastItem
      key={count}
      lastsMs={isCritical ? SHOWN_MS.CRITICAL : SHOWN_MS.HIGH}
      onEnd={toastStack.closeMore}
    >
      <ToastFrame role={roleFor(priority)} priority={priority} onClose={toastStack.closeMore}>
        <p className="text-sm font-semibold">
          {`${count.toLocaleString('en-GB')} more ${count === 1 ? 'notification' : 'notifications'}`}
        </p>
        <button
          type="button"
          onClick={() => {
            toastStack.closeMore();
            setPanelOpen(true);
          }}
          className="mt-0.5 justify-self-start rounded-sm text-sm font-medium text-verdigris-text underline underline-offset-3"
        >
          {count === 1 ? 'Show it' : 'Show them'}
        </button>
      </ToastFrame>
    </ToastItem>
  );
}

function closeToast(eventId: number): void {
  toastStack.close((id) => id === eventId);
}

function roleFor(priority: Priority): 'status' | 'alert' {
  return priority === 'HIGH' || priority === 'CRITICAL' ? 'alert' : 'status';
}

interface ToastCardProps {
  priority: Priority;
  title: string;
  message: string;
  link: Toast['link'];
  /** Absent in a preview, which announces nothing. */
  role?: 'status' | 'alert' | undefined;
  onClose?: (() => void) | undefined;
  /** Whenever its link is followed. */
  onVisit?: (() => void) | undefined;
}

export function ToastCard({ priority, title, message, link, role, onClose, onVisit }: ToastCardProps) {
  return (
    <ToastFrame role={role} priority={priority} onClose={onClose}>
      {(priority === 'HIGH' || priority === 'CRITICAL') && (
        <p className={`text-xs leading-tight font-semibold ${PRIORITY_TEXT[priority]}`}>
          {PRIORITY_LABEL[priority]}
        </p>
      )}
      <p dir="auto" className="line-clamp-2 text-sm font-semibold wrap-anywhere">
        {title}
      </p>
      <p dir="auto" className="typed-text line-clamp-3 text-sm text-soft">
        {message}
      </p>
      {link && (
        <p className="mt-1 text-sm">
          <NotificationLink link={link} onFollow={onClose} onVisit={onVisit} />
        </p>
      )}
    </ToastFrame>
  );
}

function ToastFrame({
  role,
  priority,
  onClose,
  children,
}: {
  role?: 'status' | 'alert' | undefined;
  priority: Priority;
  onClose?: (() => void) | undefined;
  children: ReactNode;
}) {
  return (
    <div
      role={role}
      className="flex min-h-0 w-full items-start gap-3 rounded-xl bg-surface py-3.5 pr-2 pl-4 low:py-2 text-ink shadow-lifted edge dark:ring-1 dark:ring-line"
    >
      <PriorityMark priority={priority} />
      {/* What does not fit between the others on a short screen scrolls; the button beside it stays. */}
      <div className="grid max-h-full min-w-0 flex-1 grid-cols-[minmax(0,1fr)] gap-0.5 self-stretch overflow-y-auto overscroll-contain">
        <div className="grid grid-cols-[minmax(0,1fr)] gap-0.5 self-center">{children}</div>
      </div>
      <button
        type="button"
        aria-label="Close"
        data-close=""
        onClick={onClose}
        className="-my-1 grid size-9 shrink-0 place-items-center rounded-lg text-soft hover:bg-sunken hover:text-ink"
      >
        <svg viewBox="0 0 16 16" className="size-4" aria-hidden="true">
          <path d="m4 4 8 8M12 4l-8 8" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
        </svg>
      </button>
    </div>
  );
}
