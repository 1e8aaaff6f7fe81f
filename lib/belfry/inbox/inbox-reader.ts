/**
 * Reads inboxes: a page with the totals, or what changed since a position. Each answer comes out of one
 * statement, and so is as of one instant.
 */
import { setImmediate as endOfTurn } from 'node:timers/promises';
import type { InboxState } from '../protocol/inbox-state.ts';
import { MOST_COUNTED_DONE, type Totals, type View } from '../protocol/item.ts';
import { formatPlace, type Place } from '../protocol/place.ts';
import { type Priority, priorityRank } from '../protocol/priority.ts';
import {
  empty,
  fixed,
  join,
  limitTo,
  type Sql,
  type SqlRunner,
  sql,
  toDate,
  toNumber,
} from '../storage/database.ts';
import { type DoneTotal, DoneTotals } from './done-totals.ts';
import { groupKeysOf, readGroups, withGroups } from './groups.ts';
import {
  type Group,
  ITEM_COLUMNS,
  ITEM_TABLES,
  type Item,
  type ItemRow,
  rowToItem,
  withQuestions,
} from './item.ts';
import {
  allItems,
  doneItems,
  idsBetween,
  inboxItems,
  NOT_EXPIRED,
  READER,
  SNOOZED_ITEMS,
  withReader,
} from './item-sets.ts';

/** The numbers that every tab of a user has to agree on, as of one instant. */
export interface InboxSummary {
  totals: Totals;
  /** The highest event id when this was read: what is above is not counted. */
  eventId: number;
  /** The user's last change that is in it. */
  revision: number;
  /** The last change of the user's settings; 0: there never was one. */
  settingsRevision: number;
  /** When this was read, by the server's clock. */
  readAt: Date;
  /** When the next of the counted items expires, and the totals change by themselves. */
  nextExpiresAt: Date | null;
}

/** A part of what a user has. */
export interface InboxPage extends InboxSummary {
  /** Newest first. */
  items: Item[];
  /** Unread and urgent items that stand further down; on the first page of the inbox alone. */
  pinned: Item[];
  /** Where the next page begins; `null` on the last. */
  nextCursor: string | null;
}

/** What changed since a position. */
export interface InboxChanges extends InboxSummary {
  /** Items that came or changed, by their ids. */
  changed: Item[];
  /** Ids of items that changed, and are nobody's any more. */
  removed: number[];
  /** There are more: ask again from the position that this ends with. */
  hasMore: boolean;
}

/** Which part of an inbox. */
export interface ReadPageOptions {
  userId: number;
  limit: number;
  /** Default `inbox`. */
  view?: View | undefined;
  /** The `nextCursor` of the page before. */
  cursor?: Place | undefined;
  /** Only these types among the items; the totals count all. */
  eventTypes?: readonly string[] | undefined;
  /** Only these priorities among the items. */
  priorities?: readonly Priority[] | undefined;
  /** Only what is of this group and in the inbox. Goes with the view `inbox` alone. */
  groupKey?: string | undefined;
}

// What is urgent and further down is shown above the list: more of it would be a list of its own.
const MOST_PINNED = 20;
const URGENT = priorityRank('HIGH');
// More than this, and reading anew is cheaper for both sides.
const MOST_CHANGED = 500;
const USERS_BATCH = 1_000;
const LARGEST_ID = Number.MAX_SAFE_INTEGER;
// How often a change may come between two statements before somebody is told to read anew.
const MOST_TRIES = 5;

interface SummaryRow {
  revision: bigint | number;
  settings_revision: bigint | number;
  as_of: bigint | number;
  inbox_total: bigint | number;
  unread_total: bigint | number | null;
  snoozed_total: bigint | number;
  /** Of what is in the inbox, and of what is put off. */
  next_expires_at: Date | bigint | number | null;
  snoozed_expires_at: Date | bigint | number | null;
}

/** The item, where there is one, beside the summary. */
type ShownRow = SummaryRow & { [Column in keyof ItemRow]: ItemRow[Column] | null };

