/** What the engine did, as Prometheus reads it (https://prometheus.io/docs/instrumenting/exposition_formats/). */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { type EngineObserver, NOBODY_WATCHES } from '../belfry/engine/engine-observer.ts';
import { processSingleton } from '../config/process-singleton.ts';

// From a shared commit on a good disk to a database that another process holds.
const SEND_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export const metrics = processSingleton('metrics', () => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const delivered = new Counter({
    name: 'belfry_deliveries_total',
    help: 'Events written to streams, live ones and recovered ones.',
    labelNames: ['kind'],
    registers,
  });
  const ended = new Counter({
    name: 'belfry_streams_ended_total',
    help: 'Streams that ended, by cause.',
    labelNames: ['cause'],
    registers,
  });
  const sent = new Histogram({
    name: 'belfry_send_seconds',
    help: 'Time until an event was durable.',
    buckets: SEND_SECONDS,
    registers,
  });
  const dropped = new Counter({
    name: 'belfry_hints_dropped_total',
    help: 'Hints that did not get through, by cause. The database makes good for those of stored events.',
    labelNames: ['cause'],
    registers,
  });
  const removed = new Counter({
    name: 'belfry_events_removed_total',
    help: 'Obsolete events that clean-up removed.',
    registers,
  });
  const failed = new Counter({
    name: 'belfry_failures_total',
    help: 'Warnings and errors in the log that have a code, by it.',
    labelNames: ['code'],
    registers,
  });
  const refused = new Counter({
    name: 'belfry_refusals_total',
    help: 'Requests that were refused as they should be, by the code of the refusal.',
    labelNames: ['code'],
    registers,
  });
  const engine: EngineObserver = {
    ...NOBODY_WATCHES,
    delivered: (kind, count) => delivered.inc({ kind }, count),
    streamEnded: (cause) => ended.inc({ cause }),
    sent: (seconds) => sent.observe(seconds),
    dropped: (cause) => dropped.inc({ cause }),
    removed: (count) => removed.inc(count),
  };
  return {
    registry,
    engine,
    failed: (code: string) => failed.inc({ code }),
    refused: (code: string) => refused.inc({ code }),
  };
});

/** Adds a number that is read when somebody asks. A name that is there already is replaced. */
export function gauge(name: string, help: string, read: () => number): void {
  metrics.registry.removeSingleMetric(name);
  const made = new Gauge({
    name,
    help,
    registers: [metrics.registry],
    collect() {
      made.set(read());
    },
  });
}
