'use client';

import {
  describeInstant,
  type ItemFilter,
  KEYS,
  type ListPosition,
  useInboxAddress,
  useInboxKeys,
  useInboxList,
  useListInFront,
  usePanelIsOpen,
  useRowKeys,
  useSelection,
  useTimeWords,
  useTranslate,
  useUndo,
} from 'belfry/react';
import { type ReactNode, type RefObject, Suspense, useCallback, useRef, useState } from 'react';
import { ConnectionNote } from './connection-note';
import { EntryList } from './entry-list';
import { Icon } from './icons';
import { InboxFilters, InboxViews } from './inbox-filters';
import { KeysDialog } from './keys-dialog';
import { AllQuiet, Coming, LoadFailure, NoneFound, OlderLeft } from './list-states';
import './notifications.css';
import { RunningJobs } from './running';
import { SelectionBar } from './selection-bar';
import { UndoLine } from './undo-line';

const EMPTY = {
  inbox: { title: 'belfry.list.quiet', text: 'belfry.list.quiet-inbox' },
  unread: { title: 'belfry.list.none-unread', text: 'belfry.list.none-unread-text' },
  done: { title: 'belfry.list.none-done', text: 'belfry.list.none-done-text' },
  snoozed: { title: 'belfry.list.none-snoozed', text: 'belfry.list.none-snoozed-text' },
} as const;

interface NotificationInboxProps {
  /** `false`: its keys are left alone, where an app has its own. Default: they work wherever on the page the focus is. */
  keyboard?: boolean;
}

/** Everything that somebody was told of, in four views, on a page of its own. What is seen of it stands in the address. */
export function NotificationInbox({ keyboard = true }: NotificationInboxProps) {
  return (
    <Suspense>
      <InboxInViews keyboard={keyboard} />
    </Suspense>
  );
}

function InboxInViews({ keyboard }: { keyboard: boolean }) {
  const t = useTranslate();
  const { filter, setFilter } = useInboxAddress();
  const section = useRef<HTMLElement>(null);
  const list = useInboxList(section, filter);
  const { inbox, problem } = list;
  const view = shownView(filter);
  const selection = useSelection(inbox.entries);
  useListInFront(view === 'inbox' && !isFiltered(filter));
  const search = useRef<HTMLInputElement>(null);
  const { walked, isHelpShown, hideHelp, showHelp, snoozeButton } = useKeysOfPage({
    list,
    view,
    canClear: view === 'inbox' && !isFiltered(filter),
    section,
    search,
    selection,
    keyboard,
  });
  const isAway = view === 'done' || view === 'snoozed';

  return (
    <section
      ref={section}
      tabIndex={-1}
      aria-label={t('belfry.inbox.label')}
      className="belfry-root belfry-inbox belfry-edge"
    >
      <div className="belfry-inbox-head">
        <InboxViews filter={filter} setFilter={setFilter} totals={inbox.totals} />
        <AllAtOnce list={list} view={view} isFiltered={isFiltered(filter)} hasKeys={keyboard}>
          {keyboard && (
            <button
              type="button"
              aria-label={t('belfry.keys.title')}
              aria-keyshortcuts={KEYS.help}
              title={t('belfry.item.with-key', { name: t('belfry.keys.title'), key: KEYS.help })}
              className="belfry-icon-button belfry-keys-button"
              onClick={showHelp}
            >
              <Icon name="keys" />
            </button>
          )}
        </AllAtOnce>
      </div>
      <InboxFilters
        filter={filter}
        setFilter={setFilter}
        categories={inbox.categories}
        search={search}
        hasKeys={keyboard}
        onLeave={() => section.current?.focus()}
      />
      <h2 className="belfry-unseen">{t(`belfry.inbox.${view}`)}</h2>
      {view === 'done' && <LastCleared list={list} />}
      {problem && (
        <p role="alert" className="belfry-problem">
          {problem}
        </p>
      )}
      {view === 'inbox' && <RunningJobs />}
      {list.shows === 'items' ? (
        <EntryList
          // Another view begins at its top, with nothing open.
          key={view}
          list={list}
          view={view}
          scrolls="page"
          restingPlace={section}
          hasKeys={keyboard}
          isSelected={selection.has}
          onSelect={selection.toggle}
        />
      ) : (
        <InsteadOfList list={list} view={view} filter={filter} setFilter={setFilter} />
      )}
      <ConnectionNote connection={inbox.connection} />
      <div className="belfry-at-foot">
        {walked && <Walked {...walked} isOpenEnded={inbox.hasMore} />}
        {selection.selected.length > 0 && (
          <SelectionBar
            count={selection.selected.length}
            isAway={isAway}
            canSnooze={view !== 'done'}
            onSelectAll={selection.selectAll}
            onSelectNone={() => {
              section.current?.focus();
              selection.clear();
            }}
            snoozeButton={snoozeButton}
            onChange={(kind, until) => {
              section.current?.focus({ preventScroll: true });
              list.on.changeAll(kind, selection.selected, until);
              selection.clear();
            }}
          />
        )}
        <UndoLine isShown={!usePanelIsOpen()} hasKeys={keyboard} restingPlace={section} />
      </div>
      <KeysDialog open={isHelpShown} onClose={hideHelp} returnFocus={section} />
    </section>
  );
}

