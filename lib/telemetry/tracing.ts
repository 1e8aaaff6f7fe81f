/**
 * Spans for what the engine does with a notification: `belfry.send`, and within it `belfry.store` and
 * `belfry.publish`. They carry an event's type and id, never what it says. Next adds those of its requests.
 */
import { type Attributes, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import type { EventBus } from '../belfry/bus/event-bus.ts';
import type { EventDraft, EventManager } from '../belfry/engine/event-manager.ts';
import type { EventStore } from '../belfry/storage/event-store.ts';

const TYPE = 'belfry.event.type';
const ID = 'belfry.event.id';

export interface TraceableEngine {
  manager: EventManager;
  store: EventStore;
  bus: EventBus;
}

/**
 * Has every send become spans, by putting each method in a wrapper. Called once, and only when somebody
 * collects them: an engine that is not traced does not pay for it, and knows nothing of it.
 */
export function traceEngine({ manager, store, bus }: TraceableEngine): void {
  const create = manager.create.bind(manager);
  manager.create = (draft) =>
    inSpan('belfry.send', sendAttributes(draft), async (span) => {
      const event = await create(draft);
      span.setAttribute(ID, event.id);
      return event;
    });
  const createWithin = manager.createWithin.bind(manager);
  manager.createWithin = (tx, draft) =>
    inSpan('belfry.send', { ...sendAttributes(draft), 'belfry.in_transaction': true }, () =>
      createWithin(tx, draft),
    );

  const append = store.append.bind(store);
  store.append = (event) =>
    inSpan('belfry.store', { [TYPE]: event.eventType }, async (span) => {
      const stored = await append(event);
      span.setAttributes({ [ID]: stored.event.id, 'belfry.event.is_new': stored.isNew });
      return stored;
    });

  const publish = bus.publish.bind(bus);
  bus.publish = (message) => {
    const about =
      message.kind === 'event'
        ? { [TYPE]: message.event.eventType, [ID]: message.event.id ?? undefined }
        : {};
    return inSpan('belfry.publish', { 'belfry.message.kind': message.kind, ...about }, () =>
      publish(message),
    );
  };
}

function sendAttributes({ eventType, targetUserId }: EventDraft): Attributes {
  return { [TYPE]: eventType, 'belfry.audience': targetUserId === null ? 'all' : 'user' };
}

function inSpan<T>(name: string, attributes: Attributes, work: (span: Span) => Promise<T>): Promise<T> {
  return trace.getTracer('belfry').startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      // Its kind alone: a database's error may repeat what was to be stored.
      span.setAttribute('error.type', kindOf(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

function kindOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
  return error instanceof Error ? error.name : typeof error;
}
