/**
 * The toasts that are open, and which of them have room. Three stand on the screen at most, on a small one one; what
 * finds no room is counted in a summary. A CRITICAL toast waits for a person: nothing else takes its place, and when
 * others of its kind do, it comes back as soon as there is room.
 *
 * While a list of the inbox is in front of the person no toast is shown: it stands there. It is said all the same, for
 * those who hear what they cannot see.
 */
import { priorityRank } from '../protocol/priority.ts';
import type { Item } from './inbox-model.ts';

export type Toast = Item;

/** What is said without being shown: a notification, or how many more there are. */
export interface Saying {
  /** No other's. */
  key: number;
  /** `null`: `more` are counted. */
  toast: Toast | null;
  more: number;
}

export interface ToastsInView {
  /** Oldest first. */
  toasts: readonly Toast[];
  /** How many are counted in the summary; 0 when there is none. */
  more: number;
  /** How many of those nobody was shown: of the others there is nothing new to say. */
  moreUnheard: number;
  /** Whether one that waits for a person is among them. */
  isMoreCritical: boolean;
  /** Oldest first. */
  sayings: readonly Saying[];
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
  /** Closes everything that the summary stands for. */
  closeMore: () => void;
  /** Whether the screen has room for one toast alone. */
  fit: (isSmall: boolean) => void;
  /**
   * A list of the inbox is in front of the person: what would go by itself is closed, and what waits for them waits until
   * the list is gone. Returns its own undo.
   */
  hold: () => () => void;
  /** It was on the screen in such a list, and waits no longer. Nothing while there is none. */
  seenInList: (eventId: number) => void;
  /** These have been shown, and what is read out was read out. */
  hear: (eventIds: readonly number[]) => void;
  isHeard: (eventId: number) => boolean;
  /** Takes away what was said. */
  endSaying: (key: number) => void;
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
  /** How many of those never were on the screen. */
  let unheard = 0;
  /** Of those that are open, the ids of those that were shown or said. */
  let heard: ReadonlySet<number> = new Set();
  let sayings: readonly Saying[] = [];
  let lastKey = 0;
  let listsInFront = 0;
  let isSmall = false;
  let inView = findRoom();
  const listeners = new Set<() => void>();

  function change(): void {
    // On a small screen the summary stands at the toast, and needs no room of its own.
    const room = isSmall ? 1 : MOST_IN_VIEW;
    while (open.length + (isSmall ? 0 : Math.min(counted, 1)) > room) {
      const [least] = open
        .filter(({ priority }) => priority !== 'CRITICAL')
        .sort((a, b) => priorityRank(a.priority) - priorityRank(b.priority));
      if (!least) break;
      open = open.filter((each) => each !== least);
      counted += 1;
      if (!heard.has(least.id)) unheard += 1;
    }
    if (isSmall && open.length === 0) forgetCounted();
    heard = new Set(open.map(({ id }) => id).filter((id) => heard.has(id)));
    inView = findRoom();
    for (const listener of listeners) listener();
  }

  function findRoom(): ToastsInView {
    const none = { toasts: [], more: 0, moreUnheard: 0, isMoreCritical: false, sayings };
    if (listsInFront > 0) return none;
    // Three that wait for a person leave no room for a summary of what does not.
    if (!isSmall && open.length === MOST_IN_VIEW) return { ...none, toasts: open };
    const room = isSmall ? 1 : MOST_IN_VIEW - 1;
    const toasts = open.slice(-room);
    const hidden = open.slice(0, -room);
    const hiddenUnheard = hidden.filter(({ id }) => !heard.has(id)).length;
    return {
      toasts,
      more: hidden.length + counted,
      moreUnheard: hiddenUnheard + unheard,
      isMoreCritical: hidden.length > 0,
      sayings,
    };
  }

  function say(toast: Toast | null, more: number): void {
    lastKey += 1;
    sayings = [...sayings, { key: lastKey, toast, more }];
  }

  function forgetCounted(): void {
    counted = 0;
    unheard = 0;
  }

  function close(isGone: (eventId: number) => boolean): void {
    open = open.filter(({ id }) => !isGone(id));
    change();
  }

  return {
    show(toast) {
      if (open.some((other) => standsFor(other, toast))) return;
      const others = open.filter((other) => other.id !== toast.id && !standsFor(toast, other));
      const isInList = listsInFront > 0;
      if (isInList) {
        say(toast, 0);
        heard = new Set([...heard, toast.id]);
      }
      // What comes in one go comes most urgent first.
      if (!isInList || toast.priority === 'CRITICAL') open = [...others, toast].sort((a, b) => a.id - b.id);
      change();
    },
    count(more) {
      if (listsInFront > 0) {
        say(null, more);
      } else {
        counted += more;
        unheard += more;
      }
      change();
    },
    close,
    closeCounted() {
      forgetCounted();
      change();
    },
    closeMore() {
      open = inView.toasts;
      forgetCounted();
      change();
    },
    fit(small) {
      if (small === isSmall) return;
      isSmall = small;
      change();
    },
    hold() {
      listsInFront += 1;
      open = open.filter(({ priority }) => priority === 'CRITICAL');
      forgetCounted();
      change();
      return () => {
        listsInFront -= 1;
        change();
      };
    },
    seenInList(eventId) {
      if (listsInFront > 0) close((id) => id === eventId);
    },
    hear(eventIds) {
      heard = new Set([...heard, ...eventIds]);
    },
    isHeard: (eventId) => heard.has(eventId),
    endSaying(key) {
      sayings = sayings.filter((saying) => saying.key !== key);
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
