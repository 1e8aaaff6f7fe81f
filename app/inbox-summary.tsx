'use client';

import { useInbox } from 'belfry/react';
import { useT } from '@/components/use-t.ts';

/** How many are waiting, in a sentence. */
export function InboxSummary() {
  const t = useT();
  const { totals, status } = useInbox();
  return (
    <p className="mt-3 min-h-8 text-lg text-soft">
      {totals.unread > 0 ? (
        <span>{t('home.waiting', { count: totals.unread })}</span>
      ) : status === 'ready' ? (
        <span>{t(totals.inbox > 0 ? 'home.read' : 'home.nothing')}</span>
      ) : null}
    </p>
  );
}
