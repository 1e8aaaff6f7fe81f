'use client';

import { type EntryGroup, useAttempt, useInbox, useInboxActions, useListFocus } from 'belfry/react';
import Link from 'next/link';
import { Suspense, useMemo, useRef } from 'react';
import { NotificationEntry, useOpenGroups } from '@/components/notifications/entry.tsx';
import { AllQuiet, Coming, LoadFailure } from '@/components/notifications/list-states.tsx';
import { lookOf } from '@/components/ui/button.tsx';
import { useT } from '@/components/use-t.ts';

const SHOWN = 5;

/**
 * The newest of the inbox, live. Its card is as high while it loads, empty and full: what stands beside it stays where it is.
 */
export function NewestList() {
  const t = useT();
  const section = useRef<HTMLElement>(null);
  return (
    <section
      ref={section}
      tabIndex={-1}
      aria-labelledby="newest-heading"
      className="edge flex h-120 flex-col overflow-clip rounded-2xl border border-line bg-surface shadow-card lg:h-full lg:min-h-120"
    >
      <div className="flex min-h-14 flex-wrap items-center justify-between gap-x-4 border-b border-line py-1 ps-4 pe-2.5 sm:ps-5">
        <h2 id="newest-heading" className="text-lg font-semibold tracking-tight">
          {t('home.newest')}
        </h2>
        <Link href="/inbox" className={lookOf('quiet')}>
          {t('home.inbox')}
        </Link>
      </div>
      {/* As much room as the page leaves, and no more: on a wide screen that is the height of its neighbour. */}
      <div className="relative min-h-0 flex-1">
        <div className="belfry-root absolute inset-0 overflow-y-auto overscroll-contain">
          <Suspense fallback={<Coming />}>
            <Newest restingPlace={section} />
          </Suspense>
        </div>
      </div>
    </section>
  );
}

function Newest({ restingPlace }: { restingPlace: React.RefObject<HTMLElement | null> }) {
  const t = useT();
  const { entries, status, connection, retry } = useInbox();
  const { problem, attempt } = useAttempt();
  const shown = entries.slice(0, SHOWN);
  const { list, handOn } = useListFocus({
    count: shown.length,
    hasMore: false,
    loadingMore: false,
    restingPlace,
  });
  const handlers = useHandlers(attempt);
  const openGroups = useOpenGroups();
  // Of whoever sat here before nothing is shown.
  if (connection === 'signed-out') return null;
  if (status === 'loading') return <Coming />;
  if (status === 'error') return <LoadFailure onRetry={retry} />;
  if (shown.length === 0) {
    return (
      <div className="grid min-h-full content-center">
        <AllQuiet title={t('belfry.list.quiet')} text={t('home.quiet-text')} />
      </div>
    );
  }
  return (
    <>
      {problem && (
        <p role="alert" className="bg-critical-wash px-5 py-2.5 text-sm text-critical-text">
          {problem}
        </p>
      )}
      <ul
        ref={list}
        // biome-ignore lint/a11y/noRedundantRoles: Safari takes the role away from a list without bullets
        role="list"
        className="divide-y divide-line"
      >
        {shown.map((entry, index) => (
          <li key={entry.id} data-index={index} data-id={entry.id}>
            <NotificationEntry entry={entry} handOn={handOn} openGroups={openGroups} {...handlers} />
          </li>
        ))}
      </ul>
    </>
  );
}

/** What the buttons of items and of groups do. */
function useHandlers(attempt: (work: () => Promise<unknown>) => Promise<void>) {
  const { dismiss, dismissGroup, read, readGroup, unread } = useInboxActions();
  return useMemo(() => {
    const change = (work: (ids: number[]) => Promise<unknown>) => (id: number) =>
      void attempt(() => work([id]));
    const changeAll =
      (work: typeof dismissGroup) =>
      ({ key, throughId }: EntryGroup) =>
        void attempt(() => work(key, throughId));
    return {
      onDismiss: change(dismiss),
      onRead: change(read),
      onUnread: change(unread),
      onDismissGroup: changeAll(dismissGroup),
      onReadGroup: changeAll(readGroup),
      // It was read, whether or not the server hears of it.
      onVisit: (id: number) => void read([id]).catch(() => {}),
      onVisitGroup: ({ key, throughId }: EntryGroup) => void readGroup(key, throughId).catch(() => {}),
    };
  }, [attempt, dismiss, dismissGroup, read, readGroup, unread]);
}
