/**
 * What a browser knows of its user's inbox, as pure functions from one value to the next. Three things may
 * happen to it: a snapshot replaces it, changes extend it, and live events add to it. What the user did here and
 * the server has not yet stated is no part of it: `look` lays that over it, for as long as it takes.
 *
 * The list that people see is contiguous from the newest item on: of two items in it, none that belongs between
 * them is missing. What stands further down is not kept, unless it is urgent and unread: that is pinned above it.
 */
import { type InboxState, parseState } from '../protocol/inbox-state.ts';
import type { InboxChanges, ItemJson, Summary, Totals, View } from '../protocol/item.ts';
import type { Place } from '../protocol/place.ts';
import { type Priority, priorityRank } from '../protocol/priority.ts';

export type Item = ItemJson;

/** Which change of the settings is the last, in which history. */
export type SettingsPosition = Pick<InboxState, 'history' | 'revision'>;

export interface Base {
  /** The position that the server stated: everything up to here is in `items` and `totals`. */
  at: InboxState;
  totals: Totals;
  /** The last change of the settings then, in the history as the server called it; 0: there never was one. */
  settings: SettingsPosition;
  /** When `totals` were read, by the server's clock, in milliseconds since 1970. */
  readAt: number;
  /** When the next of all counted items expires; `null`: none does, or `isCountDue`. */
  nextExpiresAt: number | null;
  /** Something that is counted has expired, and only the server knows what is left. */
  isCountDue: boolean;
  /** The contiguous list, and what is pinned, by id. */
  items: ReadonlyMap<number, Item>;
  /** Above `at.eventId`, mostly arrived live: not in `totals`. */
  extras: ReadonlyMap<number, Item>;
  /** The last place of the contiguous list; `null`: it holds all there is. */
  end: Place | null;
  /** For the next older page; `null` exactly when `end` is. */
  nextCursor: string | null;
}

export type Change =
  | { kind: 'dismiss' | 'read' | 'unread' | 'restore'; ids: readonly number[] }
  | { kind: 'snooze'; ids: readonly number[]; until: string }
  /** Takes an action of an item, with what was filled in. */
  | { kind: 'act'; id: number; action: string; input?: unknown }
  /** Everything up to an id, also what is not in the list. */
  | { kind: 'clear' | 'read'; throughId: number }
  /** The same of one group, as far as it is in the inbox. */
  | { kind: 'dismiss' | 'read'; group: string; throughId: number };

/** What has one place in a list: an item, or a group of several. */
export interface Entry {
  /** No other entry's, and the same however its group grows or shrinks. */
  id: number | string;
  /** The item, or the newest of the group: it stands at this one's place. */
  item: Item;
  /** `null`: it is one item. */
  group: EntryGroup | null;
}

/** Several notifications that belong together. */
export interface EntryGroup {
  key: string;
  /** How the group reads; `null`: the server has not told since something of it came or went. */
  title: string | null;
  /** How many of it are in the inbox, as far as is known: 2 at least. */
  count: number;
  unread: number;
  /** The highest of `items`. */
  priority: Priority;
  /** What is known of it, newest first. */
  items: readonly Item[];
  /** The highest id in `items`: what is done with what is seen here reaches up to it. */
  throughId: number;
  /** Above this place all of it is in `items`, and a rest may stand further down; `null`: there is none. */
  end: Place | null;
}

/** What people see. */
export interface Look {
  /** What is pinned, then the contiguous list, each newest first. */
  items: readonly Item[];
  /** The same, what belongs to a group joined. What is pinned stands by itself. */
  entries: readonly Entry[];
  totals: Totals;
  /** The highest id in the list: a clear of what is seen here reaches up to it. */
  shownThrough: number;
}

const URGENT = priorityRank('HIGH');
export const NO_TOTALS: Totals = { unread: 0, inbox: 0, done: 0, snoozed: 0 };

/** A position that cannot be read is none that anything else agrees with. */
export function positionOf({ state }: Pick<Summary, 'state'>): InboxState {
  return parseState(state) ?? { history: '', eventId: 0, revision: 0 };
}

