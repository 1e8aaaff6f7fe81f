import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventTypeRegistry } from '../../lib/belfry/definitions/registry.ts';
import { WireFormat } from '../../lib/belfry/engine/wire.ts';
import { SystemNotification } from '../../lib/belfry/notifications/system-notification.ts';
import { type EventEnvelope, isExpired } from '../../lib/belfry/protocol/event.ts';
import { formatState, parseState } from '../../lib/belfry/protocol/inbox-state.ts';
import { eventSchema, itemSchema } from '../../lib/belfry/protocol/item.ts';
import { PRIORITIES, priorityRank } from '../../lib/belfry/protocol/priority.ts';
import { newRow, rowToEvent } from '../../lib/belfry/storage/event-row.ts';

const date = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(Date.UTC(9999, 11, 31)) });

// What JSON itself can hold: it knows no -0.
const payload = fc.jsonValue().map((value): unknown => JSON.parse(JSON.stringify(value)));

const CONTENT = {
  title: 'Title',
  message: '*Message*',
  link: '/a',
  linkLabel: 'A',
};

const envelope: fc.Arbitrary<EventEnvelope> = fc
  .record({
    id: fc.option(fc.integer({ min: 1 })),
    eventType: fc.stringMatching(/^[A-Z][A-Za-z0-9]{0,63}$/),
    priority: fc.constantFrom(...PRIORITIES),
    createdAt: date,
    expiresAt: fc.option(date),
    targetUserId: fc.option(fc.integer({ min: 1, max: 2_147_483_647 })),
    topicId: fc.option(fc.integer({ min: 1 })),
    payload,
    payloadVersion: fc.integer({ min: 1, max: 99 }),
    content: fc.constantFrom(null, CONTENT),
    groupKey: fc.option(fc.string()),
    questionId: fc.option(fc.string()),
  })
  .map((event) => ({ ...event, target: event.targetUserId === null ? null : `user ${event.targetUserId}` }));

test('an event comes back unchanged from its row', () => {
  fc.assert(
    fc.property(envelope, fc.integer({ min: 1 }), (event, id) => {
      const values = newRow({ ...event, id: null });
      const [event_type, priority, text, created_at, expires_at, target_userid, topic_id] = values;
      const [payload_version, content, group_key, question_id] = values.slice(9) as [
        number,
        ...(string | null)[],
      ] as [number, string | null, string | null, string | null];
      const row = {
        id,
        event_type,
        priority,
        payload: text,
        created_at,
        expires_at,
        target_userid,
        topic_id,
        payload_version,
        content,
        group_key,
        question_id,
      };
      expect(rowToEvent({ ...row, external_id: event.target })).toEqual({ ...event, id });
    }),
  );
});

const eventTypes = new EventTypeRegistry();
eventTypes.registerAll([SystemNotification]);
const reader = eventTypes.languages.readerOf({});
const wire = new WireFormat(eventTypes);

test('whatever is sent live has the form that the protocol says, and a stored event that of an item', () => {
  fc.assert(
    fc.property(envelope, (event) => {
      const json = JSON.parse(JSON.stringify(wire.live(event, reader)));
      const schema = event.id === null ? eventSchema : itemSchema;
      expect(schema.strict().parse(json)).toEqual(json);
    }),
  );
});

test('an item carries exactly the documented members, with times in ISO 8601 UTC', () => {
  const event = {
    id: 7,
    eventType: 'SystemNotification',
    priority: 'HIGH' as const,
    createdAt: new Date(1_000),
    expiresAt: null,
    targetUserId: 3,
    target: 'ada',
    topicId: null,
    payload: { title: 'Title', message: 'Message' },
  };
  const state = {
    seenAt: null,
    readAt: new Date(2_000),
    doneAt: null,
    snoozedUntil: null,
    actedWith: null,
    actedAt: null,
  };
  expect(wire.item({ ...event, ...state, orderId: 7 }, reader)).toStrictEqual({
    id: 7,
    eventType: 'SystemNotification',
    priority: 'HIGH',
    category: 'system',
    createdAt: '1970-01-01T00:00:01.000Z',
    expiresAt: null,
    targetUserId: 'ada',
    payload: { title: 'Title', message: 'Message' },
    isRecovered: true,
    title: 'Title',
    message: 'Message',
    link: null,
    actions: [],
    groupKey: null,
    seenAt: null,
    readAt: '1970-01-01T00:00:02.000Z',
    doneAt: null,
    snoozedUntil: null,
    editedAt: null,
    actedWith: null,
    orderId: 7,
  });
});

test('a position is a text that leads back to it, and no other text is one', () => {
  const position = { history: 'abc123', eventId: 2 ** 40, revision: 12 };
  expect(parseState(formatState(position))).toEqual(position);
  for (const text of ['', 'a', 'a.1', 'a.1.2.3', 'a.-1.2', 'a.1.2 ', '.1.2', `a.${2 ** 53}.1`, 'a.1.0x2']) {
    expect([text, parseState(text)]).toEqual([text, null]);
  }
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
      event_type: 'Note',
      priority,
      created_at: new Date(),
      expires_at: null,
      target_userid: null,
      external_id: null,
      topic_id: null,
      payload: '{}',
      payload_version: 1,
      content: null,
      group_key: null,
      question_id: null,
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
