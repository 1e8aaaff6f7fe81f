/** The event types of this process, apart from the engine, which needs more than a list does. */
import type { EventType } from '../belfry/definitions/event-type.ts';
import { EventTypeRegistry } from '../belfry/definitions/registry.ts';
import { languages } from '../language/languages.ts';
import { log } from '../telemetry/log.ts';
import { processSingleton } from './process-singleton.ts';

export const eventTypes = processSingleton('event-types', () => new EventTypeRegistry({ languages, log }));

/**
 * Registers the app's event types, in place of those that were registered before, and hands them back.
 *
 * @throws TypeError when two of them have one name, or one lacks a message in a language.
 */
export function registerEventTypes<const Types extends readonly EventType[]>(types: Types): Types {
  eventTypes.registerAll(types);
  return types;
}