/**
 * How a position stands to a known one of the same history: `ahead` includes the same one; `apart`: it is ahead
 * in events and behind in changes, or the other way round.
 */
export function compare(given: InboxState, known: InboxState): 'ahead' | 'behind' | 'apart' | 'foreign' {
  if (given.history !== known.history) return 'foreign';
  if (given.eventId >= known.eventId && given.revision >= known.revision) return 'ahead';
  return given.eventId <= known.eventId && given.revision <= known.revision ? 'behind' : 'apart';
}

/** What a stream or a first page states. Of what was known before, only what arrived live since then is left. */
export function snapshot(
  before: Base | null,
  summary: Summary,
  given: readonly Item[],
  pinned: readonly number[],
  nextCursor: string | null,
): Base {
  const at = positionOf(summary);
  const pins = new Set(pinned);
  const last = given.filter(({ id }) => !pins.has(id)).at(-1);
  // Without a single one, the list begins with what comes next.
  const end = nextCursor === null ? null : (last ?? { orderId: at.eventId + 1, id: at.eventId + 1 });
  const items = new Map<number, Item>();
  const extras = new Map<number, Item>();
  const earlier = before?.at.history === at.history ? before.extras.values() : [];
  for (const item of [...earlier, ...given]) if (item.id > at.eventId) extras.set(item.id, item);
  for (const item of given) if (item.id <= at.eventId) items.set(item.id, item);
  return { ...statedBy(summary), items, extras, end: end && placeOf(end), nextCursor };
}

/**
 * What changed since a position that `base` has reached. It must be ahead of `base`, in the same history.
 *
 * @param asked What was known when this was asked for, by naming the position: then it holds all that came since. What
 *   had come live and is not in it is gone, as after a back-up was put back. `null`: it was told along with live events.
 */
export function extend(
  base: Base,
  given: Omit<InboxChanges, 'hasMore'> & Partial<Pick<InboxChanges, 'hasMore'>>,
  asked: Pick<Base, 'extras' | 'readAt'> | null,
): Base {
  const at = positionOf(given);
  const items = new Map(base.items);
  const extras = new Map(base.extras);
  for (const [id, item] of base.extras) {
    const isTold = id <= at.eventId || (!given.hasMore && asked?.extras.get(id) === item);
    if (asked && isTold) extras.delete(id);
    // They came as they happened, so the totals hold them now.
    else if (id <= at.eventId) settle(item);
  }
  for (const item of given.changed) settle(item);
  for (const id of given.removed) {
    items.delete(id);
    extras.delete(id);
  }

  function settle(item: Item): void {
    // Overtaken by what its user did to it: it is not counted yet, and must not come live as if nothing had happened.
    if (item.id > at.eventId) {
      extras.set(item.id, item);
      return;
    }
    extras.delete(item.id);
    if (belongs(item, base.end)) items.set(item.id, item);
    else items.delete(item.id);
  }

  const isSamePosition = at.revision === base.at.revision && at.eventId === base.at.eventId;
  // When no other reading came since it was asked for, it is newer, whatever the server's clock says.
  const isOlderReading = asked?.readAt !== base.readAt && Date.parse(given.readAt) < base.readAt;
  const stated = isSamePosition && isOlderReading ? {} : statedBy(given);
  const next = { ...base, ...stated, items, extras };
  // What had expired when the totals were read is not in them: it must not be taken out of them again.
  return { ...next, items: unexpired(items, next.readAt), extras: unexpired(extras, next.readAt) };
}

/** An older page. It must have been read at a position ahead of `base`, in the same history. */
export function addPage(base: Base, given: readonly Item[], nextCursor: string | null): Base {
  const items = new Map(base.items);
  for (const item of given) if (!base.extras.has(item.id)) items.set(item.id, item);
  const last = given.at(-1);
  return { ...base, items, nextCursor, end: nextCursor === null ? null : last ? placeOf(last) : base.end };
}

/** Live events. Unchanged when all of them are known, or counted already. */
export function arrive(base: Base, given: readonly Item[]): Base {
  const added = given.filter(({ id }) => id > base.at.eventId && !base.items.has(id) && !base.extras.has(id));
  if (added.length === 0) return base;
  return { ...base, extras: new Map([...base.extras, ...added.map((item) => [item.id, item] as const)]) };
}

