/**
 * What this browser knows of the user's inbox: a set of notifications keyed by id, and the server's own
 * totals. Snapshots (poll, backlog), live events and dismissals arrive in any order, some of them
 * twice; each function here takes a state and gives the next, and arriving twice changes nothing.
 *
 * Three rules keep it true. A dismissal leaves a tombstone, which wins over any later arrival. What a
 * snapshot does not hold, however old it is, has gone for good: nothing is ever undismissed. And of two
 * totals, the one with the higher revision is newer.
 */

import type { NotificationPayload } from '@/lib/belfry/notifications/system-notification.ts';
import type { EventJson } from '@/lib/belfry/protocol/event.ts';

/** A stored event, as the server sends it. */
export type NotificationEvent = EventJson<NotificationPayload> & { id: number };

/** The server's totals, with what tells which of two is newer. */
export interface Totals {
  unreadTotal: number;
  /** The highest event id when they were read: what lies above is not counted. */
  asOf: number;
  /** Counts the user's dismissals and clears. */
  revision: number;
  /** When they were read, by the server's clock. */
  readAt: string;
  nextExpiresAt: string | null;
}

/** `GET /notifications/poll`. */
export interface PollAnswer extends Totals {
  notifications: NotificationEvent[];
  nextCursor: number | null;
}

/** The control event `inbox`. */
export interface InboxFrame extends Totals {
  dismissed?: number[];
  cleared?: true;
  clearedThroughId?: number;
  reset?: true;
  /** How many recovered events follow: on the first frame of a stream. */
  backlog?: number;
}

export interface InboxState {
  /** Known and not dismissed. */
  events: ReadonlyMap<number, NotificationEvent>;
  /** Dismissed, here or elsewhere. */
  tombstones: ReadonlySet<number>;
  /** Dismissed here, and not yet confirmed by the server: put back when it refuses. */
  pending: ReadonlyMap<number, NotificationEvent>;
  /** Everything up to this id is cleared. */
  clearedThroughId: number;
  totals: Totals | null;
  /** Where the next older page begins; `null` when there is none. */
  nextCursor: number | null;
  /** From `nextCursor` to here nothing is unknown: what is not in `events` has gone. 0: nothing was read yet. */
  completeThrough: number;
  /** Known from before a dismissal that nobody told this browser of: they may have gone. */
  unconfirmed: ReadonlySet<number>;
  /** The revision that told of it: an answer as new as that confirms them, or does not. */
  unconfirmedSince: number;
}

export const EMPTY_INBOX: InboxState = {
  events: new Map(),
  tombstones: new Set(),
  pending: new Map(),
  clearedThroughId: 0,
  totals: null,
  nextCursor: null,
  completeThrough: 0,
  unconfirmed: new Set(),
  unconfirmedSince: 0,
};

/** Newest first. */
export function listEvents(state: InboxState): NotificationEvent[] {
  return [...state.events.values()].sort((a, b) => b.id - a.id);
}

/** The number in the bell: the server's total, and what has happened here since it was read. */
export function unreadTotal({ totals, events, pending }: InboxState): number {
  if (!totals) return events.size;
  let total = totals.unreadTotal;
  for (const id of events.keys()) if (id > totals.asOf) total += 1;
  for (const id of pending.keys()) if (id <= totals.asOf) total -= 1;
  return Math.max(total, 0);
}

/** The ids of what was known before, and is no longer. */
export function idsThatLeft(before: InboxState, after: InboxState): number[] {
  if (before.events === after.events) return [];
  return [...before.events.keys()].filter((id) => !after.events.has(id));
}

/** Whether adding it would change something: it is neither known nor dismissed. */
export function isNew(state: InboxState, { id }: NotificationEvent): boolean {
  return !state.events.has(id) && !isGone(state, id);
}

/** A live event, or one that was read again. Unchanged when it is known or dismissed. */
export function addEvent(state: InboxState, event: NotificationEvent): InboxState {
  return addEvents(state, [event]);
}

/** As `addEvent`, for many with one copy of what is known. */
export function addEvents(state: InboxState, given: readonly NotificationEvent[]): InboxState {
  const added = given.filter((event) => isNew(state, event));
  if (added.length === 0) return state;
  const events = new Map(state.events);
  for (const event of added) events.set(event.id, event);
  return { ...state, events };
}

