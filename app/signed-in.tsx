'use client';

import type { ReactNode } from 'react';
import { Notifications } from '@/components/notifications/notifications.tsx';
import { siteVersion } from '@/components/site-version.ts';
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
    <Notifications
      userKey={userKey}
      eventTypes={eventTypes}
      pages={pages}
      signInPath="/sign-in"
      version={siteVersion}
    >
      {children}
    </Notifications>
  );
}
