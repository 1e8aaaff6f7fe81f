/** A kind of event that is never stored: for whoever is looking at the moment. What is stored is a notification. */
import type { z } from 'zod';

/** A kind of event: its name on the wire, and the shape of its payload. */
export interface EventType<Payload = unknown, Input = Payload, Name extends string = string> {
  /** Stands in `GET /sse/<name>` and in the `event:` field of every frame. */
  readonly name: Name;
  readonly payload: z.ZodType<Payload, Input>;
}

/**
 * Defines an ephemeral event. Defining registers nothing: list the result in app/event-types.ts.
 *
 * @param name Letters and digits, starting with a capital, 64 at most: `OrderMoved`. So it
 * meets none of the protocol's own events, which start with a small letter.
 * @param payload A zod schema; every payload is parsed with it before it is sent.
 * @throws TypeError when the name cannot stand in a URL and in an `event:` field as it is.
 */
export function defineEventType<Payload, Input = Payload, const Name extends string = string>(
  definition: EventType<Payload, Input, Name>,
): EventType<Payload, Input, Name> {
  assertName(definition.name);
  return Object.freeze({ ...definition });
}

/** @throws TypeError as `defineEventType` does. */
export function assertName(name: string): void {
  if (/^[A-Z][A-Za-z0-9]{0,63}$/.test(name)) return;
  throw new TypeError(
    `"${name}" cannot name an event type: use letters and digits, starting with a capital, 64 at most.`,
  );
}
