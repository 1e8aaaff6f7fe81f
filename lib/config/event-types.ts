/** The event types of this process, apart from the engine, which needs more than a list does. */
import { type EventType, EventTypeRegistry } from '../belfry/engine/event-type.ts';
import { processSingleton } from './process-singleton.ts';

export const eventTypes = processSingleton('event-types', () => new EventTypeRegistry());

/**
 * Registers the app's event types, in place of those that were registered before, and hands them back.
 *
 * @throws TypeError when two of them have one name.
 */
export function registerEventTypes<Types extends readonly EventType[]>(types: Types): Types {
  eventTypes.registerAll(types);
  return types;
}
