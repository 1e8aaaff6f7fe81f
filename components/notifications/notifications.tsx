'use client';

import { InboxProvider, type InboxProviderProps } from 'belfry/react';
import { Suspense } from 'react';
import { Toasts } from './toasts';

/** Everything below it has the inbox of whoever is signed in, and their toasts. */
export function Notifications({ children, ...props }: InboxProviderProps) {
  return (
    <InboxProvider {...props}>
      {children}
      <Suspense>
        <Toasts />
      </Suspense>
    </InboxProvider>
  );
}
