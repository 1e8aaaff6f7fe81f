'use client';

import { use, useCallback, useSyncExternalStore } from 'react';
import type { Connection } from '../client/inbox-client.ts';
import { ClientContext } from './client-context.ts';

const NO_SUBSCRIPTION = () => () => {};

/** How notifications reach this page, for what need not be drawn again with every arrival. Without a provider: `connecting`. */
export function useConnection(): Connection {
  const ofUser = use(ClientContext);
  const read = useCallback(() => ofUser?.client.view().connection ?? 'connecting', [ofUser]);
  return useSyncExternalStore(
    ofUser?.client.subscribe ?? NO_SUBSCRIPTION,
    read,
    ofUser?.userKey === null ? read : () => 'connecting',
  );
}
