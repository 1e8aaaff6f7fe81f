/**
 * What this browser knows of the user's inbox: a set of notifications keyed by id, and the server's own
 * totals. Snapshots (poll, backlog), live events and dismissals arrive in any order, some of them
 * twice; each function here takes a state and gives the next, and arriving twice changes nothing.
 *
 * Three rules keep it true. A dismissal leaves a tombstone, which wins over any later arrival. What a
 * snapshot does not hold, however old it is, has gone for good: nothing is ever undismissed. And of two
 * totals, the one with the higher revision is newer.
 */
import type { EventJson } from '@/lib/events/event.ts';
import type { NotificationPayload } from '@/lib/notifications/system-notification.ts';

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
}

export const EMPTY_INBOX: InboxState = {
  events: new Map(),
  tombstones: new Set(),
  pending: new Map(),
  clearedThroughId: 0,
  totals: null,
  nextCursor: null,
  completeThrough: 0,
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
 * A page of poll. It is complete between its last and its first event.
 *
 * @param cursor The cursor that the page was asked with; `null` for the first page.
 */
export function applyPage(state: InboxState, page: PollAnswer, cursor: number | null): InboxState {
  const from = page.nextCursor ?? 0;
  const to = cursor === null ? page.asOf : cursor - 1;
  return complete(withTotals(state, page), page.notifications, from, to);
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
  if (backlog.length < totals.unreadTotal) return addEvents(state, backlog);
  return complete(state, backlog, 0, totals.asOf);
}

/** New totals, and what changed with them. */
export function applyFrame(state: InboxState, frame: InboxFrame): InboxState {
  // Ids only grow: totals that were read later and end lower tell that the database was put back.
  const { totals } = state;
  const isOtherHistory =
    totals !== null && frame.asOf < totals.asOf && Date.parse(frame.readAt) > Date.parse(totals.readAt);
  let next = isOtherHistory ? EMPTY_INBOX : state;
  if (frame.reset) next = { ...EMPTY_INBOX, tombstones: next.tombstones, pending: next.pending };
  if (frame.clearedThroughId !== undefined) next = applyClear(next, frame.clearedThroughId);
  if (frame.dismissed) next = confirmDismissal(next, frame.dismissed);
  return withTotals(next, frame);
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

/** Takes out what has expired by the server's clock. */
export function removeExpired(state: InboxState, serverNow: number): InboxState {
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
