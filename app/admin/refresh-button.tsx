'use client';

import { useRouter } from 'next/navigation';
import { useTransition } from 'react';
import { Button, Spinner } from '@/components/ui/button.tsx';
import { useT } from '@/components/use-t.ts';

/** Reads the page's numbers anew. */
export function RefreshButton() {
  const t = useT();
  const router = useRouter();
  const [refreshing, startRefreshing] = useTransition();
  return (
    <Button
      look="quiet"
      className="-me-2.5"
      aria-disabled={refreshing}
      onClick={() => !refreshing && startRefreshing(() => router.refresh())}
    >
      {refreshing && <Spinner />}
      <span>{t('admin.sent.refresh')}</span>
    </Button>
  );
}
