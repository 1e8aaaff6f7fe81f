'use client';

import { useInboxList, usePanelIsOpen } from 'belfry/react';
import Link from 'next/link';
import { Suspense, useMemo, useRef } from 'react';
import { EntryList } from '@/components/notifications/entry-list.tsx';
import { AllQuiet, Coming, LoadFailure } from '@/components/notifications/list-states.tsx';
import { UndoLine } from '@/components/notifications/undo-line.tsx';
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
        <div className="belfry-root absolute inset-0 flex flex-col">
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
  const list = useInboxList(restingPlace);
  const { entries, retry } = list.inbox;
  const newest = useMemo(
    () => ({ ...list, inbox: { ...list.inbox, entries: entries.slice(0, SHOWN), hasMore: false } }),
    [list, entries],
  );
  const panelIsOpen = usePanelIsOpen();
  if (list.shows === 'loading') return <Coming />;
  if (list.shows === 'failure') return <LoadFailure onRetry={retry} />;
  return (
    <>
      {list.problem && (
        <p role="alert" className="bg-critical-wash px-5 py-2.5 text-sm text-critical-text">
          {list.problem}
        </p>
      )}
      {list.shows === 'empty' && (
        <div className="grid min-h-full content-center">
          <AllQuiet title={t('belfry.list.quiet')} text={t('home.quiet-text')} />
        </div>
      )}
      {list.shows === 'items' && (
        <EntryList list={newest} scrolls="box" restingPlace={restingPlace} hasKeys={false} />
      )}
      <div className="belfry-root belfry-at-foot">
        <UndoLine isShown={!panelIsOpen} hasKeys={false} restingPlace={restingPlace} />
      </div>
    </>
  );
}
