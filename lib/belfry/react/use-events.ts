'use client';

import { use, useEffect, useRef } from 'react';
import { ClientContext } from './client-context.ts';

/**
 * Calls `handler` with the payload of every event of a type while the component is shown. Meant for
 * ephemeral types: of a stored one, what was missed comes again with every connect.
 *
 * @param eventType One of the provider's `eventTypes`: of others nothing is told.
 */
export function useEvents<Payload>(eventType: string, handler: (payload: Payload) => void): void {
  const client = use(ClientContext)?.client;
  const latest = useRef(handler);
  useEffect(() => {
    latest.current = handler;
  }, [handler]);
  useEffect(
    () => client?.listen(eventType, (payload) => latest.current(payload as Payload)),
    [client, eventType],
  );
}
