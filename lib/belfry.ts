/** The one engine of the process, put together: the manager, and what it stands on. */
import { auditTrail } from './auth/audit.ts';
import { checkOpenSessions } from './auth/session-use.ts';
import { findEndedLately, removeOldSessions } from './auth/sessions.ts';
import { type EventBus, InProcessEventBus } from './belfry/bus/event-bus.ts';
import { RedisEventBus } from './belfry/bus/redis-event-bus.ts';
import { EventManager } from './belfry/engine/event-manager.ts';
import { EventStore } from './belfry/storage/event-store.ts';
import { env } from './config/env.ts';
import { processSingleton } from './config/process-singleton.ts';
import { db } from './database/db.ts';
import { oneInstance } from './database/one-instance.ts';
import { eventTypes } from './event-types.ts';
import { openSharedRedis } from './redis/redis.ts';
import { log } from './telemetry/log.ts';
import { gauge, metrics } from './telemetry/metrics.ts';
import { traceEngine } from './telemetry/tracing.ts';

// The name of a lock among instances; see lib/database/one-instance.ts.
const CLEAN_UP_LOCK = 4270012;

const engine = processSingleton('engine', () => {
  const eventStore = new EventStore(db);
  const eventBus = createBus();
  const eventManager = new EventManager({
    store: eventStore,
    bus: eventBus,
    eventTypes,
    log,
    metrics: metrics.engine,
    checkSessions: checkOpenSessions,
    findEndedLately,
    maxStreamsPerUser: env.maxStreamsPerUser,
    cleanUpAlone: (work) =>
      oneInstance(CLEAN_UP_LOCK, async () => {
        await work();
        await removeOldSessions();
        await auditTrail.removeOld();
      }),
    version: env.version,
  });
  if (env.tracing) traceEngine({ manager: eventManager, store: eventStore, bus: eventBus });
  gauge('belfry_streams', 'Open streams.', () => eventManager.streamCount);
  gauge('belfry_queue_depth', 'Events that wait to be distributed.', () => eventManager.queueDepth);
  gauge('belfry_bus_up', 'Whether the other instances can be reached: 1 or 0.', () =>
    Number(eventBus.isConnected),
  );
  return { eventStore, eventBus, eventManager };
});

export const { eventStore, eventBus, eventManager } = engine;

/** Connects to nothing yet: a build loads this file too. */
function createBus(): EventBus {
  const { redisUrl } = env;
  if (!redisUrl) return new InProcessEventBus();
  const bus: RedisEventBus = new RedisEventBus({
    open: (onError) => {
      const isAnswering = () => bus.isConnected;
      const { connection, prefix } = openSharedRedis(redisUrl, { onError, isAnswering });
      return { client: connection.ready, prefix };
    },
    log,
  });
  return bus;
}
