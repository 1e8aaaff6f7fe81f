'use client';

import { use, useSyncExternalStore } from 'react';
import type { InboxView } from '../client/inbox-client.ts';
import { ClientContext } from './client-context.ts';

const NO_SUBSCRIPTION = () => () => {};

/**
 * One member of what is known of the inbox: the component is drawn again when that changes, and not with every arrival. On the
 * server, and without a provider, it is `otherwise`.
 */
export function useView<Member extends keyof InboxView>(
  member: Member,
  otherwise: InboxView[Member],
): InboxView[Member] {
  const ofUser = use(ClientContext);
  const read = () => ofUser?.client.view()[member] ?? otherwise;
  return useSyncExternalStore(
    ofUser?.client.subscribe ?? NO_SUBSCRIPTION,
    read,
    ofUser?.userKey === null ? read : () => otherwise,
  );
}
