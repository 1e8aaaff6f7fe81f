import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type EventEnvelope,
  eventToJson,
  eventToRow,
  isExpired,
  jsonToEvent,
  PRIORITIES,
  priorityRank,
  rowToEvent,
} from '../../lib/belfry/protocol/event.ts';

const date = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(Date.UTC(9999, 11, 31)) });

// What JSON itself can hold: it knows no -0.
const payload = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)));

const envelope: fc.Arbitrary<EventEnvelope> = fc.record({
  id: fc.option(fc.integer({ min: 1 })),
  eventType: fc.stringMatching(/^[A-Z][A-Za-z0-9]{0,63}$/),
  priority: fc.constantFrom(...PRIORITIES),
  createdAt: date,
  expiresAt: fc.option(date),
  targetUserId: fc.option(fc.integer({ min: 1, max: 2_147_483_647 })),
  payload,
});

test('an event comes back unchanged from its row', () => {
  fc.assert(
    fc.property(envelope, fc.integer({ min: 1 }), (event, id) => {
      expect(rowToEvent({ ...eventToRow(event), id })).toEqual({ ...event, id });
    }),
  );
});

test('an event comes back unchanged from the wire, whether live or recovered', () => {
  fc.assert(
    fc.property(envelope, fc.boolean(), (event, isRecovered) => {
      const json = eventToJson(event, { isRecovered });
      expect(json.isRecovered).toBe(isRecovered);
      expect(jsonToEvent(JSON.parse(JSON.stringify(json)))).toEqual(event);
    }),
  );
});

test('the wire carries exactly the documented fields, with times in ISO 8601 UTC', () => {
  const event: EventEnvelope = {
    id: 7,
    eventType: 'Note',
    priority: 'HIGH',
    createdAt: new Date(1_000),
    expiresAt: null,
    targetUserId: null,
    payload: { text: 'hello' },
  };
  expect(eventToJson(event, { isRecovered: false })).toStrictEqual({
    id: 7,
    eventType: 'Note',
    priority: 'HIGH',
    createdAt: '1970-01-01T00:00:01.000Z',
    expiresAt: null,
    targetUserId: null,
    payload: { text: 'hello' },
    isRecovered: false,
  });
});

test('priorities sort from LOW to CRITICAL', () => {
  expect(PRIORITIES.map(priorityRank)).toEqual([0, 1, 2, 3]);
  expect(['CRITICAL', 'LOW', 'HIGH', 'NORMAL'] as const).toSatisfy((names: typeof PRIORITIES) => {
    const sorted = [...names].sort((a, b) => priorityRank(a) - priorityRank(b));
    return sorted.join() === 'LOW,NORMAL,HIGH,CRITICAL';
  });
});

test.each([4, -1, 1.5])(
  'a row with the unknown priority %s is refused by name, not shown as another',
  (priority) => {
    const row = {
      id: 12,
      eventType: 'Note',
      priority,
      createdAt: new Date(),
      expiresAt: null,
      targetUserId: null,
      payload: '{}',
    };
    expect(() => rowToEvent(row)).toThrow(/Event 12 has the unknown priority/);
  },
);

test('an event is expired from the very millisecond of expiresAt on', () => {
  fc.assert(
    fc.property(date, (expiresAt) => {
      const at = (offset: number) => isExpired({ expiresAt }, new Date(expiresAt.getTime() + offset));
      expect([at(-1), at(0), at(1)]).toEqual([false, true, true]);
    }),
  );
});

test('an event without expiresAt never expires', () => {
  expect(isExpired({ expiresAt: null }, new Date(8.64e15))).toBe(false);
});
