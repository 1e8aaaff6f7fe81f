/**
 * Spans for what the engine does with a notification: `belfry.send`, and within it `belfry.store` and
 * `belfry.publish`. They carry an event's type and id, never what it says. Next adds those of its requests.
 */
import { type Attributes, type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import type { EngineObserver, Observed } from '../belfry/engine/engine-observer.ts';

/** An observer that has every send become spans as well. An engine that is not traced does not pay for it. */
export function traced(observer: EngineObserver): EngineObserver {
  return {
    ...observer,
    around: (step, about, work) =>
      inSpan(`belfry.${step}`, attributesOf(about), (span) =>
        work((more) => {
          span.setAttributes(attributesOf(more));
        }),
      ),
  };
}

function attributesOf({ eventType, eventId, isNew, audience, message }: Observed): Attributes {
  return {
    ...(eventType === undefined ? {} : { 'belfry.event.type': eventType }),
    ...(eventId === undefined ? {} : { 'belfry.event.id': eventId }),
    ...(isNew === undefined ? {} : { 'belfry.event.is_new': isNew }),
    ...(audience === undefined ? {} : { 'belfry.audience': audience }),
    ...(message === undefined ? {} : { 'belfry.message.kind': message }),
  };
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