type List = ReturnType<typeof useInboxList>;
type ShownView = keyof typeof EMPTY;

function shownView({ view }: ItemFilter): ShownView {
  return view === undefined || view === 'all' ? 'inbox' : view;
}

function isFiltered({ category, priorities, q }: ItemFilter): boolean {
  return Boolean(category || priorities || q);
}

/** What the keys of the page do: mostly what the buttons do that they stand for. */
function useKeysOfPage({
  list,
  view,
  canClear,
  section,
  search,
  selection,
  keyboard,
}: {
  list: List;
  view: ShownView;
  /** Whether all that would be cleared is listed. */
  canClear: boolean;
  section: RefObject<HTMLElement | null>;
  search: RefObject<HTMLInputElement | null>;
  selection: ReturnType<typeof useSelection<List['inbox']['entries'][number]>>;
  keyboard: boolean;
}) {
  const [isHelpShown, setIsHelpShown] = useState(false);
  const rows = useRowKeys(section, list.inbox.entries);
  const { undo } = useUndo();
  const snoozeButton = useRef<HTMLButtonElement>(null);
  const { selected, clear } = selection;

  const changeSelected = (kind: 'done' | 'restore' | 'read' | 'unread') => {
    list.on.changeAll(kind, selected);
    clear();
  };
  const isAway = view === 'done' || view === 'snoozed';
  useInboxKeys(
    { within: section, isPage: true, isOn: keyboard },
    {
      help: () => setIsHelpShown(true),
      next: () => rows.move(1),
      previous: () => rows.move(-1),
      done: () =>
        selected.length > 0 ? changeSelected(isAway ? 'restore' : 'done') : rows.press('[data-dismiss]'),
      read: () => (selected.length > 0 ? changeSelected('read') : rows.press('[data-mark="read"]')),
      unread: () => (selected.length > 0 ? changeSelected('unread') : rows.press('[data-mark="unread"]')),
      snooze: () => (selected.length > 0 ? snoozeButton.current?.click() : rows.press('[data-snooze]')),
      select: () => rows.press('[data-select]'),
      undo,
      'all-done': () => canClear && list.inbox.totals.inbox > 0 && list.clearAll(),
      search() {
        search.current?.focus();
        search.current?.select();
      },
      leave: () => selected.length > 0 && clear(),
    },
  );
  return {
    walked: rows.walked,
    isHelpShown,
    showHelp: useCallback(() => setIsHelpShown(true), []),
    hideHelp: useCallback(() => setIsHelpShown(false), []),
    snoozeButton,
  };
}

/** What is done with all of a view. */
function AllAtOnce({
  list: { inbox, clearAll, readEverything },
  view,
  isFiltered,
  hasKeys,
  children,
}: {
  list: List;
  view: ShownView;
  isFiltered: boolean;
  hasKeys: boolean;
  children: ReactNode;
}) {
  const t = useTranslate();
  const isWhole = !isFiltered && (view === 'inbox' || view === 'unread');
  return (
    <div className="belfry-all">
      {isWhole && inbox.unreadTotal > 0 && (
        <button type="button" className="belfry-quiet belfry-small" onClick={readEverything}>
          {t('belfry.inbox.read-all')}
        </button>
      )}
      {isWhole && view === 'inbox' && inbox.totals.inbox > 0 && (
        <button
          type="button"
          aria-keyshortcuts={hasKeys ? KEYS['all-done'] : undefined}
          className="belfry-quiet belfry-small"
          onClick={clearAll}
        >
          {t('belfry.panel.clear')}
        </button>
      )}
      {children}
    </div>
  );
}

/** The way back from the last *all done*, for as long as there is one. */
function LastCleared({ list: { inbox, takeBack } }: { list: List }) {
  const t = useTranslate();
  const { locale } = useTimeWords();
  const { lastClear } = inbox;
  if (!lastClear) return null;
  return (
    <p className="belfry-cleared">
      <span>{t('belfry.inbox.cleared', { time: describeInstant(lastClear.at, locale) })}</span>
      <button type="button" className="belfry-expand" onClick={() => takeBack(lastClear.undo)}>
        {t('belfry.undo.undo')}
      </button>
    </p>
  );
}

function InsteadOfList({
  list: { inbox, shows, loadOlder },
  view,
  filter,
  setFilter,
}: {
  list: List;
  view: ShownView;
  filter: ItemFilter;
  setFilter: (filter: ItemFilter) => void;
}) {
  const t = useTranslate();
  if (shows === 'loading') return <Coming rows={6} />;
  if (shows === 'failure') return <LoadFailure onRetry={inbox.retry} />;
  if (shows === 'older') return <OlderLeft isLoading={inbox.loadingMore} onLoad={loadOlder} />;
  if (shows !== 'empty') return null;
  if (isFiltered(filter)) return <NoneFound onUnfilter={() => setFilter({ view })} />;
  return <AllQuiet title={t(EMPTY[view].title)} text={t(EMPTY[view].text)} />;
}

/** Where the keyboard has come to. */
function Walked({ position, count, isOpenEnded }: ListPosition & { isOpenEnded: boolean }) {
  const t = useTranslate();
  const words = isOpenEnded ? 'belfry.keys.position-so-far' : 'belfry.keys.position';
  return (
    <p role="status" className="belfry-walked">
      {t(words, { position, count })}
    </p>
  );
}
