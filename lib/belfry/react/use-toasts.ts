'use client';

import { useEffect, useSyncExternalStore } from 'react';
import type { Saying, Toast } from '../client/toast-stack.ts';
import { plainText } from '../protocol/markdown.ts';
import type { Priority } from '../protocol/priority.ts';
import { openPanel } from './panel-state.ts';
import { useSmallScreen } from './small-screen.ts';
import { toastStack } from './toast-stack.ts';
import { useInboxActions } from './use-inbox-actions.ts';

// Time to notice and read; what matters more stays longer, and the critical stays until it is closed.
const SHOWN_MS: Record<Priority, number> = {
  LOW: 6_000,
  NORMAL: 8_000,
  HIGH: 15_000,
  CRITICAL: Number.POSITIVE_INFINITY,
};

// Long enough to be read out, short enough not to be met again by whoever reads through the page.
const SAID_MS = 5_000;

/** How something is announced, and for how long it stays; forever when `lastsMs` is infinite. */
interface Announced {
  role: 'status' | 'alert';
  priority: Priority;
  lastsMs: number;
  /** It was read out before. */
  isHeard: boolean;
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
  /** How many of those nobody was told of: when it grows, the count is to be read out. */
  unheard: number;
  /** Opens the panel, where they all are. */
  open: () => void;
}

/** What is read out, and not shown: it stands in a list that is on the screen. */
export interface SpokenToast extends Announced {
  key: number;
  /** Plain text; `null`: it is `count` notifications. */
  text: { title: string; message: string } | null;
  count: number;
}

/** What a `ToastList` holds. */
export interface Toasts {
  /** On the screen, oldest first. */
  toasts: ShownToast[];
  /** What stands for the rest; `null` when there is none. */
  summary: ToastSummary | null;
  spoken: SpokenToast[];
}

/**
 * Which toasts are on the screen: three at most, with the summary, and on a small screen one and the summary. None while a
 * list of the inbox is in front (`useListInFront`).
 */
export function useToasts(): Toasts {
  const isSmall = useSmallScreen();
  const { toasts, more, moreUnheard, isMoreCritical, sayings } = useSyncExternalStore(
    toastStack.subscribe,
    toastStack.inView,
    toastStack.inView,
  );
  const { read, readGroup } = useInboxActions();
  const readAll = ({ id, group, groupKey }: Toast) =>
    group && groupKey !== null ? readGroup(groupKey, id) : read([id]);

  useEffect(() => toastStack.fit(isSmall), [isSmall]);
  useEffect(() => toastStack.hear(toasts.map(({ id }) => id)), [toasts]);

  return {
    toasts: toasts.map((toast) => ({
      ...toast,
      isHeard: toastStack.isHeard(toast.id),
      role: roleFor(toast.priority),
      lastsMs: SHOWN_MS[toast.priority],
      close: () => toastStack.close((id) => id === toast.id),
      visit: () => void readAll(toast).catch(() => {}),
    })),
    summary: more > 0 ? summaryOf(more, moreUnheard, isMoreCritical) : null,
    spoken: sayings.map(spokenOf),
  };
}

function spokenOf({ key, toast, more }: Saying): SpokenToast {
  const priority = toast?.priority ?? 'NORMAL';
  return {
    key,
    text: toast && {
      title: toast.group?.title ?? (toast.title || toast.eventType),
      message: toast.group ? '' : plainText(toast.message),
    },
    count: more,
    priority,
    role: roleFor(priority),
    lastsMs: SAID_MS,
    isHeard: false,
    close: () => toastStack.endSaying(key),
  };
}

function summaryOf(count: number, unheard: number, isCritical: boolean): ToastSummary {
  const priority = isCritical ? 'CRITICAL' : 'NORMAL';
  return {
    count,
    unheard,
    isHeard: unheard === 0,
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
