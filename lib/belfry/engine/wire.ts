/** Events and items as clients read them: protocol/item.ts says what each member is. */
import type { EventTypeRegistry } from '../definitions/registry.ts';
import type { InboxChanges, InboxPage, InboxSummary } from '../inbox/inbox-reader.ts';
import type { Group, Item, ItemState } from '../inbox/item.ts';
import type { Reader } from '../language/translate.ts';
import type { EventEnvelope, StoredEvent } from '../protocol/event.ts';
import { formatState } from '../protocol/inbox-state.ts';
import type * as Wire from '../protocol/item.ts';

/** What nobody has done anything with yet. What goes to several people holds nothing of one person's. */
function untouched({ id }: StoredEvent): ItemState {
  return {
    seenAt: null,
    readAt: null,
    doneAt: null,
    snoozedUntil: null,
    actedWith: null,
    actedAt: null,
    orderId: id,
  };
}

/**
 * Writes them, by the types that the app has registered. Where a position is given out, `history` is the name of the one
 * that was current before the inbox was read: another may have begun since, and what was read is no part of that.
 */
export class WireFormat {
  readonly #eventTypes: EventTypeRegistry;

  constructor(eventTypes: EventTypeRegistry) {
    this.#eventTypes = eventTypes;
  }

  /**
   * An event as it happens: the same for everybody who reads alike.
   *
   * @param group Of one to a single user: the group that it now belongs to.
   */
  live(
    event: EventEnvelope,
    reader: Reader,
    group?: Group,
  ): Wire.EventJson | Wire.RunningJson | Wire.ItemJson {
    if (event.id === null) return this.#fleeting(event, reader);
    const stored = { ...event, id: event.id, group };
    return this.#item(stored, untouched(stored), { reader, isRecovered: false });
  }

  #fleeting(event: EventEnvelope, reader: Reader): Wire.EventJson | Wire.RunningJson {
    const fleeting = eventJson(event, { isRecovered: false });
    const running = this.#eventTypes.running(event, reader);
    return running ? { ...fleeting, ...running } : fleeting;
  }

  /** An item that was read back. */
  item(item: Item, reader: Reader): Wire.ItemJson {
    return this.#item(item, item, { reader, isRecovered: true });
  }

  summary(summary: InboxSummary, history: string): Wire.Summary {
    const { totals, eventId, revision, settingsRevision, readAt, nextExpiresAt } = summary;
    return {
      state: formatState({ history, eventId, revision }),
      totals,
      unreadTotal: totals.unread,
      settingsRevision,
      readAt: readAt.toISOString(),
      nextExpiresAt: nextExpiresAt?.toISOString() ?? null,
    };
  }

  page(page: InboxPage, history: string, reader: Reader): Wire.InboxPage {
    return {
      ...this.summary(page, history),
      notifications: page.items.map((item) => this.item(item, reader)),
      pinned: page.pinned.map((item) => this.item(item, reader)),
      nextCursor: page.nextCursor,
    };
  }

  changes(changes: InboxChanges, history: string, reader: Reader): Wire.InboxChanges {
    return {
      ...this.summary(changes, history),
      changed: changes.changed.map((item) => this.item(item, reader)),
      removed: changes.removed,
      hasMore: changes.hasMore,
    };
  }

  #item(
    event: Omit<Item, keyof ItemState>,
    state: ItemState,
    { reader, isRecovered }: { reader: Reader; isRecovered: boolean },
  ): Wire.ItemJson {
    const { category, payload, content, actions } = this.#eventTypes.show(event, reader);
    const taken = takenOf(event, state);
    return {
      ...eventJson(event, { isRecovered }),
      payload,
      id: event.id,
      category,
      ...content,
      actions: taken ? [] : actions,
      groupKey: event.groupKey ?? null,
      ...this.#group(event.group, reader),
      seenAt: state.seenAt?.toISOString() ?? null,
      readAt: state.readAt?.toISOString() ?? null,
      doneAt: state.doneAt?.toISOString() ?? null,
      snoozedUntil: state.snoozedUntil?.toISOString() ?? null,
      editedAt: null,
      actedWith: state.actedWith,
      ...(taken && { answer: { ...taken, label: this.#eventTypes.labelOf(event, taken.action, reader) } }),
      orderId: state.orderId,
    };
  }

  /** What has shrunk to one reads as that one. */
  #group(group: Group | undefined, reader: Reader): Pick<Wire.ItemJson, 'group'> {
    if (group === undefined || group.count < 2) return {};
    const { newest, count, unread } = group;
    return { group: { title: this.#eventTypes.groupTitle(newest, count, reader), count, unread } };
  }
}

/** What was done with it that leaves nothing to press. */
function takenOf(
  { question, target }: Pick<Item, 'question' | 'target'>,
  { actedWith, actedAt }: Pick<ItemState, 'actedWith' | 'actedAt'>,
): { action: string; by: string | null; at: string } | null {
  const answer = question?.answer;
  if (answer) {
    const by = answer.by === target ? null : answer.by;
    return { action: answer.action, by, at: answer.at.toISOString() };
  }
  return actedWith === null || actedAt === null
    ? null
    : { action: actedWith, by: null, at: actedAt.toISOString() };
}

function eventJson(event: EventEnvelope, { isRecovered }: { isRecovered: boolean }): Wire.EventJson {
  return {
    id: event.id,
    eventType: event.eventType,
    priority: event.priority,
    createdAt: event.createdAt.toISOString(),
    expiresAt: event.expiresAt?.toISOString() ?? null,
    targetUserId: event.target,
    payload: event.payload,
    isRecovered,
  };
}
