'use client';

import type { ReactNode } from 'react';
import { InboxProvider } from '@/components/notifications/inbox.tsx';
import { Toasts } from '@/components/notifications/toasts.tsx';
import { pages } from './pages.ts';

/** Everything below it belongs to somebody who is signed in: their inbox, and their toasts. */
export function SignedIn({
  userKey,
  eventTypes,
  children,
}: {
  userKey: string;
  eventTypes: string[];
  children: ReactNode;
}) {
  return (
    // The key: a refresh of the page may find somebody else signed in, who begins with nothing of the last person's.
    <InboxProvider key={userKey} userKey={userKey} eventTypes={eventTypes} pages={pages}>
      {children}
      <Toasts />
    </InboxProvider>
  );
}
