/**
 * The toasts that are open, and which of them have room. Three stand on the screen at most; what finds no
 * room is counted in a summary, which takes the room of one. A CRITICAL toast waits for a person: nothing
 * else takes its place, and when others of its kind do, it comes back as soon as there is room.
 */
import { priorityRank } from '@/lib/belfry/protocol/event.ts';
import type { NotificationEvent } from './inbox-state.ts';

export type ToastEvent = Pick<NotificationEvent, 'id' | 'priority' | 'payload'>;

export interface ToastsInView {
  /** Oldest first. */
  toasts: readonly ToastEvent[];
  /** How many are counted in the summary; 0 when there is none. */
  more: number;
  /** Whether one that waits for a person is among them. */
  isMoreCritical: boolean;
}

const MOST_IN_VIEW = 3;

/** Oldest first. */
let open: readonly ToastEvent[] = [];
/** How many others there are that are not at hand, or have given up their room. */
let counted = 0;
let inView = findRoom();
const listeners = new Set<() => void>();

/** Shows a notification that just arrived. Again with the same id: the toast is replaced, not doubled. */
export function showToast({ id, priority, payload }: ToastEvent): void {
  const others = open.filter((each) => each.id !== id);
  // What comes in one go comes most urgent first.
  open = [...others, { id, priority, payload }].sort((a, b) => a.id - b.id);
  change();
}

/** Counts this many in the summary, beside those that are counted there already. */
export function showSummaryToast(count: number): void {
  counted += count;
  change();
}

export function closeToast(id: number): void {
  closeToasts((each) => each === id);
}

/** Takes away the toasts of those events for which `isGone` is true. */
export function closeToasts(isGone: (eventId: number) => boolean): void {
  open = open.filter(({ id }) => !isGone(id));
  change();
}

/** Forgets what is only counted. */
export function closeSummary(): void {
  counted = 0;
  change();
}

/** Closes what would go by itself. */
export function closePassing(): void {
  open = open.filter(({ priority }) => priority === 'CRITICAL');
  closeSummary();
}

/** Closes everything that the summary stands for. */
export function closeMore(): void {
  open = inView.toasts;
  closeSummary();
}

export function toastsInView(): ToastsInView {
  return inView;
}

export function subscribeToToasts(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

function change(): void {
  while (open.length + Math.min(counted, 1) > MOST_IN_VIEW) {
    const [least] = open
      .filter(({ priority }) => priority !== 'CRITICAL')
      .sort((a, b) => priorityRank(a.priority) - priorityRank(b.priority));
    if (!least) break;
    open = open.filter((each) => each !== least);
    counted += 1;
  }
  inView = findRoom();
  for (const listener of listeners) listener();
}

function findRoom(): ToastsInView {
  // Three that wait for a person leave no room for a summary of what does not.
  if (open.length === MOST_IN_VIEW) return { toasts: open, more: 0, isMoreCritical: false };
  const toasts = open.length > MOST_IN_VIEW ? open.slice(1 - MOST_IN_VIEW) : open;
  const hidden = open.length - toasts.length;
  return { toasts, more: hidden + counted, isMoreCritical: hidden > 0 };
}
