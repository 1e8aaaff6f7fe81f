'use client';

import { useSyncExternalStore } from 'react';
import { serverClock } from './server-clock.ts';

const TICK_MS = 20_000;

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = 0;

function tick() {
  now = serverClock.now();
  for (const each of listeners) each();
}

// One clock for the page, however many times it shows.
function subscribe(listener: () => void) {
  listeners.add(listener);
  if (timer === undefined) {
    timer = setInterval(tick, TICK_MS);
    // A page in the background ticks seldom, and one on a computer that sleeps does not.
    document.addEventListener('visibilitychange', tick);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    document.removeEventListener('visibilitychange', tick);
    timer = undefined;
    now = 0;
  };
}

function readClock() {
  if (now === 0) now = serverClock.now();
  return now;
}

/** The time as the server's clock has it, in steps of 20 s; null while rendering on the server. */
export function useNow(): number | null {
  return useSyncExternalStore(subscribe, readClock, () => null);
}

/**
 * When the reader's today began, in milliseconds since 1970: it changes at midnight and at no other time. Null while
 * rendering on the server.
 */
export function useToday(): number | null {
  return useSyncExternalStore(subscribe, readToday, () => null);
}

function readToday() {
  return new Date(readClock()).setHours(0, 0, 0, 0);
}
