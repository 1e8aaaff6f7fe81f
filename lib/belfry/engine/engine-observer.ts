/** Who watches an engine: metrics and tracing, through one port. */
import type { CloseReason } from './event-stream.ts';

/** What the work is about that is watched. */
export interface Observed {
  eventType?: string | undefined;
  eventId?: number | undefined;
  /** False when it had been sent before, under the same idempotency key. */
  isNew?: boolean | undefined;
  /** How many it goes to: everybody, the members of a topic, one person, several. */
  audience?: 'everyone' | 'topic' | 'user' | 'users' | undefined;
  /** The kind of a message on the bus. */
  message?: string | undefined;
}

/** Each is called as things happen; cheap, and never failing. */
export interface EngineObserver {
  /** Events that were written to streams. */
  delivered: (kind: 'live' | 'recovered', count: number) => void;
  streamEnded: (cause: CloseReason) => void;
  /** Seconds until an event was durable. */
  sent: (seconds: number) => void;
  /** A hint that did not get through; the database makes good for it, except for ephemeral events. */
  dropped: (cause: 'queue-full' | 'publish-failed') => void;
  /** Obsolete events that were removed. */
  removed: (count: number) => void;
  /** Runs work and gives back what it gives. `note` adds what is known only afterwards. */
  around: <T>(
    step: 'send' | 'store' | 'publish',
    about: Observed,
    work: (note: (more: Observed) => void) => Promise<T>,
  ) => Promise<T>;
}

/** Watches nothing. */
export const NOBODY_WATCHES: EngineObserver = {
  delivered: () => {},
  streamEnded: () => {},
  sent: () => {},
  dropped: () => {},
  removed: () => {},
  around: (_step, _about, work) => work(() => {}),
};
