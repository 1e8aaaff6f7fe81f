'use client';

import type { Connection } from '../client/inbox-client.ts';
import { useView } from './use-view.ts';

/** How notifications reach this page, for what need not be drawn again with every arrival. Without a provider: `connecting`. */
export function useConnection(): Connection {
  return useView('connection', 'connecting');
}