interface MarkRow {
  kind: 'clear' | 'read-all' | 'seen';
  revision: bigint | number;
  through_id: bigint | number;
  undone_by: bigint | number | null;
}

/** Reads; never writes. Any number may read at once. */
export class InboxReader {
  readonly #runner: SqlRunner;
  readonly #now: () => Date;
  readonly #done = new DoneTotals();

  /** @param now The clock that decides what has expired. */
  constructor(runner: SqlRunner, now: () => Date = () => new Date()) {
    this.#runner = runner;
    this.#now = now;
  }

  /** To be called when the database turned out to be another. */
  forgetAll(): void {
    this.#done.forgetAll();
  }

  /** A page of a view, newest first, with the totals. */
  async readPage(options: ReadPageOptions): Promise<InboxPage> {
    const { userId, limit, view = 'inbox', cursor, eventTypes, priorities, groupKey } = options;
    const at = this.#now();
    const statement = pageStatement({
      view,
      isFurther: cursor !== undefined,
      isOfGroup: groupKey !== undefined,
      types: eventTypes?.length,
      priorities: priorities?.length,
    });
    const { orderId, id } = cursor ?? { orderId: 0, id: 0 };
    const chosen = [...(eventTypes ?? []), ...(priorities ?? []).map(priorityRank)];
    const rows = await this.#runner.query<ShownRow & { is_pinned: bigint | number | null }>(
      statement(userId, at, limit, limit + 1, orderId, id, groupKey ?? '', ...chosen),
    );
    const items = rows.filter(({ id }) => id !== null);
    const page = newestFirst(items.filter(({ is_pinned }) => toNumber(is_pinned) === 0).map(toItem));
    const shown = page.slice(0, limit);
    const pinned = newestFirst(items.filter(({ is_pinned }) => toNumber(is_pinned) === 1).map(toItem));
    const keys = view === 'inbox' ? groupKeysOf([...shown, ...pinned]) : [];
    const groups = await readGroups(this.#runner, { userId, at, keys });
    const complete = async (some: Item[]) => withQuestions(this.#runner, withGroups(some, groups));
    return {
      ...(await this.#summary(userId, rows[0], at)),
      items: await complete(shown),
      pinned: await complete(pinned),
      nextCursor: page.length > limit && shown.length > 0 ? formatPlace(shown.at(-1) as Item) : null,
    };
  }

  /** What of a group is in the user's inbox; `null`: nothing. */
  async readGroup({ userId, key }: { userId: number; key: string }): Promise<Group | null> {
    const groups = await readGroups(this.#runner, { userId, at: this.#now(), keys: [key] });
    return groups.get(key) ?? null;
  }

  /** The totals alone. */
  async readSummary(userId: number): Promise<InboxSummary> {
    const at = this.#now();
    const [row] = await this.#runner.query<SummaryRow>(SUMMARY(userId, at));
    return this.#summary(userId, row, at);
  }

  /**
   * What changed since a position: events that came, and items that the user changed.
   *
   * @returns `null` when that cannot be told in a bounded answer: then read the first page anew.
   */
  async readChanges({
    userId,
    since,
    limit = MOST_CHANGED,
  }: {
    userId: number;
    since: Pick<InboxState, 'eventId' | 'revision'>;
    /** Of events that came; the rest is told when asked again. Default, and most, 500. */
    limit?: number;
  }): Promise<InboxChanges | null> {
    const mostCame = Math.min(limit, MOST_CHANGED);
    // Most who come back changed nothing meanwhile: then this is all.
    const noMark: ChangedMarks = { revision: since.revision, ranges: [] };
    const found = await this.#readChanged(userId, since, noMark, mostCame);
    if (found !== 'too many' && found.revision === since.revision)
      return isAhead(since, found) ? null : found;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const marks = await this.#marksChangedSince(userId, since.revision);
      if (marks === null) return null;
      const found = await this.#readChanged(userId, since, marks, mostCame);
      if (found === 'too many' || isAhead(since, found)) return null;
      // A mark may have moved in between.
      if (found.revision === marks.revision) return found;
    }
    return null;
  }

  async #readChanged(
    userId: number,
    since: Pick<InboxState, 'eventId' | 'revision'>,
    { ranges, revision }: ChangedMarks,
    limit: number,
  ): Promise<InboxChanges | 'too many'> {
    const at = this.#now();
    const given = [userId, at, since.eventId, limit + 1] as const;
    const rows = await this.#runner.query<ShownRow & { changed_id: bigint | number | null }>(
      revision === since.revision
        ? WHAT_CAME(...given)
        : whatChanged(...given, sql`UNION ${touchedItems(since, ranges)}`),
    );
    const changed = rows
      .filter(({ changed_id }) => changed_id !== null)
      .sort((one, other) => toNumber(one.changed_id) - toNumber(other.changed_id));
    const cameIds = changed.flatMap(({ changed_id }) =>
      toNumber(changed_id) > since.eventId ? [toNumber(changed_id)] : [],
    );
    if (changed.length - cameIds.length > MOST_CHANGED) return 'too many';
    const summary = await this.#summary(userId, rows[0], at);
    const hasMore = cameIds.length > limit;
    const upTo = hasMore ? (cameIds[limit - 1] as number) : summary.eventId;
    const items = changed.filter(({ id }) => id !== null && toNumber(id) <= upTo).map(toItem);
    const groups = await readGroups(this.#runner, { userId, at, keys: groupKeysOf(items) });
    return {
      ...summary,
      eventId: upTo,
      changed: await withQuestions(this.#runner, withGroups(andTheNewest(items, groups), groups)),
      // What came and expired meanwhile was never known.
      removed: changed
        .map(({ id, changed_id }) => (id === null ? toNumber(changed_id) : Number.POSITIVE_INFINITY))
        .filter((id) => id <= since.eventId),
      hasMore,
    };
  }

  /** Which of the marks moved since a change, and over which events; `null` when it is too long ago to tell. */
  async #marksChangedSince(userId: number, since: number): Promise<ChangedMarks | null> {
    const [known] = await this.#runner.query<{ revision: bigint | number; pruned_through: bigint | number }>(
      sql`SELECT revision, pruned_through FROM belfry_inbox WHERE user_id = ${userId}`,
    );
    const revision = toNumber(known?.revision);
    if (since > revision || since < toNumber(known?.pruned_through)) return null;
    if (since === revision) return { revision, ranges: [] };
    const marks = await this.#runner.query<MarkRow>(sql`
      SELECT kind, revision, through_id, undone_by FROM belfry_inbox_change
      WHERE user_id = ${userId} AND kind IN ('clear', 'read-all', 'seen')`);
    return { revision, ranges: rangesOf(marks, since) };
  }

  /** Of these users, those who ever changed something, with their revision as of now. */
  async readRevisions(userIds: readonly number[]): Promise<Map<number, number>> {
    const revisions = new Map<number, number>();
    for (let at = 0; at < userIds.length; at += USERS_BATCH) {
      const batch = userIds.slice(at, at + USERS_BATCH);
      const rows = await this.#runner.query<{ user_id: bigint | number; revision: bigint | number }>(
        sql`SELECT user_id, revision FROM belfry_inbox WHERE user_id IN (${join(batch)})`,
      );
      for (const { user_id, revision } of rows) revisions.set(toNumber(user_id), toNumber(revision));
      // With very many users this takes a while, and the embedded database answers within one turn.
      await endOfTurn();
    }
    return revisions;
  }

  async #summary(userId: number, row: SummaryRow | undefined, readAt: Date): Promise<InboxSummary> {
    if (!row) throw new RangeError('The query of an inbox returned no row.');
    const revision = toNumber(row.revision);
    const done = await this.#done.of({ userId, revision, at: readAt }, () => this.#countDone(userId, readAt));
    const expiries = [toDate(row.next_expires_at), toDate(row.snoozed_expires_at), done.nextExpiresAt];
    return {
      totals: {
        unread: toNumber(row.unread_total),
        inbox: toNumber(row.inbox_total),
        done: done.total,
        snoozed: toNumber(row.snoozed_total),
      },
      eventId: toNumber(row.as_of),
      revision,
      settingsRevision: toNumber(row.settings_revision),
      readAt,
      nextExpiresAt: earliest(expiries),
    };
  }

  async #countDone(userId: number, at: Date): Promise<DoneTotal> {
    const [row] = await this.#runner.query<{
      total: bigint | number;
      next_expires_at: Date | number | null;
    }>(sql`
      ${withReader(userId, at)},
      done AS (${doneItems({ before: empty, limit: MOST_COUNTED_DONE })})
      SELECT COUNT(*) AS total, MIN(expires_at) AS next_expires_at FROM done`);
    return {
      total: Math.min(toNumber(row?.total), MOST_COUNTED_DONE),
      nextExpiresAt: toDate(row?.next_expires_at),
    };
  }
}

/** Ahead of all there is: another database is in its place, which whoever watches for that has yet to find out. */
function isAhead(since: Pick<InboxState, 'eventId'>, found: Pick<InboxState, 'eventId'>): boolean {
  return found.eventId < since.eventId;
}

/** What is in the inbox, as the table expression `inbox_items`, and its numbers, as `total`. */
const INBOX_AND_TOTAL = sql`
  inbox_items AS (${inboxItems()}),
  total AS MATERIALIZED (
    SELECT listed.inbox_total, listed.unread_total, listed.next_expires_at, put_off.snoozed_total,
      put_off.snoozed_expires_at
    FROM (
      SELECT COUNT(*) AS inbox_total, SUM(is_unread) AS unread_total, MIN(expires_at) AS next_expires_at
      FROM inbox_items
    ) listed CROSS JOIN (
      SELECT COUNT(*) AS snoozed_total, MIN(expires_at) AS snoozed_expires_at FROM (${SNOOZED_ITEMS}) snoozed
    ) put_off
  )`;

/** The columns of `SummaryRow`. */
const SUMMARY_COLUMNS = sql`
  reader.revision, reader.settings_revision, reader.as_of, total.inbox_total, total.unread_total, total.next_expires_at, total.snoozed_total,
  total.snoozed_expires_at`;

const SUMMARY = fixed(
  (userId: number, at: Date) =>
    sql`${withReader(userId, at)}, ${INBOX_AND_TOTAL} SELECT ${SUMMARY_COLUMNS} FROM reader CROSS JOIN total`,
);

/**
 * The main query: the summary in front of each item of the table expression `chosen`, and once where there is none. In
 * whatever order: to sort such rows here takes longer than to sort the items that they become.
 *
 * @param column What `chosen` says of an item.
 * @param condition On which items `e` are shown: the rest of an item that is not stays null.
 */
function withSummary(column: Sql, condition: Sql = empty): Sql {
  return sql`
    SELECT ${SUMMARY_COLUMNS}, ${column}, ${ITEM_COLUMNS}
    FROM reader CROSS JOIN total LEFT JOIN chosen ON 1 = 1
      LEFT JOIN belfry_event e ON e.id = chosen.id ${condition} ${ITEM_TABLES}`;
}

const ROWS_OF_PAGE = withSummary(sql`chosen.is_pinned`);
const ROWS_OF_CHANGES = withSummary(sql`chosen.id AS changed_id`, sql`AND ${NOT_EXPIRED}`);

type PageStatement = (
  userId: number,
  at: Date,
  limit: number,
  oneMore: number,
  orderId: number,
  id: number,
  groupKey: string,
  ...typesAndPriorities: (string | number)[]
) => Sql;

/** What tells the statement of a page from that of another, but for its values. */
interface PageShape {
  view: View;
  /** Not the first one. */
  isFurther: boolean;
  /** Of one group alone. */
  isOfGroup: boolean;
  /** How many types are asked for; `undefined`: all. */
  types: number | undefined;
  /** The same of priorities. */
  priorities: number | undefined;
}

const pageStatements = new Map<string, PageStatement>();

/** There are few: as many as views, and groups, twice, for each number of types and of priorities that are asked for. */
function pageStatement(shape: PageShape): PageStatement {
  const key = Object.values(shape).join();
  let statement = pageStatements.get(key);
  if (!statement) {
    statement = fixed((...values) => page(shape, ...values));
    pageStatements.set(key, statement);
  }
  return statement;
}

function page(shape: PageShape, ...values: Parameters<PageStatement>): Sql {
  const { view, isFurther, isOfGroup, types, priorities } = shape;
  const [userId, at, limit, oneMore, orderId, id, groupKey, ...typesAndPriorities] = values;
  const cursor = isFurther ? { orderId, id } : undefined;
  const eventTypes = typesAndPriorities.slice(0, types ?? 0);
  const ranks = typesAndPriorities.slice(types ?? 0);
  const ofTypes = types === undefined ? empty : sql`AND event_type IN (${join(eventTypes)})`;
  const ofPriorities = priorities === undefined ? empty : sql`AND priority IN (${join(ranks)})`;
  const isWanted = sql`${ofTypes} ${ofPriorities}`;
  const isInbox = !isOfGroup && (view === 'inbox' || view === 'unread');
  // Not one table expression on top of the other: SQLite would work the lower one out for each row.
  const listed = isInbox ? sql`inbox_items` : sql`listed`;
  const others = () =>
    isOfGroup
      ? inboxItems(sql`AND e.group_key = ${groupKey}`)
      : otherView(view, { cursor, isWanted, limit: oneMore });
  const otherItems = isInbox ? empty : sql`listed AS (${others()}),`;
  const pinned =
    view === 'inbox' && !isFurther && !isOfGroup
      ? pinnedItems(limit, isWanted)
      : sql`SELECT id, order_id, 1 AS is_pinned FROM page WHERE 1 = 0`;
  return sql`
    ${withReader(userId, at)},
    ${INBOX_AND_TOTAL},
    ${otherItems}
    page AS (
      SELECT id, order_id, 0 AS is_pinned FROM ${listed}
      WHERE 1 = 1 ${cursor ? isBelow(cursor) : empty} ${isWanted} ${view === 'unread' ? sql`AND is_unread = 1` : empty}
      ORDER BY order_id DESC, id DESC ${limitTo(oneMore)}
    ),
    pinned AS (${pinned}),
    chosen AS MATERIALIZED (SELECT id, is_pinned FROM page UNION ALL SELECT id, is_pinned FROM pinned)
    ${ROWS_OF_PAGE}`;
}

/** @param oneMore Of events that came, one more than are told. @param touched `UNION` and the ids of items that changed. */
function whatChanged(userId: number, at: Date, above: number, oneMore: number, touched: Sql): Sql {
  return sql`
    ${withReader(userId, at)},
    ${INBOX_AND_TOTAL},
    came AS (${idsBetween({ above, through: LARGEST_ID, limit: oneMore })}),
    chosen AS MATERIALIZED (SELECT id FROM came ${touched})
    ${ROWS_OF_CHANGES}`;
}

const WHAT_CAME = fixed((userId: number, at: Date, above: number, oneMore: number) =>
  whatChanged(userId, at, above, oneMore, empty),
);

/** When something of a group changed, the group did: its newest tells of it. In the order of their ids. */
function andTheNewest(items: readonly Item[], groups: ReadonlyMap<string, Group>): Item[] {
  const known = new Set(items.map(({ id }) => id));
  const newest = [...groups.values()].map((group) => group.newest[0]).filter(({ id }) => !known.has(id));
  return [...items, ...newest].sort((one, other) => one.id - other.id);
}

function newestFirst(items: Item[]): Item[] {
  return items.sort((one, other) => other.orderId - one.orderId || other.id - one.id);
}

/** @param options.isWanted On its items, beginning with AND. */
function otherView(
  view: View,
  { cursor, isWanted, limit }: { cursor: Place | undefined; isWanted: Sql; limit: number },
): Sql {
  if (view === 'snoozed') return SNOOZED_ITEMS;
  // An item stands at its id, or further up.
  const isFurther =
    cursor === undefined ? empty : sql`AND e.id <= ${cursor.orderId} AND ${isBelowPlace(cursor)}`;
  // Before they are limited, or a page would be of what is left of so many.
  return (view === 'done' ? doneItems : allItems)({ before: sql`${isFurther} ${isWanted}`, limit });
}

function isBelowPlace({ orderId, id }: Place): Sql {
  return sql`(COALESCE(r.order_id, e.id) < ${orderId} OR (COALESCE(r.order_id, e.id) = ${orderId} AND e.id < ${id}))`;
}

function isBelow({ orderId, id }: Place): Sql {
  return sql`AND (order_id < ${orderId} OR (order_id = ${orderId} AND id < ${id}))`;
}

function pinnedItems(limit: number, isWanted: Sql): Sql {
  return sql`
    SELECT id, order_id, 1 AS is_pinned FROM inbox_items
    WHERE (SELECT inbox_total FROM total) > ${limit} AND is_unread = 1 AND priority >= ${URGENT} ${isWanted}
      AND id NOT IN (SELECT id FROM page ORDER BY order_id DESC, id DESC ${limitTo(limit)})
    ORDER BY priority DESC, id DESC ${limitTo(MOST_PINNED)}`;
}

interface ChangedMarks {
  /** The user's last change when they were read. */
  revision: number;
  ranges: MarkRange[];
}

/** Events above `above`, up to `through`, and those up to `putBackThrough` that a mark may have covered again. */
interface MarkRange {
  kind: MarkRow['kind'];
  above: number;
  through: number;
  putBackThrough: number;
}

function rangesOf(marks: readonly MarkRow[], since: number): MarkRange[] {
  const kinds: MarkRow['kind'][] = ['clear', 'read-all', 'seen'];
  return kinds.flatMap((kind) => {
    const ofKind = marks.filter((mark) => mark.kind === kind);
    const moved = ofKind.filter(
      ({ revision, undone_by }) => toNumber(revision) > since || toNumber(undone_by) > since,
    );
    if (moved.length === 0) return [];
    const reach = (counts: (mark: MarkRow) => boolean) =>
      Math.max(0, ...ofKind.filter(counts).map(({ through_id }) => toNumber(through_id)));
    return [
      {
        kind,
        // Who asks may know of any of these changes already, as somebody does whose own change was answered: whatever
        // was covered in between is told, also where that comes to nothing in the end.
        above: reach(({ revision, undone_by }) => toNumber(revision) <= since && undone_by === null),
        through: reach(({ undone_by }) => undone_by === null || toNumber(undone_by) > since),
        putBackThrough: Math.max(...moved.map(({ through_id }) => toNumber(through_id))),
      },
    ];
  });
}

/** The ids of the items that the user changed since a position, one more than are told at most. */
function touchedItems(since: Pick<InboxState, 'eventId' | 'revision'>, ranges: readonly MarkRange[]): Sql {
  const limit = MOST_CHANGED + 1;
  const byName = sql`
    SELECT id FROM (
      SELECT r.event_id AS id FROM belfry_event_receipt r
      WHERE r.user_id = ${READER} AND r.revision > CAST(${since.revision} AS BIGINT) ${limitTo(limit)}) by_name`;
  const byMarks = ranges.map(
    ({ kind, above, through, putBackThrough }) => sql`
      SELECT id FROM (${idsBetween({ above, through: Math.min(through, since.eventId), limit })}) marked
      UNION
      SELECT id FROM (
        SELECT r.event_id AS id FROM belfry_event_receipt r
        WHERE r.user_id = ${READER} AND r.event_id <= CAST(${putBackThrough} AS BIGINT)
          AND ${kind === 'clear' ? sql`r.done_revision >= 0` : kind === 'read-all' ? sql`r.read_revision >= 0` : sql`1 = 0`}
        ${limitTo(limit)}) put_back`,
  );
  return join([byName, ...byMarks], ' UNION ');
}

function earliest(times: readonly (Date | null)[]): Date | null {
  const known = times.flatMap((time) => time?.getTime() ?? []);
  return known.length === 0 ? null : new Date(Math.min(...known));
}

function toItem(row: ShownRow): Item {
  return rowToItem(row as unknown as ItemRow);
}
