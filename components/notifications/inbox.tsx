'use client';

import {
  type Item,
  useAttempt,
  useInbox,
  useInboxActions,
  useListFocus,
  useNotifications,
  useTranslate,
} from 'belfry/react';
import { type RefObject, Suspense, useMemo, useRef, useState } from 'react';
import { ConnectionNote } from './connection-note';
import { NotificationItem } from './item';
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
  items: readonly Item[];
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
  return (
    <>
      <RunningJobs />
      <ViewOf view="inbox" listed={useInbox()} restingPlace={restingPlace} />
    </>
  );
}

function PagedList({ view, restingPlace }: ViewProps & { view: Exclude<ListedView, 'inbox'> }) {
  return <ViewOf view={view} listed={useNotifications({ view })} restingPlace={restingPlace} />;
}

function ViewOf({ view, listed, restingPlace }: ViewProps & { view: ListedView; listed: Listed }) {
  const { items, status, hasMore, loadingMore, loadMore, retry } = listed;
  const t = useTranslate();
  const { problem, attempt } = useAttempt();
  const { list, handOn, resumeAfter } = useListFocus({
    count: items.length,
    hasMore,
    loadingMore,
    restingPlace,
  });
  const actions = useItemActions({ view, attempt, handOn });
  const loadOlder = () => void attempt(async () => loadMore());
  return (
    <>
      {problem && (
        <p role="alert" className="belfry-problem">
          {problem}
        </p>
      )}
      {items.length > 0 ? (
        <ul
          ref={list}
          // biome-ignore lint/a11y/noRedundantRoles: Safari takes the role away from a list without bullets
          role="list"
          className="belfry-list"
        >
          {items.map((item, index) => (
            <li key={item.id} data-index={index} data-id={item.id}>
              <NotificationItem notification={item} {...actions} />
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
      {items.length > 0 && hasMore && (
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

/** What the buttons of an item do; the focus goes on where that takes the item out of the view. */
function useItemActions({
  view,
  attempt,
  handOn,
}: {
  view: ListedView;
  attempt: (work: () => Promise<unknown>) => Promise<void>;
  handOn: (id: number) => void;
}) {
  const { dismiss, restore, read, unread } = useInboxActions();
  return useMemo(() => {
    const change = (work: (ids: number[]) => Promise<unknown>, leaves: boolean) => (id: number) => {
      if (leaves) handOn(id);
      void attempt(() => work([id]));
    };
    return {
      onDismiss: change(dismiss, true),
      onRestore: change(restore, true),
      onRead: change(read, view === 'unread'),
      onUnread: change(unread, false),
      // It was read, whether or not the server hears of it.
      onVisit: (id: number) => void read([id]).catch(() => {}),
    };
  }, [view, attempt, handOn, dismiss, restore, read, unread]);
}
