'use client';

import {
  type Entry,
  type EntryGroup,
  useAttempt,
  useInbox,
  useInboxActions,
  useListFocus,
  useListInFront,
  useNotifications,
  useTranslate,
} from 'belfry/react';
import { type RefObject, Suspense, useMemo, useRef, useState } from 'react';
import { ConnectionNote } from './connection-note';
import { NotificationEntry, useOpenGroups } from './entry';
import { AllQuiet, Coming, LoadFailure, OlderLeft } from './list-states';
import './notifications.css';
import { RunningJobs } from './running';

const VIEWS = ['inbox', 'unread', 'done', 'snoozed'] as const;
type ListedView = (typeof VIEWS)[number];

const EMPTY = {
  inbox: { title: 'belfry.list.quiet', text: 'belfry.list.quiet-inbox' },
  unread: { title: 'belfry.list.none-unread', text: 'belfry.list.none-unread-text' },
  done: { title: 'belfry.list.none-done', text: 'belfry.list.none-done-text' },
  snoozed: { title: 'belfry.list.none-snoozed', text: 'belfry.list.none-snoozed-text' },
} as const;

/** Everything that somebody was told of, in four views. */
export function NotificationInbox() {
  return (
    <Suspense>
      <InboxInViews />
    </Suspense>
  );
}

function InboxInViews() {
  const t = useTranslate();
  const [view, setView] = useState<ListedView>('inbox');
  const { connection } = useInbox();
  const section = useRef<HTMLElement>(null);
  return (
    <section
      ref={section}
      tabIndex={-1}
      aria-label={t('belfry.inbox.label')}
      className="belfry-root belfry-inbox belfry-edge"
    >
      <fieldset aria-label={t('belfry.inbox.views')} className="belfry-views">
        {VIEWS.map((each) => (
          <button
            key={each}
            type="button"
            aria-pressed={each === view}
            onClick={() => setView(each)}
            className="belfry-view"
          >
            {t(`belfry.inbox.${each}`)}
          </button>
        ))}
      </fieldset>
      <h2 className="belfry-unseen">{t(`belfry.inbox.${view}`)}</h2>
      {/* Of whoever sat here before nothing is shown. */}
      {connection !== 'signed-out' &&
        (view === 'inbox' ? (
          <LiveList restingPlace={section} />
        ) : (
          <PagedList key={view} view={view} restingPlace={section} />
        ))}
      <ConnectionNote connection={connection} />
    </section>
  );
}

/** What a view is made of, wherever it comes from. */
interface Listed {
  entries: readonly Entry[];
  status: 'loading' | 'ready' | 'error';
  hasMore: boolean;
  loadingMore: boolean;
  /** May reject with a sentence. */
  loadMore: () => unknown;
  retry: () => void;
}

interface ViewProps {
  /** Takes the focus when no item is left to have it. */
  restingPlace: RefObject<HTMLElement | null>;
}

/** The inbox itself, which every page has at hand: what arrives shows at once. */
function LiveList({ restingPlace }: ViewProps) {
  useListInFront();
  return (
    <>
      <RunningJobs />
      <ViewOf view="inbox" listed={useInbox()} restingPlace={restingPlace} />
    </>
  );
}

/** Everything by itself: what is done with a group is done with what of it is in the inbox. */
function PagedList({ view, restingPlace }: ViewProps & { view: Exclude<ListedView, 'inbox'> }) {
  const { items, ...pages } = useNotifications({ view });
  const entries = items.map((item) => ({ id: item.id, item, group: null }));
  return <ViewOf view={view} listed={{ ...pages, entries }} restingPlace={restingPlace} />;
}

function ViewOf({ view, listed, restingPlace }: ViewProps & { view: ListedView; listed: Listed }) {
  const { entries, status, hasMore, loadingMore, loadMore, retry } = listed;
  const t = useTranslate();
  const { problem, attempt } = useAttempt();
  const { list, handOn, resumeAfter } = useListFocus({
    count: entries.length,
    hasMore,
    loadingMore,
    restingPlace,
  });
  const handlers = useHandlers(attempt);
  const openGroups = useOpenGroups();
  const loadOlder = () => void attempt(async () => loadMore());
  return (
    <>
      {problem && (
        <p role="alert" className="belfry-problem">
          {problem}
        </p>
      )}
      {entries.length > 0 ? (
        <ul
          ref={list}
          // biome-ignore lint/a11y/noRedundantRoles: Safari takes the role away from a list without bullets
          role="list"
          className="belfry-list"
        >
          {entries.map((entry, index) => (
            <li key={entry.id} data-index={index} data-id={entry.id}>
              <NotificationEntry
                entry={entry}
                handOn={handOn}
                leavesWhenRead={view === 'unread'}
                openGroups={openGroups}
                {...handlers}
              />
            </li>
          ))}
        </ul>
      ) : status === 'loading' ? (
        <Coming />
      ) : status === 'error' ? (
        <LoadFailure onRetry={retry} />
      ) : hasMore ? (
        <OlderLeft isLoading={loadingMore} onLoad={loadOlder} />
      ) : (
        <AllQuiet title={t(EMPTY[view].title)} text={t(EMPTY[view].text)} />
      )}
      {entries.length > 0 && hasMore && (
        <div className="belfry-more">
          <button
            type="button"
            className="belfry-quiet"
            aria-disabled={loadingMore}
            onClick={() => resumeAfter(loadOlder)}
          >
            {t(loadingMore ? 'belfry.list.loading-more' : 'belfry.list.more')}
          </button>
        </div>
      )}
    </>
  );
}

/** What the buttons of items and of groups do. */
function useHandlers(attempt: (work: () => Promise<unknown>) => Promise<void>) {
  const { dismiss, dismissGroup, restore, read, readGroup, unread } = useInboxActions();
  return useMemo(() => {
    const change = (work: (ids: number[]) => Promise<unknown>) => (id: number) =>
      void attempt(() => work([id]));
    const changeAll =
      (work: typeof dismissGroup) =>
      ({ key, throughId }: EntryGroup) =>
        void attempt(() => work(key, throughId));
    return {
      onDismiss: change(dismiss),
      onRestore: change(restore),
      onRead: change(read),
      onUnread: change(unread),
      onDismissGroup: changeAll(dismissGroup),
      onReadGroup: changeAll(readGroup),
      // It was read, whether or not the server hears of it.
      onVisit: (id: number) => void read([id]).catch(() => {}),
      onVisitGroup: ({ key, throughId }: EntryGroup) => void readGroup(key, throughId).catch(() => {}),
    };
  }, [attempt, dismiss, dismissGroup, restore, read, readGroup, unread]);
}
