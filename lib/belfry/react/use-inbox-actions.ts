'use client';

import type { InboxClient } from '../client/inbox-client.ts';
import { useOfUser } from './client-context.ts';

/** What changes the inbox. Each but `undo` shows at once; each rejects with a sentence when the server refuses it. */
export interface InboxActions
  extends Pick<
    InboxClient,
    | 'dismiss'
    | 'read'
    | 'unread'
    | 'restore'
    | 'snooze'
    | 'act'
    | 'dismissGroup'
    | 'readGroup'
    | 'undo'
    | 'loadMore'
    | 'retry'
  > {}

/** As `useInbox`, for what changes the inbox and need not be drawn again with every arrival. */
export function useInboxActions(): InboxActions {
  return useOfUser().client;
}
