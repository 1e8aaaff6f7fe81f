'use client';

import { openPanel, useInbox } from 'belfry/react';
import { useT } from '@/components/use-t.ts';

/** How many are waiting, in a sentence. */
export function InboxSummary() {
  const t = useT();
  const { unreadTotal, status } = useInbox();
  return (
    <p className="mt-3 min-h-8 text-lg text-soft">
      {unreadTotal > 0 ? (
        <>
          <span className="me-[0.3em]">{t('home.waiting', { count: unreadTotal })}</span>
          <button
            type="button"
            onClick={openPanel}
            className="rounded-sm font-medium text-verdigris-text underline decoration-1 underline-offset-4 hover:decoration-2"
          >
            {t('home.read', { count: unreadTotal })}
          </button>
        </>
      ) : status === 'ready' ? (
        <span>{t('home.nothing')}</span>
      ) : null}
    </p>
  );
}
