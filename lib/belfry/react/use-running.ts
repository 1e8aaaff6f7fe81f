'use client';

import { LOADING } from '../client/inbox-client.ts';
import type { RunningItem } from '../client/running.ts';
import { useView } from './use-view.ts';

/** The long jobs that run, for what need not be drawn again with every arrival. Without a provider: none. */
export function useRunning(): readonly RunningItem[] {
  return useView('running', LOADING.running);
}
