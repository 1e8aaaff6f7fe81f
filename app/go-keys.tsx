'use client';

import { useGoKeys } from 'belfry/react';
import { useRouter } from 'next/navigation';

/** `g`, then a letter, from every page: to the inbox, home, to the settings. */
export function GoKeys() {
  const router = useRouter();
  useGoKeys({
    i: () => router.push('/inbox'),
    h: () => router.push('/'),
    s: () => router.push('/settings/notifications'),
  });
  return null;
}