/** All events up to this id have arrived: those that came live count as stated. */
export function advance(base: Base, history: string, eventId: number): Base {
  if (history !== base.at.history || eventId <= base.at.eventId) return base;
  const items = new Map(base.items);
  const extras = new Map(base.extras);
  const totals = { ...base.totals };
  let { nextExpiresAt } = base;
  for (const [id, item] of base.extras) {
    if (id > eventId) continue;
    extras.delete(id);
    count(totals, item, 1);
    if (belongs(item, base.end)) items.set(id, item);
    // Counted, and no longer known here.
    else nextExpiresAt = earliest(nextExpiresAt, item);
  }
  return { ...base, at: { ...base.at, eventId }, items, extras, totals, nextExpiresAt };
}

/** When the next thing expires, of what is known or of what the server counts; `null`: nothing does. */
export function nextExpiry({ items, extras, nextExpiresAt }: Base): number | null {
  return [...items.values(), ...extras.values()].reduce(earliest, nextExpiresAt);
}

function earliest(next: number | null, { expiresAt }: Item): number | null {
  if (expiresAt === null) return next;
  const at = Date.parse(expiresAt);
  return next === null ? at : Math.min(next, at);
}

/** Takes out what has expired by the server's clock, in milliseconds since 1970. */
export function expire(base: Base, now: number): Base {
  const isDue = base.nextExpiresAt !== null && base.nextExpiresAt <= now;
  const hasExpired = [...base.items.values(), ...base.extras.values()].some((item) => isExpired(item, now));
  if (!isDue && !hasExpired) return base;
  const totals = { ...base.totals };
  for (const item of base.items.values()) if (isExpired(item, now)) count(totals, item, -1);
  return {
    ...base,
    totals,
    items: unexpired(base.items, now),
    extras: unexpired(base.extras, now),
    ...(isDue ? { nextExpiresAt: null, isCountDue: true } : {}),
  };
}

/** @param now By the server's clock, in milliseconds since 1970. */
export function isExpired({ expiresAt }: Item, now: number): boolean {
  return expiresAt !== null && Date.parse(expiresAt) <= now;
}

function unexpired(known: ReadonlyMap<number, Item>, now: number): Map<number, Item> {
  return new Map([...known].filter(([, item]) => !isExpired(item, now)));
}

/** What people see: what is known, with what they did themselves and the server has not yet stated. */
export function look(base: Base, changes: readonly Change[], now: string): Look {
  const totals = { ...base.totals };
  for (const item of base.extras.values()) count(totals, item, 1);
  const known = merged(inOrder(base.extras), inOrder(base.items));
  const left = changes.reduce((items, change) => lay(change, items, totals, base.end, now), known);
  const inList = left.filter((item) => belongs(item, base.end));
  const items = base.end === null ? inList : pinnedFirst(inList, base.end);
  return {
    items,
    entries: join(items, base, changes),
    totals,
    shownThrough: highestId(items) || base.at.eventId,
  };
}

/** Sorted once for as long as nothing is added or taken out: with every arrival all of a long list would be sorted again. */
const sorted = new WeakMap<ReadonlyMap<number, Item>, readonly Item[]>();

/** Newest first. */
function inOrder(items: ReadonlyMap<number, Item>): readonly Item[] {
  let list = sorted.get(items);
  if (!list) {
    list = [...items.values()].sort(newestFirst);
    sorted.set(items, list);
  }
  return list;
}

/** Of two lists in order, one. What has just arrived mostly stands above all that was there. */
function merged(some: readonly Item[], others: readonly Item[]): readonly Item[] {
  const [last, first] = [some.at(-1), others[0]];
  if (!last || !first) return last ? some : others;
  const all = [...some, ...others];
  return newestFirst(last, first) < 0 ? all : all.sort(newestFirst);
}

/** What is pinned stands below the list by its place, and above it on the screen. */
function pinnedFirst(items: readonly Item[], end: Place): readonly Item[] {
  const count = items.findLastIndex((item) => isWithin(item, end)) + 1;
  return count === items.length ? items : [...items.slice(count), ...items.slice(0, count)];
}

