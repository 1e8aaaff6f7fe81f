'use client';

import { type RefObject, useCallback } from 'react';
import type { EntryGroup } from '../client/inbox-model.ts';
import { useAttempt } from './use-attempt.ts';
import { type Inbox, useInbox } from './use-inbox.ts';

/**
 * What a list of the inbox shows. `older`: all that was loaded is dismissed, and there is more; `nothing`: the
 * session has ended, and it may be somebody else who sits there.
 */
export type InboxListState = 'items' | 'loading' | 'failure' | 'empty' | 'older' | 'nothing';

/**
 * The inbox as a list of it needs it: what is to be shown, the sentence of the last refusal, and what its buttons do.
 *
 * @param restingPlace Takes the focus when what had it goes.
 */
export function useInboxList(restingPlace: RefObject<HTMLElement | null>) {
  const inbox = useInbox();
  const { dismiss, dismissGroup, clear, read, readGroup, loadMore, loadingMore } = inbox;
  const { problem, attempt } = useAttempt();

  const dismissOne = useCallback((id: number) => void attempt(() => dismiss([id])), [attempt, dismiss]);
  const dismissAllOf = useCallback(
    ({ key, throughId }: EntryGroup) => void attempt(() => dismissGroup(key, throughId)),
    [attempt, dismissGroup],
  );
  const markAllRead = useCallback(
    ({ key, throughId }: EntryGroup) => void attempt(() => readGroup(key, throughId)),
    [attempt, readGroup],
  );
  // It was read, whether or not the server hears of it.
  const markRead = useCallback((id: number) => void read([id]).catch(() => {}), [read]);
  const visitAllOf = useCallback(
    ({ key, throughId }: EntryGroup) => void readGroup(key, throughId).catch(() => {}),
    [readGroup],
  );

  return {
    inbox,
    shows: listState(inbox),
    problem,
    dismissOne,
    markRead,
    /** Of a group, as it was shown. */
    dismissAllOf,
    /** Of a group, as it was shown. */
    markAllRead,
    /** As `markAllRead`, when its link was followed. */
    visitAllOf,
    clearAll() {
      restingPlace.current?.focus();
      void attempt(clear);
    },
    loadOlder() {
      if (loadingMore) return;
      // The button leaves with what it brings.
      if (listState(inbox) === 'older') restingPlace.current?.focus();
      void attempt(loadMore);
    },
  };
}

function listState({ items, connection, status, totals, hasMore }: Inbox): InboxListState {
  if (items.length > 0) return 'items';
  if (connection === 'signed-out') return 'nothing';
  if (status !== 'ready') return status === 'loading' ? 'loading' : 'failure';
  if (totals.inbox === 0) return 'empty';
  return hasMore ? 'older' : 'loading';
}
