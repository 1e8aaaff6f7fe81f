/** Which arrivals become toasts: a few at once do, a flood becomes its most urgent and a summary. */

import { serverNow } from '@/components/server-clock.ts';
import { priorityRank } from '@/lib/belfry/protocol/event.ts';
import type { NotificationEvent } from './inbox-state.ts';
import { closeSummary, closeToasts, showSummaryToast, showToast } from './toast-store.ts';

const MOST_AT_ONCE = 3;
// Arrivals this close together are one flood.
const WINDOW_MS = 1_000;

let waiting: NotificationEvent[] = [];
/** How many came, those that are not at hand included. */
let waitingCount = 0;
let shownInWindow = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/**
 * Shows arrivals at once as long as they are few; the rest waits for the window's end.
 *
 * @param count How many came altogether, when not all of them are at hand.
 */
export function announceToasts(events: readonly NotificationEvent[], count = events.length): void {
  if (events.length === 0) return;
  waiting.push(...events);
  waitingCount += count;
  const isFirst = shownInWindow === 0;
  const isRoom = waitingCount + shownInWindow <= MOST_AT_ONCE;
  if (isFirst || isRoom) show();
  if (!timer) timer = setTimeout(endWindow, WINDOW_MS);
}

/** Takes back the toasts of these events: from the screen, and from what waits. Nothing for those without one. */
export function withdrawToasts(ids: readonly number[]): void {
  const gone = new Set(ids);
  if (gone.size > 0) withdraw((id) => gone.has(id));
}

/** As `withdrawToasts`, for all events up to this id, and the summary with them. */
export function withdrawToastsThrough(lastId: number): void {
  closeSummary();
  withdraw((id) => id <= lastId);
}

function withdraw(isGone: (id: number) => boolean): void {
  closeToasts(isGone);
  const left = waiting.filter(({ id }) => !isGone(id));
  waitingCount = left.length > 0 ? waitingCount - (waiting.length - left.length) : 0;
  waiting = left;
}

function show(): void {
  const now = serverNow();
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
  for (const event of shown) showToast(event);
  const hidden = count - shown.length;
  waiting = [];
  waitingCount = 0;
  if (hidden > 0) showSummaryToast(hidden);
  shownInWindow += shown.length + Math.min(hidden, 1);
}

function endWindow(): void {
  timer = undefined;
  shownInWindow = 0;
  if (waiting.length === 0) return;
  show();
  timer = setTimeout(endWindow, WINDOW_MS);
}