/** The same for the same item, so that what has not changed is not drawn again. */
const entries = new WeakMap<Item, Entry>();

/** The entry of an item that stands by itself. */
export function entryOf(item: Item): Entry {
  let entry = entries.get(item);
  if (!entry) {
    entry = { id: item.id, item, group: null };
    entries.set(item, entry);
  }
  return entry;
}

/** The entries of what is shown. What is pinned stands by itself. */
function join(items: readonly Item[], base: Base, changes: readonly Change[]): Entry[] {
  const isPinned = (item: Item) => !isWithin(item, base.end);
  const shown = byGroup(base.end === null ? items : items.filter((item) => !isPinned(item)));
  if (shown.size === 0) return items.map(entryOf);
  const isStated = (item: Item) => isInInbox(item) && isWithin(item, base.end);
  const stated = byGroup([...base.items.values(), ...base.extras.values()].filter(isStated));
  return items.flatMap((item) => {
    const { groupKey: key } = item;
    if (key === null || isPinned(item)) return entryOf(item);
    const members = shown.get(key) ?? [];
    if (members[0] !== item) return [];
    const group = groupOf(key, members, stated.get(key) ?? [], base.end, changes);
    return { id: `group ${key}`, item, group };
  });
}

/**
 * @param members What is shown of it, newest first: one at least.
 * @param stated What is known of it without what the user did here.
 */
function groupOf(
  key: string,
  members: readonly Item[],
  stated: readonly Item[],
  end: Place | null,
  changes: readonly Change[],
): EntryGroup | null {
  // Each tells how it was when it was read, and the newest was read last.
  const anchor = stated.reduce<Item | null>(
    (last, item) => (item.group && (!last || byPlace(item, last) > 0) ? item : last),
    null,
  );
  const told = anchor?.group ?? { title: null, count: 0, unread: 0 };
  const counted = stated.filter((item) => anchor && byPlace(item, anchor) <= 0);
  /** How many stand below the list, known to the server alone. */
  let hidden = end === null ? 0 : Math.max(told.count - counted.length, 0);
  const isTitleOfNow = anchor?.id === members[0]?.id && told.count === counted.length + hidden;
  let hiddenUnread = Math.min(Math.max(told.unread - counted.filter(isUnread).length, 0), hidden);
  for (const change of changes) {
    if (!('throughId' in change) || !reachesBelow(change, end)) continue;
    if ('group' in change && change.group !== key) continue;
    hiddenUnread = 0;
    if (change.kind !== 'read') hidden = 0;
  }
  const count = members.length + hidden;
  if (count < 2) return null;
  const priorities = members.map(({ priority }) => priority);
  return {
    key,
    title: isTitleOfNow ? told.title : null,
    count,
    unread: members.filter(isUnread).length + hiddenUnread,
    priority: priorities.reduce((a, b) => (priorityRank(b) > priorityRank(a) ? b : a)),
    items: members,
    throughId: highestId(members),
    // What came live to several people does not tell whether there is more.
    end: hidden > 0 || !anchor ? end : null,
  };
}

function byGroup(items: readonly Item[]): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    if (item.groupKey === null) continue;
    const members = groups.get(item.groupKey) ?? [];
    members.push(item);
    groups.set(item.groupKey, members);
  }
  return groups;
}

function highestId(items: readonly Item[]): number {
  return items.reduce((highest, { id }) => Math.max(highest, id), 0);
}

export function isUnread({ readAt, doneAt, snoozedUntil }: Item): boolean {
  return readAt === null && isInInbox({ doneAt, snoozedUntil });
}

/** Whether it belongs to a view. */
export function isInView(item: Item, view: View): boolean {
  switch (view) {
    case 'inbox':
      return isInInbox(item);
    case 'unread':
      return isUnread(item);
    case 'done':
      return item.doneAt !== null;
    case 'snoozed':
      return item.doneAt === null && item.snoozedUntil !== null;
    case 'all':
      return true;
  }
}

function isInInbox({ doneAt, snoozedUntil }: Pick<Item, 'doneAt' | 'snoozedUntil'>): boolean {
  return doneAt === null && snoozedUntil === null;
}

