import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineEventType } from '../../lib/belfry/definitions/event-type.ts';
import { EventTypeRegistry } from '../../lib/belfry/definitions/registry.ts';

const payload = z.object({ order: z.string(), parcels: z.int().default(1) });
const OrderShipped = defineEventType({ name: 'OrderShipped', payload });

function registryOf(...types: Parameters<EventTypeRegistry['registerAll']>[0]): EventTypeRegistry {
  const registry = new EventTypeRegistry();
  registry.registerAll(types);
  return registry;
}

test.each([
  '',
  'orderShipped',
  'Order Shipped',
  'Order,Shipped',
  'Order/Shipped',
  'Order\nid: 1',
  'OrderShipped\n',
  'Order\0',
  'Ördnung',
  '1Order',
  'message',
  'heartbeat',
  'inbox',
  'reconnect',
  'A'.repeat(65),
  '__proto__',
])('a name that could not stand in a URL and in an event field as it is, is refused: %j', (name) => {
  expect(() => defineEventType({ name, payload })).toThrow(TypeError);
});

test.each(['A', 'OrderShipped', 'V2', 'A'.repeat(64)])('%s can name an event type', (name) => {
  expect(defineEventType({ name, payload }).name).toBe(name);
});

test('a definition cannot be changed afterwards', () => {
  expect(Object.isFrozen(OrderShipped)).toBe(true);
});

test('the same type twice counts once; another one of that name is refused by name, and nothing changes', () => {
  const registry = registryOf(OrderShipped, OrderShipped);
  expect(registry.names()).toEqual(['OrderShipped']);
  const other = defineEventType({ name: 'OrderShipped', payload: z.object({}) });
  expect(() => registry.registerAll([OrderShipped, other])).toThrow(/named "OrderShipped"/);
  expect(registry.parsePayload('OrderShipped', { order: 'a' })).toEqual({ order: 'a', parcels: 1 });
});

test('a list that is registered anew counts as it is: what was added, what was changed, and without what is gone', () => {
  const Gone = defineEventType({ name: 'Gone', payload });
  const registry = registryOf(OrderShipped, Gone);
  const changed = defineEventType({ name: 'OrderShipped', payload: z.object({ parcels: z.int() }) });
  registry.registerAll([changed, defineEventType({ name: 'Added', payload })]);
  expect(registry.names()).toEqual(['OrderShipped', 'Added']);
  expect(registry.parsePayload('OrderShipped', { parcels: 2 })).toEqual({ parcels: 2 });
});

test.each(['Nothing', 'toString', '__proto__', 'constructor', ''])(
  'a type that nobody registered is refused with what to do: %j',
  (name) => {
    const registry = registryOf(OrderShipped);
    expect(registry.has(name)).toBe(false);
    expect(() => registry.parsePayload(name, {})).toThrow(
      expect.objectContaining({ code: 'unknown_event_type', status: 404 }),
    );
  },
);

test('a payload is parsed by its schema: defaults are filled in, unknown fields are left out', () => {
  expect(registryOf(OrderShipped).parsePayload('OrderShipped', { order: 'a', extra: true })).toEqual({
    order: 'a',
    parcels: 1,
  });
});

test('a payload that does not fit names each field that is wrong', () => {
  expect(() => registryOf(OrderShipped).parsePayload('OrderShipped', { order: 5, parcels: 1.5 })).toThrow(
    expect.objectContaining({
      code: 'invalid_input',
      fieldErrors: { order: [expect.any(String)], parcels: [expect.any(String)] },
    }),
  );
});
