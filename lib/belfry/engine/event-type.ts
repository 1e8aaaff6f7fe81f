/**
 * The open registry of event types. A module of the app defines its types with `defineEventType` and
 * lists them in app/event-types.ts; the engine needs no change.
 */
import type { z } from 'zod';
import { BelfryError, invalidInput } from '../protocol/errors.ts';

/** How an event reads: plain data, which every way of showing it can use. */
export interface Description {
  title: string;
  message: string;
  /** A path of this site or an address. */
  link: string | null;
}

/** A kind of event: its name on the wire, the shape of its payload, and how it reads. */
export interface EventType<Payload = unknown> {
  /** Stands in `GET /sse/<name>` and in the `event:` field of every frame. */
  readonly name: string;
  readonly payload: z.ZodType<Payload>;
  /** What people filter and choose by: a word in small letters. Default `general`. */
  readonly category: string;
  /** How an event of this type reads in a list. Default: its type's name alone. */
  describe?(payload: Payload): Description;
}

const DEFAULT_CATEGORY = 'general';

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
  category?: string;
  describe?: (payload: Payload) => Description;
}): EventType<Payload> {
  if (!/^[A-Z][A-Za-z0-9]{0,63}$/.test(definition.name)) {
    throw new TypeError(
      `"${definition.name}" cannot name an event type: use letters and digits, starting with a capital, 64 at most.`,
    );
  }
  return Object.freeze({ category: DEFAULT_CATEGORY, ...definition });
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
   * How an event reads, and its category. Never fails: one that is older than its type, or whose type is
   * gone, reads as its type's name.
   */
  describe({
    eventType,
    payload,
  }: {
    eventType: string;
    payload: unknown;
  }): Description & { category: string } {
    const type = this.#types.get(eventType);
    const category = type?.category ?? DEFAULT_CATEGORY;
    try {
      if (type?.describe) return { ...type.describe(payload), category };
    } catch {
      // What was stored by another version.
    }
    return { title: eventType, message: '', link: null, category };
  }

  /** The names of the types of a category. */
  namesIn(category: string): string[] {
    return [...this.#types.values()].filter((type) => type.category === category).map(({ name }) => name);
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
