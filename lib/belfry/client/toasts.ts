/** Which arrivals become toasts: a few at once do, a flood becomes its most urgent and a summary. */

import { priorityRank } from '../protocol/priority.ts';
import type { Item } from './inbox-model.ts';
import type { ServerClock } from './server-clock.ts';
import { standsFor, type ToastStack } from './toast-stack.ts';

const MOST_AT_ONCE = 3;
// Arrivals this close together are one flood.
const WINDOW_MS = 1_000;

export interface Toasts {
  /**
   * Shows arrivals at once as long as they are few; the rest waits for the window's end. Of a group, the newest stands for
   * all.
   *
   * @param count How many came altogether, when not all of them are at hand.
   */
  announce: (items: readonly Item[], count?: number) => void;
  /** Takes back the toasts of these events: from the screen, and from what waits. Nothing for those without one. */
  withdraw: (ids: readonly number[]) => void;
  /** As `withdraw`, for all events up to this id, and the summary with them. */
  withdrawThrough: (lastId: number) => void;
}

/** Shows toasts on a stack. */
export function createToasts(stack: ToastStack, clock: ServerClock): Toasts {
  let waiting: Item[] = [];
  /** How many came, those that are not at hand included. */
  let waitingCount = 0;
  let shownInWindow = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function takeBack(isGone: (id: number) => boolean): void {
    stack.close(isGone);
    const left = waiting.filter(({ id }) => !isGone(id));
    waitingCount = left.length > 0 ? waitingCount - (waiting.length - left.length) : 0;
    waiting = left;
  }

  function show(): void {
    const now = clock.now();
    // It may have expired on the way, or while it waited here.
    const current = waiting.filter(({ expiresAt }) => expiresAt === null || Date.parse(expiresAt) > now);
    const urgentFirst = [...current].sort(
      (a, b) => priorityRank(b.priority) - priorityRank(a.priority) || b.id - a.id,
    );
    // A summary takes the place of one toast. What waits for a person is never only counted.
    const count = waitingCount - (waiting.length - current.length);
    const shown =
      count <= MOST_AT_ONCE
        ? urgentFirst
        : urgentFirst.filter(({ priority }, i) => i < MOST_AT_ONCE - 1 || priority === 'CRITICAL');
    for (const item of shown) stack.show(item);
    const hidden = count - shown.length;
    waiting = [];
    waitingCount = 0;
    if (hidden > 0) stack.count(hidden);
    shownInWindow += shown.length + Math.min(hidden, 1);
  }

  function endWindow(): void {
    timer = undefined;
    shownInWindow = 0;
    if (waiting.length === 0) return;
    show();
    timer = setTimeout(endWindow, WINDOW_MS);
  }

  return {
    announce(items, count = items.length) {
      if (items.length === 0) return;
      const all = [...waiting, ...items];
      waiting = withoutRepeats(all);
      waitingCount += count - (all.length - waiting.length);
      const isFirst = shownInWindow === 0;
      const isRoom = waitingCount + shownInWindow <= MOST_AT_ONCE;
      if (isFirst || isRoom) show();
      if (!timer) timer = setTimeout(endWindow, WINDOW_MS);
    },
    withdraw(ids) {
      const gone = new Set(ids);
      if (gone.size > 0) takeBack((id) => gone.has(id));
    },
    withdrawThrough(lastId) {
      stack.closeCounted();
      takeBack((id) => id <= lastId);
    },
  };
}

/** What of it needs a toast of its own. */
function withoutRepeats(items: readonly Item[]): Item[] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    if (item.groupKey === null) continue;
    groups.set(item.groupKey, [
      ...(groups.get(item.groupKey) ?? []).filter((each) => !standsFor(item, each)),
      item,
    ]);
  }
  return items.filter((item) => {
    const others = item.groupKey === null ? [] : groups.get(item.groupKey);
    return !others?.some((other) => standsFor(other, item));
  });
}
