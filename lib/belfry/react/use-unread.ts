'use client';

import { use, useSyncExternalStore } from 'react';
import { ClientContext } from './client-context.ts';

const NO_SUBSCRIPTION = () => () => {};

/**
 * How many notifications wait to be read: what the bell shows. The component is drawn again when that changes, and not with
 * every arrival. 0 on the server, without a provider, and when nobody is signed in.
 *
 *     const unread = useUnread();
 */
export function useUnread(): number {
  const client = use(ClientContext)?.client;
  return useSyncExternalStore(
    client?.subscribe ?? NO_SUBSCRIPTION,
    () => client?.view().totals.unread ?? 0,
    () => 0,
  );
}
