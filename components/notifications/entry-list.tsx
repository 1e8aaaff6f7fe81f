'use client';

import {
  type Entry,
  type EntryGroup,
  type ItemFilter,
  useArrivals,
  type useInboxList,
  useSections,
  useTranslate,
  VirtualList,
  WindowList,
} from 'belfry/react';
import { type RefObject, useCallback, useMemo, useState } from 'react';
import { type EntryHandlers, type Leaving, NotificationEntry, useOpenGroups } from './entry';
import { Icon } from './icons';
import './notifications.css';
import { SnoozeMenu } from './snooze-menu';

type List = ReturnType<typeof useInboxList>;

/** What is done with an item takes it out of these views. */
const LEAVES: Readonly<Record<NonNullable<ItemFilter['view']>, readonly Leaving[]>> = {
  inbox: ['dismiss'],
  unread: ['dismiss', 'read'],
  snoozed: ['dismiss', 'restore'],
  done: ['restore'],
  all: [],
};

/** Until when something is asked to be put off, and where the menu for it stands. */
interface Snoozing {
  at: HTMLElement;
  ids: readonly number[];
}

interface EntryListProps {
  list: List;
  view?: ItemFilter['view'] | undefined;
  /** Whether it scrolls with the page, or in a box of its own. */
  scrolls: 'page' | 'box';
  /** Takes the focus when no item is left to have it. */
  restingPlace: RefObject<HTMLElement | null>;
  hasKeys: boolean;
  isSelected?: ((id: Entry['id']) => boolean) | undefined;
  /** The same function each time. */
  onSelect?: EntryHandlers['onSelect'];
  /** After a link was followed. The same function each time. */
  onFollow?: (() => void) | undefined;
}

/** Notifications under the days on which they came, newest first. */
export function EntryList({
  list,
  view = 'inbox',
  scrolls,
  restingPlace,
  hasKeys,
  ...props
}: EntryListProps) {
  const { inbox, loadOlder } = list;
  const { entries, hasMore, loadingMore } = inbox;
  const t = useTranslate();
  const sections = useSections(entries);
  const openGroups = useOpenGroups();
  const [isScrolled, setIsScrolled] = useState(false);
  const arrived = useArrivals(entries, isScrolled);
  const { on, snoozing, stopSnoozing } = useEntryHandlers(list, view, props);
  const Rows = scrolls === 'page' ? WindowList : VirtualList;

  return (
    <div className={scrolls === 'box' ? 'belfry-box' : undefined}>
      {arrived > 0 && <Arrived count={arrived} restingPlace={restingPlace} />}
      <Rows
        items={entries}
        hasMore={hasMore}
        loadingMore={loadingMore}
        onLoadMore={loadOlder}
        restingPlace={restingPlace}
        onScrolledChange={setIsScrolled}
        className={scrolls === 'box' ? 'belfry-scroller' : undefined}
        listClassName="belfry-list"
        itemClassName="belfry-row"
        moreClassName="belfry-more"
        renderItem={(entry, handOn, index) => (
          <>
            {sections.has(index) && <h3 className="belfry-day">{sections.get(index)}</h3>}
            <NotificationEntry
              entry={entry}
              on={on}
              handOn={handOn}
              leavesWith={LEAVES[view]}
              isSelected={props.isSelected?.(entry.id) ?? false}
              hasKeys={hasKeys}
              isOpen={entry.group !== null && openGroups.keys.has(entry.group.key)}
              onToggle={openGroups.toggle}
            />
          </>
        )}
        renderMore={(load) => (
          <button type="button" className="belfry-quiet" aria-disabled={loadingMore} onClick={load}>
            {t(loadingMore ? 'belfry.list.loading-more' : 'belfry.list.more')}
          </button>
        )}
      />
      {snoozing && (
        <SnoozeMenu
          at={snoozing.at}
          onClose={stopSnoozing}
          onChoose={(until) => list.on.snooze(snoozing.ids, until)}
        />
      )}
    </div>
  );
}

/** What the buttons of items and of groups do. */
function useEntryHandlers(
  {
    on: { dismissOne, restoreOne, markRead, markUnread, dismissAllOf, markAllRead, visit, visitAllOf },
  }: List,
  view: EntryListProps['view'],
  { onSelect, onFollow }: Pick<EntryListProps, 'onSelect' | 'onFollow'>,
) {
  const [snoozing, setSnoozing] = useState<Snoozing | null>(null);
  const on = useMemo<EntryHandlers>(
    () => ({
      onDismiss: dismissOne,
      onRestore: restoreOne,
      onRead: markRead,
      onUnread: markUnread,
      onSnooze: (id: number, at: HTMLElement) => setSnoozing({ at, ids: [id] }),
      onDismissGroup: dismissAllOf,
      onReadGroup: markAllRead,
      onSnoozeGroup: ({ items }: EntryGroup, at: HTMLElement) =>
        setSnoozing({ at, ids: items.map(({ id }) => id) }),
      onVisit: visit,
      // Among what is unread it would leave while it is read.
      onUnfold: view === 'unread' ? undefined : visit,
      onVisitGroup: visitAllOf,
      onSelect,
      onFollow,
    }),
    [
      dismissOne,
      restoreOne,
      markRead,
      markUnread,
      dismissAllOf,
      markAllRead,
      visit,
      visitAllOf,
      view,
      onSelect,
      onFollow,
    ],
  );
  return { on, snoozing, stopSnoozing: useCallback(() => setSnoozing(null), []) };
}

/** Leads up to what came in above. */
function Arrived({ count, restingPlace }: { count: number; restingPlace: RefObject<HTMLElement | null> }) {
  const t = useTranslate();
  return (
    <div className="belfry-arrived">
      <button
        type="button"
        className="belfry-arrived-button"
        onClick={({ currentTarget }) => {
          const box = currentTarget.closest('.belfry-box')?.querySelector('.belfry-scroller');
          if (box) box.scrollTop = 0;
          else restingPlace.current?.scrollIntoView({ block: 'start' });
          // It goes when it has led there.
          restingPlace.current?.focus({ preventScroll: true });
        }}
      >
        <Icon name="up" />
        <span>{t('belfry.inbox.new', { count })}</span>
      </button>
    </div>
  );
}