/**
 * A page of poll. It is complete between its last and its first event. What is unconfirmed below the first page
 * is dropped, to be read again from there.
 *
 * @param cursor The cursor that the page was asked with; `null` for the first page.
 */
export function applyPage(state: InboxState, page: PollAnswer, cursor: number | null): InboxState {
  const from = page.nextCursor ?? 0;
  const to = cursor === null ? page.asOf : cursor - 1;
  const known = cursor === null ? dropUnconfirmed(doubt(state, page.revision), page.revision, from) : state;
  return complete(withTotals(known, page), page.notifications, from, to);
}

/** A snapshot of a later revision than the known one tells of dismissals that nobody told this browser of. */
function doubt(state: InboxState, revision: number): InboxState {
  if (state.totals === null || state.totals.revision >= revision) return state;
  return { ...state, unconfirmed: new Set(state.events.keys()), unconfirmedSince: revision };
}

/** Leaves out what is unconfirmed below this id, and with it the knowledge of what is complete. */
function dropUnconfirmed(state: InboxState, revision: number, below: number): InboxState {
  const { unconfirmed, unconfirmedSince } = state;
  if (unconfirmed.size === 0 || revision < unconfirmedSince) return state;
  const events = new Map([...state.events].filter(([id]) => id >= below || !unconfirmed.has(id)));
  return { ...state, events, unconfirmed: new Set(), nextCursor: null, completeThrough: 0 };
}

/**
 * What the stream begins with: its first frame, and the events that follow it. They are the most urgent
 * and not the newest, so they are complete only when they are all there is.
 */
export function applyBacklog(
  state: InboxState,
  totals: Totals,
  backlog: readonly NotificationEvent[],
): InboxState {
  if (backlog.length >= totals.unreadTotal) {
    return { ...complete(state, backlog, 0, totals.asOf), unconfirmed: new Set() };
  }
  const unconfirmed = new Set(state.unconfirmed);
  for (const { id } of backlog) unconfirmed.delete(id);
  return { ...addEvents(state, backlog), unconfirmed };
}

/** New totals, and what changed with them. */
export function applyFrame(state: InboxState, frame: InboxFrame): InboxState {
  const isStart = frame.backlog !== undefined;
  let next = isStart && isOtherHistory(state.totals, frame) ? EMPTY_INBOX : state;
  if (isStart) next = doubt(next, frame.revision);
  if (frame.reset) next = { ...EMPTY_INBOX, tombstones: next.tombstones, pending: next.pending };
  if (frame.clearedThroughId !== undefined) next = applyClear(next, frame.clearedThroughId);
  if (frame.dismissed) next = confirmDismissal(next, frame.dismissed);
  return withTotals(next, frame);
}

/**
 * Ids only grow: totals that were read later and end lower tell that the database was put back. Only at the
 * start of a stream: the totals of two instances may be read in one order and come in another.
 */
function isOtherHistory(known: Totals | null, given: Totals): boolean {
  return known !== null && given.asOf < known.asOf && Date.parse(given.readAt) > Date.parse(known.readAt);
}

/** Takes events out before the server has said yes. */
export function dismissEvents(state: InboxState, ids: Iterable<number>): InboxState {
  const events = new Map(state.events);
  const pending = new Map(state.pending);
  const tombstones = new Set(state.tombstones);
  for (const id of ids) {
    const event = events.get(id);
    if (!event) continue;
    events.delete(id);
    pending.set(id, event);
    tombstones.add(id);
  }
  return { ...state, events, pending, tombstones };
}

/** The server has dismissed these. */
export function confirmDismissal(state: InboxState, ids: Iterable<number>): InboxState {
  const events = new Map(state.events);
  const pending = new Map(state.pending);
  const tombstones = new Set(state.tombstones);
  for (const id of ids) {
    events.delete(id);
    pending.delete(id);
    tombstones.add(id);
  }
  return { ...state, events, pending, tombstones };
}

/** The server has refused: those that are still waiting for its answer come back. */
export function undoDismissal(state: InboxState, ids: Iterable<number>): InboxState {
  const events = new Map(state.events);
  const pending = new Map(state.pending);
  const tombstones = new Set(state.tombstones);
  for (const id of ids) {
    const event = pending.get(id);
    if (!event) continue;
    pending.delete(id);
    tombstones.delete(id);
    if (id > state.clearedThroughId) events.set(id, event);
  }
  return { ...state, events, pending, tombstones };
}

