'use client';

import { useRouter } from 'next/navigation';
import { useTransition } from 'react';
import { Button, Spinner } from '@/components/ui/button.tsx';

/** Reads the page's numbers anew. */
export function RefreshButton() {
  const router = useRouter();
  const [refreshing, startRefreshing] = useTransition();
  return (
    <Button
      look="quiet"
      className="-mr-2.5"
      aria-disabled={refreshing}
      onClick={() => !refreshing && startRefreshing(() => router.refresh())}
    >
      {refreshing && <Spinner />}
      <span>Refresh</span>
    </Button>
  );
}
