'use client';

import type { Language } from 'belfry/react';
import type { ReactNode } from 'react';
import { Notifications } from '@/components/notifications/notifications.tsx';
import { siteVersion } from '@/components/site-version.ts';
import { GoKeys } from './go-keys.tsx';
import { pages } from './pages.ts';
import unreadIcon from './unread-icon.svg';

/** Everything below it belongs to somebody who is signed in: their inbox, and their toasts. */
export function SignedIn({
  userKey,
  language,
  eventTypes,
  categories,
  children,
}: {
  userKey: string;
  language: Language;
  eventTypes: string[];
  categories: string[];
  children: ReactNode;
}) {
  return (
    <Notifications
      userKey={userKey}
      language={language}
      eventTypes={eventTypes}
      categories={categories}
      pages={pages}
      signInPath="/sign-in"
      version={siteVersion}
      unreadIcon={unreadIcon.src}
    >
      <GoKeys />
      {children}
    </Notifications>
  );
}