/** The server has cleared everything up to this id. */
export function applyClear(state: InboxState, clearedThroughId: number): InboxState {
  const keepNewer = <T>(map: ReadonlyMap<number, T>) =>
    new Map([...map].filter(([id]) => id > clearedThroughId));
  return {
    ...state,
    clearedThroughId: Math.max(state.clearedThroughId, clearedThroughId),
    events: keepNewer(state.events),
    pending: keepNewer(state.pending),
    // The mark says the same as the tombstones below it.
    tombstones: new Set([...state.tombstones].filter((id) => id > clearedThroughId)),
    ...joinStretches(state, 0, clearedThroughId),
  };
}

/** When the next thing expires, of what is known or of what the server counts; `null` when nothing does. */
export function nextExpiry({ events, totals }: InboxState): number | null {
  let next = totals?.nextExpiresAt ? Date.parse(totals.nextExpiresAt) : Number.POSITIVE_INFINITY;
  for (const { expiresAt } of events.values()) if (expiresAt) next = Math.min(next, Date.parse(expiresAt));
  return Number.isFinite(next) ? next : null;
}

/** Takes out what has expired by the server's clock. */
export function removeExpired(given: InboxState, serverNow: number): InboxState {
  const state = forgetPastExpiry(given, serverNow);
  const expired = [...state.events.values()].filter(
    ({ expiresAt }) => expiresAt !== null && Date.parse(expiresAt) <= serverNow,
  );
  if (expired.length === 0) return state;
  const events = new Map(state.events);
  for (const { id } of expired) events.delete(id);
  const { totals } = state;
  if (!totals) return { ...state, events };
  const counted = expired.filter(({ id }) => id <= totals.asOf).length;
  return { ...state, events, totals: { ...totals, unreadTotal: Math.max(totals.unreadTotal - counted, 0) } };
}

/** What the totals said of the next expiry has come true; what comes after it, only the server knows. */
function forgetPastExpiry(state: InboxState, serverNow: number): InboxState {
  const { totals } = state;
  if (!totals?.nextExpiresAt || Date.parse(totals.nextExpiresAt) > serverNow) return state;
  return { ...state, totals: { ...totals, nextExpiresAt: null } };
}

/** Takes newer totals and leaves older ones. */
export function withTotals(state: InboxState, totals: Totals): InboxState {
  if (isOutdated(state.totals, totals)) return state;
  const { unreadTotal, asOf, revision, readAt, nextExpiresAt } = totals;
  return { ...state, totals: { unreadTotal, asOf, revision, readAt, nextExpiresAt } };
}

/** Whether `given` was read before `known`. */
function isOutdated(known: Totals | null, given: Totals): boolean {
  if (!known) return false;
  if (given.revision !== known.revision) return given.revision < known.revision;
  if (given.asOf !== known.asOf) return given.asOf < known.asOf;
  return Date.parse(given.readAt) < Date.parse(known.readAt);
}

function isGone(state: InboxState, id: number): boolean {
  const isInCompleteStretch = id >= (state.nextCursor ?? 0) && id <= state.completeThrough;
  return isInCompleteStretch || id <= state.clearedThroughId || state.tombstones.has(id);
}

/** Takes in events that are all there is between two ids: what we knew in between beside them has gone. */
function complete(
  state: InboxState,
  present: readonly NotificationEvent[],
  from: number,
  to: number,
): InboxState {
  const ids = new Set(present.map(({ id }) => id));
  const keep = <T>(map: ReadonlyMap<number, T>) =>
    new Map([...map].filter(([id]) => id < from || id > to || ids.has(id)));
  const kept = { ...state, events: keep(state.events), pending: keep(state.pending) };
  return { ...addEvents(kept, present), ...joinStretches(state, from, to) };
}

/** The complete stretch, with another one: joined where they meet, and otherwise the newer of the two. */
function joinStretches(
  state: InboxState,
  from: number,
  to: number,
): Pick<InboxState, 'nextCursor' | 'completeThrough'> {
  const { nextCursor, completeThrough } = state;
  const knownFrom = nextCursor ?? 0;
  const meet = completeThrough > 0 && from <= completeThrough + 1 && to >= knownFrom - 1;
  if (!meet && to < completeThrough) return { nextCursor, completeThrough };
  const joined = meet ? Math.min(from, knownFrom) : from;
  return { nextCursor: joined > 0 ? joined : null, completeThrough: Math.max(to, completeThrough) };
}
