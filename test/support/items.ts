/** Items as the server tells of them, for what only a few of their members matter to. */
import type { Item } from '../../lib/belfry/client/inbox-model.ts';

/** One that nobody has done anything with. */
export function itemOf(id: number, overrides: Partial<Item> = {}): Item {
  return {
    id,
    orderId: id,
    eventType: 'SystemNotification',
    category: 'system',
    priority: 'NORMAL',
    createdAt: '2030-01-01T00:00:00.000Z',
    expiresAt: null,
    targetUserId: null,
    payload: {},
    title: `Title ${id}`,
    message: 'Message',
    link: null,
    actions: [],
    groupKey: null,
    seenAt: null,
    readAt: null,
    doneAt: null,
    snoozedUntil: null,
    editedAt: null,
    actedWith: null,
    isRecovered: true,
    ...overrides,
  };
}