/** What is known after one change. The totals change with it. */
function lay(
  change: Change,
  known: readonly Item[],
  totals: Totals,
  end: Place | null,
  now: string,
): readonly Item[] {
  const next = known.map((item) => {
    const left = concerns(change, item) ? changed(item, change, now) : item;
    if (left !== item) {
      count(totals, item, -1);
      count(totals, left, 1);
    }
    return left;
  });
  // All that is unknown stands below the list, and with it below this id: then the known ones are all that is left.
  if (!('throughId' in change) || 'group' in change || !reachesBelow(change, end)) return next;
  const left = { ...NO_TOTALS };
  for (const item of next) count(left, item, 1);
  totals.unread = left.unread;
  if (change.kind !== 'clear') return next;
  totals.done += totals.inbox - left.inbox;
  totals.inbox = left.inbox;
  return next;
}

function concerns(change: Change, item: Item): boolean {
  const { id } = item;
  if ('group' in change) return id <= change.throughId && item.groupKey === change.group && isInInbox(item);
  if ('throughId' in change) return id <= change.throughId;
  return change.kind === 'act' ? change.id === id : change.ids.includes(id);
}

/** Whether it changes all that stands below the list. */
function reachesBelow({ throughId }: { throughId: number }, end: Place | null): boolean {
  return end === null || end.orderId <= throughId;
}

/** An item as these changes leave it; the same one where none concerns it. */
export function withChanges(item: Item, changes: readonly Change[], now: string): Item {
  return changes.reduce((left, change) => (concerns(change, left) ? changed(left, change, now) : left), item);
}

function changed(item: Item, change: Change, now: string): Item {
  switch (change.kind) {
    case 'dismiss':
    case 'clear':
      return item.doneAt === null ? { ...item, doneAt: now } : item;
    case 'read':
      return item.readAt === null ? { ...item, readAt: now } : item;
    case 'unread':
      return item.readAt === null ? item : { ...item, readAt: null };
    case 'snooze':
      return { ...item, snoozedUntil: change.until };
    case 'act': {
      if (item.answer) return item;
      const label = item.actions.find(({ name }) => name === change.action)?.label ?? change.action;
      const answer = { action: change.action, label, by: null, at: now };
      return { ...item, actedWith: change.action, answer, actions: [], readAt: item.readAt ?? now };
    }
    case 'restore':
      return { ...item, doneAt: null, snoozedUntil: null };
  }
}

/** Counts an item where it belongs: once more, or once less. */
function count(totals: Totals, item: Item, by: 1 | -1): void {
  const of = item.doneAt !== null ? 'done' : item.snoozedUntil !== null ? 'snoozed' : 'inbox';
  totals[of] = Math.max(totals[of] + by, 0);
  if (isUnread(item)) totals.unread = Math.max(totals.unread + by, 0);
}

/** Whether it is in the list: in the contiguous part, or pinned. */
function belongs(item: Item, end: Place | null): boolean {
  if (!isInInbox(item)) return false;
  return isWithin(item, end) || (isUnread(item) && priorityRank(item.priority) >= URGENT);
}

/** Whether it stands in the list that ends there. */
export function isWithin(item: Place, end: Place | null): boolean {
  return end === null || byPlace(item, end) >= 0;
}

/** For `sort`. */
export function newestFirst(a: Place, b: Place): number {
  return byPlace(b, a);
}

function byPlace(a: Place, b: Place): number {
  return a.orderId - b.orderId || a.id - b.id;
}

function placeOf({ orderId, id }: Place): Place {
  return { orderId, id };
}

function statedBy(
  summary: Summary,
): Pick<Base, 'at' | 'totals' | 'settings' | 'readAt' | 'nextExpiresAt' | 'isCountDue'> {
  const at = positionOf(summary);
  return {
    at,
    totals: summary.totals,
    settings: { history: at.history, revision: summary.settingsRevision },
    readAt: Date.parse(summary.readAt),
    nextExpiresAt: summary.nextExpiresAt === null ? null : Date.parse(summary.nextExpiresAt),
    isCountDue: false,
  };
}
