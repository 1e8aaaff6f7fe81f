'use client';

import { InboxProvider, type InboxProviderProps, useUnreadBadge } from 'belfry/react';
import { Suspense } from 'react';
import { Toasts } from './toasts';

interface NotificationsProps extends InboxProviderProps {
  /** The address of the tab's icon while something is unread. Default: the icon stays as it is. */
  unreadIcon?: string;
}

/** Everything below it has the inbox of whoever is signed in, and their toasts; the tab says how many are unread. */
export function Notifications({ unreadIcon, children, ...props }: NotificationsProps) {
  return (
    <InboxProvider {...props}>
      {children}
      <Suspense>
        <Toasts />
        <UnreadBadge icon={unreadIcon} />
      </Suspense>
    </InboxProvider>
  );
}

function UnreadBadge({ icon }: { icon: string | undefined }) {
  useUnreadBadge({ unreadIcon: icon });
  return null;
}
