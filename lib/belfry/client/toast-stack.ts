/**
 * The toasts that are open, and which of them have room. Three stand on the screen at most; what finds no
 * room is counted in a summary, which takes the room of one. A CRITICAL toast waits for a person: nothing
 * else takes its place, and when others of its kind do, it comes back as soon as there is room.
 */
import { priorityRank } from '../protocol/priority.ts';
import type { Item } from './inbox-model.ts';

export type Toast = Item;

export interface ToastsInView {
  /** Oldest first. */
  toasts: readonly Toast[];
  /** How many are counted in the summary; 0 when there is none. */
  more: number;
  /** Whether one that waits for a person is among them. */
  isMoreCritical: boolean;
}

export interface ToastStack {
  /**
   * Shows a notification that just arrived. Again with the same id, or as one more of a group: the toast is replaced, not
   * doubled. One that is more urgent than what comes after it stays.
   */
  show: (toast: Toast) => void;
  /** Counts this many in the summary, beside those that are counted there already. */
  count: (more: number) => void;
  /** Takes away the toasts of those events for which `isGone` is true. */
  close: (isGone: (eventId: number) => boolean) => void;
  /** Forgets what is only counted. */
  closeCounted: () => void;
  /** Closes what would go by itself. */
  closePassing: () => void;
  /** Closes everything that the summary stands for. */
  closeMore: () => void;
  /** The same object until something changes. */
  inView: () => ToastsInView;
  /** Returns its own undo. */
  subscribe: (listener: () => void) => () => void;
}

const MOST_IN_VIEW = 3;

/** Whether the toast of an item stands for another of its group as well. */
export function standsFor(item: Item, other: Item): boolean {
  if (item.groupKey === null || item.groupKey !== other.groupKey || item.id <= other.id) return false;
  return priorityRank(item.priority) >= priorityRank(other.priority);
}

export function createToastStack(): ToastStack {
  /** Oldest first. */
  let open: readonly Toast[] = [];
  /** How many others there are that are not at hand, or have given up their room. */
  let counted = 0;
  let inView = findRoom();
  const listeners = new Set<() => void>();

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

  return {
    show(toast) {
      if (open.some((other) => standsFor(other, toast))) return;
      const others = open.filter((other) => other.id !== toast.id && !standsFor(toast, other));
      // What comes in one go comes most urgent first.
      open = [...others, toast].sort((a, b) => a.id - b.id);
      change();
    },
    count(more) {
      counted += more;
      change();
    },
    close(isGone) {
      open = open.filter(({ id }) => !isGone(id));
      change();
    },
    closeCounted() {
      counted = 0;
      change();
    },
    closePassing() {
      open = open.filter(({ priority }) => priority === 'CRITICAL');
      counted = 0;
      change();
    },
    closeMore() {
      open = inView.toasts;
      counted = 0;
      change();
    },
    inView: () => inView,
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
