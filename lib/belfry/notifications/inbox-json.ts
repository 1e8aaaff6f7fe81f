import type { InboxState } from '../storage/event-store.ts';

/** The totals as every answer and the `inbox` event carry them. */
export function inboxJson({ unreadTotal, asOf, revision, readAt, nextExpiresAt }: InboxState) {
  return {
    unreadTotal,
    asOf,
    revision,
    readAt: readAt.toISOString(),
    nextExpiresAt: nextExpiresAt?.toISOString() ?? null,
  };
}
