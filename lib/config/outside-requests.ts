/** Leaves the request that is under way. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { processSingleton } from './process-singleton.ts';

/**
 * Runs something outside of the request that is under way. A timer that is set in one keeps all that Next knows of it
 * until the timer fires: the request in its several forms, its stores and promises.
 */
export function outsideRequests<T>(run: () => T): T {
  return outside(run);
}

// As of the start, when there is no request yet: the limits are made then.
const outside = processSingleton('outside-requests', () => AsyncLocalStorage.snapshot());
