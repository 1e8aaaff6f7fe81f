/**
 * The open registry of event types. A module of the app defines its types with `defineEventType` and
 * lists them in app/event-types.ts; the engine needs no change.
 */
import type { z } from 'zod';
import { BelfryError, invalidInput } from '../protocol/errors.ts';

/** A kind of event: its name on the wire and the shape of its payload. */
export interface EventType<Payload = unknown> {
  /** Stands in `GET /sse/<name>` and in the `event:` field of every frame. */
  readonly name: string;
  readonly payload: z.ZodType<Payload>;
}

/**
 * Defines an event type. Defining registers nothing: list the result in app/event-types.ts.
 *
 * @param name Letters and digits, starting with a capital, 64 at most: `OrderShipped`. So it
 * meets none of the protocol's own events, which start with a small letter.
 * @param payload A zod schema; every payload is parsed with it before it is stored or sent.
 * @throws TypeError when the name cannot stand in a URL and in an `event:` field as it is.
 */
export function defineEventType<Payload>(definition: {
  name: string;
  payload: z.ZodType<Payload>;
}): EventType<Payload> {
  if (!/^[A-Z][A-Za-z0-9]{0,63}$/.test(definition.name)) {
    throw new TypeError(
      `"${definition.name}" cannot name an event type: use letters and digits, starting with a capital, 64 at most.`,
    );
  }
  return Object.freeze({ ...definition });
}

// Well below what may wait for a slow client: one event must not end the streams that it goes to.
const LONGEST_PAYLOAD = 200_000;

/** The types that one engine knows. */
export class EventTypeRegistry {
  #types: ReadonlyMap<string, EventType> = new Map();

  /**
   * Makes these the types that there are, in place of all that were: the list is read anew when it has
   * changed while the development server runs.
   *
   * @throws TypeError when two of them have one name; then nothing changes.
   */
  registerAll(types: readonly EventType[]): void {
    const byName = new Map(types.map((type) => [type.name, type]));
    const doubled = types.find((type) => byName.get(type.name) !== type);
    if (doubled) throw new TypeError(`Two event types are named "${doubled.name}": rename one of them.`);
    this.#types = byName;
  }

  has(name: string): boolean {
    return this.#types.has(name);
  }

  names(): string[] {
    return [...this.#types.keys()];
  }

  /**
   * The payload as its type's schema gives it back, defaults filled in.
   *
   * @throws BelfryError `unknown_event_type` when nobody registered the type, `invalid_input` with
   * `fieldErrors` when the payload does not fit or is too long.
   */
  parsePayload(name: string, payload: unknown): unknown {
    const type = this.#types.get(name);
    if (!type) {
      throw new BelfryError(
        'unknown_event_type',
        `There is no event type "${name}". Define it with defineEventType and list it in app/event-types.ts.`,
      );
    }
    const parsed = type.payload.safeParse(payload);
    if (!parsed.success) throw invalidInput(parsed.error, `The payload does not fit the event type ${name}.`);
    if ((JSON.stringify(parsed.data)?.length ?? 0) > LONGEST_PAYLOAD) {
      throw new BelfryError(
        'invalid_input',
        `The payload is longer than ${LONGEST_PAYLOAD.toLocaleString('en')} characters as JSON. Send less, and link to the rest.`,
      );
    }
    return parsed.data;
  }
}
