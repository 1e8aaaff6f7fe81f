/** The one engine of the process, put together: the manager, and what it stands on. */
import { findRevoked } from './auth/revocation.ts';
import { db } from './db.ts';
import { env } from './env.ts';
import { InProcessEventBus } from './events/event-bus.ts';
import { EventManager } from './events/event-manager.ts';
import { EventStore } from './events/event-store.ts';
import { EventTypeRegistry } from './events/event-type.ts';
import { log } from './log.ts';
import { gauge, metrics } from './metrics.ts';
import { processSingleton } from './process-singleton.ts';

const engine = processSingleton('engine', () => {
  const eventTypes = new EventTypeRegistry();
  const eventStore = new EventStore(db);
  const eventManager = new EventManager({
    store: eventStore,
    bus: new InProcessEventBus(),
    eventTypes,
    log,
    metrics: metrics.engine,
    findRevoked,
    maxStreamsPerUser: env.maxStreamsPerUser,
  });
  gauge('belfry_streams', 'Open streams.', () => eventManager.streamCount);
  gauge('belfry_queue_depth', 'Events that wait to be distributed.', () => eventManager.queueDepth);
  return { eventTypes, eventStore, eventManager };
});

export const { eventTypes, eventStore, eventManager } = engine;
