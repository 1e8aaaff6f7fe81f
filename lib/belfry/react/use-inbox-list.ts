'use client';

import { type RefObject, useCallback, useMemo } from 'react';
import type { Entry, EntryGroup } from '../client/inbox-model.ts';
import type { ChangeAnswer, ItemFilter } from '../protocol/item.ts';
import type { UndoOffer } from './undo-offers.ts';
import { undoOffers } from './undo-offers-of-page.ts';
import { useAttempt } from './use-attempt.ts';
import { type Inbox, useInbox } from './use-inbox.ts';
import { type InboxActions, useInboxActions } from './use-inbox-actions.ts';

/**
 * What a list of the inbox shows. `older`: all that was loaded is dismissed, and there is more; `nothing`: the
 * session has ended, and it may be somebody else who sits there.
 */
export type InboxListState = 'items' | 'loading' | 'failure' | 'empty' | 'older' | 'nothing';

/** What may be done with entries of a list. */
export type EntryChange = 'done' | 'restore' | 'read' | 'unread' | 'snooze';

const PLAIN: ItemFilter = {};
// A request names no more.
const MOST_IDS = 1_000;
const OFFERED_AS: Readonly<Partial<Record<EntryChange, UndoOffer['kind']>>> = {
  done: 'done',
  read: 'read',
  snooze: 'snoozed',
};

/**
 * The inbox, or a view of it, as a list of it needs it: what is to be shown, the sentence of the last refusal, and what its
 * buttons and keys do. All that can be taken back is offered to whoever asks with `useUndo`.
 *
 * @param restingPlace Takes the focus when what had it goes.
 * @param filter What is listed. Default: the inbox itself.
 */
export function useInboxList(restingPlace: RefObject<HTMLElement | null>, filter: ItemFilter = PLAIN) {
  const inbox = useInbox(filter);
  const actions = useInboxActions();
  const { problem, attempt } = useAttempt();
  const { read, readGroup, undo } = actions;
  const { clear, readAll, loadMore, loadingMore, totals, unreadTotal } = inbox;

  const change = useCallback(
    (kind: EntryChange, of: Named, until?: string) =>
      void attempt(() => offering(OFFERED_AS[kind], countOf(of), request(actions, kind, of, until))),
    [actions, attempt],
  );
  /** What each button does: the same functions each time. */
  const on = useMemo(() => {
    const one = (kind: EntryChange) => (id: number) => change(kind, { ids: [id], groups: [] });
    return {
      dismissOne: one('done'),
      restoreOne: one('restore'),
      markRead: one('read'),
      markUnread: one('unread'),
      dismissAllOf: (group: EntryGroup) => change('done', { ids: [], groups: [group] }),
      markAllRead: (group: EntryGroup) => change('read', { ids: [], groups: [group] }),
      /** @param until ISO 8601. */
      snooze: (ids: readonly number[], until: string) => change('snooze', { ids, groups: [] }, until),
      /** Several at once. `until` is for `snooze`: ISO 8601. */
      changeAll: (kind: EntryChange, entries: readonly Entry[], until?: string) =>
        change(kind, namedBy(kind, entries), until),
      // It was read, whether or not the server hears of it.
      visit: (id: number) => void read([id]).catch(() => {}),
      visitAllOf: ({ key, throughId }: EntryGroup) => void readGroup(key, throughId).catch(() => {}),
    };
  }, [change, read, readGroup]);

  return {
    inbox,
    shows: listState(inbox, filter),
    problem,
    on,
    clearAll() {
      restingPlace.current?.focus();
      void attempt(() => offering('all-done', totals.inbox, [clear()]));
    },
    readEverything: () => void attempt(() => offering('read', unreadTotal, [readAll()])),
    /** Takes an earlier change back, such as `lastClear`. */
    takeBack(token: string) {
      restingPlace.current?.focus();
      void attempt(() => undo(token));
    },
    loadOlder() {
      if (loadingMore) return;
      // The button leaves with what it brings.
      if (listState(inbox, filter) === 'older') restingPlace.current?.focus();
      void attempt(loadMore);
    },
  };
}

/** What is changed by one press. */
interface Named {
  ids: readonly number[];
  /** As far as they were shown. */
  groups: readonly EntryGroup[];
}

function namedBy(kind: EntryChange, entries: readonly Entry[]): Named {
  // Of a group only what is known can be named by its ids.
  const asGroup = kind === 'done' || kind === 'read';
  return {
    ids: entries.flatMap(({ item, group }) =>
      group ? (asGroup ? [] : group.items.map(({ id }) => id)) : item.id,
    ),
    groups: asGroup ? entries.flatMap(({ group }) => group ?? []) : [],
  };
}

function request(
  { dismiss, dismissGroup, restore, read, readGroup, unread, snooze }: InboxActions,
  kind: EntryChange,
  { ids, groups }: Named,
  until = '',
): Promise<ChangeAnswer>[] {
  const byIds = {
    done: dismiss,
    restore,
    read,
    unread,
    snooze: (some: readonly number[]) => snooze(some, until),
  }[kind];
  const byGroup = kind === 'done' ? dismissGroup : readGroup;
  const parts = Array.from({ length: Math.ceil(ids.length / MOST_IDS) }, (_, part) =>
    ids.slice(part * MOST_IDS, (part + 1) * MOST_IDS),
  );
  return [
    ...parts.map((part) => byIds(part)),
    ...groups.map(({ key, throughId }) => byGroup(key, throughId)),
  ];
}

/** Offers to take back what was asked for, as far as it is granted. Rejects with the first refusal. */
async function offering(
  kind: UndoOffer['kind'] | undefined,
  count: number,
  asked: readonly Promise<ChangeAnswer>[],
): Promise<void> {
  const answered = Promise.allSettled(asked);
  const tokens = answered.then((outcomes) =>
    outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? (outcome.value.undo ?? []) : [])),
  );
  if (kind) undoOffers.offer({ kind, count, tokens });
  await answered;
  await Promise.all(asked);
}

function countOf({ ids, groups }: Named): number {
  return groups.reduce((count, group) => count + group.count, ids.length);
}

function listState(
  { items, connection, status, totals, hasMore }: Inbox,
  { view = 'inbox', category, priorities, q }: ItemFilter,
): InboxListState {
  if (connection === 'signed-out') return 'nothing';
  if (items.length > 0) return 'items';
  if (status !== 'ready') return status === 'loading' ? 'loading' : 'failure';
  if (hasMore) return 'older';
  // Something is there, and on its way.
  const isPlain = view === 'inbox' && !category && !priorities && !q;
  return isPlain && totals.inbox > 0 ? 'loading' : 'empty';
}
