'use client';

import { useSyncExternalStore } from 'react';
import type { Toast } from '../client/toast-stack.ts';
import type { Priority } from '../protocol/priority.ts';
import { openPanel } from './panel-state.ts';
import { toastStack } from './toast-stack.ts';
import { useInboxActions } from './use-inbox-actions.ts';

// Time to notice and read; what matters more stays longer, and the critical stays until it is closed.
const SHOWN_MS: Record<Priority, number> = {
  LOW: 6_000,
  NORMAL: 8_000,
  HIGH: 15_000,
  CRITICAL: Number.POSITIVE_INFINITY,
};

/** How something on the screen is announced, and for how long it stays; forever when `lastsMs` is infinite. */
interface Announced {
  role: 'status' | 'alert';
  priority: Priority;
  lastsMs: number;
  close: () => void;
}

/** One toast on the screen. Where it has a `group`, it stands for all of that. */
export interface ShownToast extends Omit<Toast, 'priority'>, Announced {
  /** To be called whenever its link is followed: it is read then, or its group. */
  visit: () => void;
}

/** One toast in place of those that have no room. */
export interface ToastSummary extends Announced {
  count: number;
  /** Opens the panel, where they all are. */
  open: () => void;
}

/** Which toasts are on the screen, oldest first, and what stands for the rest, which is `null` when there is none. */
export function useToasts(): { toasts: ShownToast[]; summary: ToastSummary | null } {
  const { toasts, more, isMoreCritical } = useSyncExternalStore(
    toastStack.subscribe,
    toastStack.inView,
    toastStack.inView,
  );
  const { read, readGroup } = useInboxActions();
  const readAll = ({ id, group, groupKey }: Toast) =>
    group && groupKey !== null ? readGroup(groupKey, id) : read([id]);
  return {
    toasts: toasts.map((toast) => ({
      ...toast,
      role: roleFor(toast.priority),
      lastsMs: SHOWN_MS[toast.priority],
      close: () => toastStack.close((id) => id === toast.id),
      visit: () => void readAll(toast).catch(() => {}),
    })),
    summary: more > 0 ? summaryOf(more, isMoreCritical) : null,
  };
}

function summaryOf(count: number, isCritical: boolean): ToastSummary {
  const priority = isCritical ? 'CRITICAL' : 'NORMAL';
  return {
    count,
    priority,
    role: roleFor(priority),
    lastsMs: isCritical ? SHOWN_MS.CRITICAL : SHOWN_MS.HIGH,
    close: toastStack.closeMore,
    open() {
      toastStack.closeMore();
      openPanel();
    },
  };
}

function roleFor(priority: Priority): 'status' | 'alert' {
  return priority === 'HIGH' || priority === 'CRITICAL' ? 'alert' : 'status';
}
