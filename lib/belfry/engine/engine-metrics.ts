/** What the engine counts. lib/telemetry/metrics.ts keeps the numbers; tests and scripts may do without. */
import type { CloseReason } from './event-stream.ts';

/** Called as things happen; cheap, and never failing. */
export interface EngineMetrics {
  /** Events that were written to streams. */
  delivered: (kind: 'live' | 'recovered', count: number) => void;
  streamEnded: (cause: CloseReason) => void;
  /** Seconds until an event was durable. */
  sent: (seconds: number) => void;
  /** A hint that did not get through; the database makes good for it, except for ephemeral events. */
  dropped: (cause: 'queue-full' | 'publish-failed') => void;
  /** Obsolete events that were removed. */
  removed: (count: number) => void;
}

/** Counts nothing. */
export const NO_METRICS: EngineMetrics = {
  delivered: () => {},
  streamEnded: () => {},
  sent: () => {},
  dropped: () => {},
  removed: () => {},
};
