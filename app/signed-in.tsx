'use client';

import type { ReactNode } from 'react';
import { InboxProvider } from '@/components/notifications/inbox.tsx';
import { Toasts } from '@/components/notifications/toasts.tsx';

/** Everything below it belongs to somebody who is signed in: their inbox, and their toasts. */
export function SignedIn({
  userId,
  eventTypes,
  children,
}: {
  userId: number;
  eventTypes: string[];
  children: ReactNode;
}) {
  return (
    <InboxProvider userId={userId} eventTypes={eventTypes}>
      {children}
      <Toasts />
    </InboxProvider>
  );
}
