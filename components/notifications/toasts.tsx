'use client';

import type { ReactNode } from 'react';
import { Toaster, toast } from 'sonner';
import type { Priority } from '@/lib/events/event.ts';
import type { NotificationEvent } from './inbox-state.ts';
import { NotificationLink } from './notification-link.tsx';
import { setPanelOpen } from './panel-state.ts';
import { PRIORITY_LABEL, PRIORITY_TEXT, PriorityMark } from './priority-mark.tsx';

// Time to notice and read; what matters more stays longer, and the critical stays until it is closed.
const SHOWN_MS: Record<Priority, number> = {
  LOW: 6_000,
  NORMAL: 8_000,
  HIGH: 15_000,
  CRITICAL: Number.POSITIVE_INFINITY,
};
const MAX_VISIBLE = 3;
const SUMMARY_ID = 'summary';

const TOAST_PREFIX = 'notification-';
const toastId = (id: number) => `${TOAST_PREFIX}${id}`;

/** Shows a notification that just arrived. Again with the same id: the toast is replaced, not doubled. */
export function showToast(event: Pick<NotificationEvent, 'id' | 'priority' | 'payload'>) {
  const id = toastId(event.id);
  toast.custom(
    () => (
      <ToastCard
        role={roleFor(event.priority)}
        priority={event.priority}
        payload={event.payload}
        onClose={() => toast.dismiss(id)}
      />
    ),
    { id, duration: SHOWN_MS[event.priority] },
  );
}

let summarised = 0;

/** One toast in place of many that came at once. It opens the panel, where they all are, and adds up. */
export function showSummaryToast(count: number) {
  summarised += count;
  const total = summarised;
  toast.custom(
    () => (
      <ToastFrame role="status" priority="NORMAL" onClose={closeSummary}>
        <p className="text-sm font-semibold">
          {`${total.toLocaleString('en-GB')} more ${total === 1 ? 'notification' : 'notifications'}`}
        </p>
        <button
          type="button"
          onClick={() => {
            closeSummary();
            setPanelOpen(true);
          }}
          className="mt-0.5 justify-self-start rounded-sm text-sm font-medium text-verdigris-text underline underline-offset-3"
        >
          {total === 1 ? 'Show it' : 'Show them'}
        </button>
      </ToastFrame>
    ),
    { id: SUMMARY_ID, duration: SHOWN_MS.HIGH, onDismiss: forgetSummary, onAutoClose: forgetSummary },
  );
}

/** Takes the summary away, and begins to count anew. Nothing if there is none. */
export function closeSummary() {
  forgetSummary();
  toast.dismiss(SUMMARY_ID);
}

function forgetSummary() {
  summarised = 0;
}

/** Takes away the toasts of those events for which `isGone` is true. */
export function closeToasts(isGone: (eventId: number) => boolean) {
  for (const { id } of toast.getToasts()) {
    if (id !== SUMMARY_ID && isGone(Number(String(id).replace(TOAST_PREFIX, '')))) toast.dismiss(id);
  }
}

/** Where toasts appear. Each one speaks through its own role, so the list around them is silent. */
export function Toasts() {
  return (
    <Toaster
      ref={silence}
      theme="system"
      position="bottom-right"
      visibleToasts={MAX_VISIBLE}
      expand
      containerAriaLabel="Toasts"
      offset={20}
      mobileOffset={12}
      gap={10}
    />
  );
}

// Sonner's list is a polite live region itself: left on, a screen reader may speak a toast twice.
function silence(section: HTMLElement | null) {
  section?.setAttribute('aria-live', 'off');
}

function roleFor(priority: Priority): 'status' | 'alert' {
  return priority === 'HIGH' || priority === 'CRITICAL' ? 'alert' : 'status';
}

interface ToastCardProps {
  priority: Priority;
  payload: NotificationEvent['payload'];
  /** Absent in a preview, which announces nothing. */
  role?: 'status' | 'alert' | undefined;
  onClose?: (() => void) | undefined;
}

export function ToastCard({ priority, payload, role, onClose }: ToastCardProps) {
  return (
    <ToastFrame role={role} priority={priority} onClose={onClose}>
      {(priority === 'HIGH' || priority === 'CRITICAL') && (
        <p className={`text-xs leading-tight font-semibold ${PRIORITY_TEXT[priority]}`}>
          {PRIORITY_LABEL[priority]}
        </p>
      )}
      <p dir="auto" className="line-clamp-2 text-sm font-semibold wrap-anywhere">
        {payload.title}
      </p>
      <p dir="auto" className="typed-text line-clamp-3 text-sm text-soft">
        {payload.message}
      </p>
      {payload.link && (
        <p className="mt-1 text-sm">
          <NotificationLink link={payload.link} onFollow={onClose} />
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
      className="toast-card flex w-full items-start gap-3 rounded-xl bg-surface py-3.5 pr-2 pl-4 text-ink shadow-lifted dark:ring-1 dark:ring-line"
    >
      <PriorityMark priority={priority} />
      <div className="grid min-w-0 flex-1 gap-0.5 self-center">{children}</div>
      <button
        type="button"
        aria-label="Close"
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
