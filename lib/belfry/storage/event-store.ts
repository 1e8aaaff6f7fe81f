/**
 * Where events are kept: with clean-up.ts the only reader and writer of the tables `event`,
 * `event_receipt`, `inbox` and `event_outbox`. The database is the truth; whatever goes over the bus or down a stream is a hint about it.
 *
 * An event is *undismissed* for a user when it is addressed to them or to everybody, has not expired,
 * lies above the mark that their last *clear* left, and has no receipt of theirs.
 */
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { Prisma } from '../../../generated/prisma/client.ts';
import { toBelfryError } from '../../database/database-errors.ts';
import type { Database } from '../../database/db.ts';
import { isPostgresql } from '../../database/postgresql.ts';
import { CleanUp } from '../inbox/clean-up.ts';
import {
  type EventEnvelope,
  type EventRow,
  eventToRow,
  rowToEvent,
  type StoredEvent,
} from '../protocol/event.ts';
import { GroupCommit } from './group-commit.ts';

/** The numbers that every tab of a user has to agree on, as of one instant. */
export interface InboxState {
  /** How many undismissed events the user has: what the bell shows. */
  unreadTotal: number;
  /** The highest event id when this was read. Anything above it is not counted in `unreadTotal`. */
  asOf: number;
  /** Counts this user's dismissals and clears: of two states, the one with the higher revision is newer. */
  revision: number;
  /** When this was read, by the server's clock. */
  readAt: Date;
  /** When the next of these events expires, and the total changes by itself. */
  nextExpiresAt: Date | null;
}

/** A part of what a user has not dismissed, with the totals of all of it. */
export interface InboxPage extends InboxState {
  events: StoredEvent[];
  /** False when `knownId` was asked about and is not an event that this user could have received. */
  knowsId: boolean;
}

/** Which part of an inbox, and in which order. */
export interface ReadInboxOptions {
  userId: number;
  limit: number;
  /** `newest`: by id, falling. `urgent`: by priority, then by id, both falling. */
  order: 'newest' | 'urgent';
  /** Only events below this id: the cursor of the page before. */
  beforeId?: number | undefined;
  /** Only these types among `events`; the totals count all. */
  eventTypes?: readonly string[] | undefined;
  /** An id that the client claims to have received. */
  knownId?: number | undefined;
}

/** An event that is about to be stored, and gets its id then. */
export interface NewEvent extends EventEnvelope {
  id: null;
  /** At most one event is kept under a key. */
  idempotencyKey?: string | undefined;
  /** Who sent it, as an admin will read it. */
  sentBy?: string | undefined;
}

/** A global event as the admin page lists it. */
export interface SentEvent extends StoredEvent {
  sentBy: string | null;
  /** How many users dismissed or cleared it. */
  dismissedBy: number;
}

interface InboxRow {
  unread_total: bigint | number;
  as_of: bigint | number;
  revision: bigint | number;
  next_expires_at: Date | bigint | number | null;
  knows_id: bigint | number;
  id: bigint | number | null;
  event_type: string;
  priority: bigint | number;
  created_at: Date;
  expires_at: Date | null;
  target_userid: bigint | number | null;
  payload: string;
}

type NewRow = ReturnType<typeof newRow>;

const COLUMNS = Prisma.raw(
  'event_type, priority, payload, created_at, expires_at, target_userid, idempotency_key, sent_by',
);

// A column holds more, a number of JavaScript's does not.
const LARGEST_ID = Number.MAX_SAFE_INTEGER;
// The databases begin with 1; with an id of its own a probe takes none from their sequence.
const NEVER_AN_ID = 0;
// Keeps one statement well below the databases' limits on parameters.
const OUTBOX_BATCH = 250;
const REVISIONS_BATCH = 1_000;

/** The client of a transaction that is under way. */
export type Transaction = Pick<Database, '$executeRaw'>;

/**
 * Reads and writes the tables `event`, `event_receipt`, `inbox` and `event_outbox`, on either database.
 * A database that is locked, full or away makes a call fail with what `toBelfryError` knows.
 */
export class EventStore {
  readonly #db: Database;
  readonly #now: () => Date;
  readonly #cleanUp: CleanUp;
  readonly #commits = new GroupCommit(
    (events: NewEvent[]) => this.#insert(this.#db, events.map(newRow)),
    (error) => toBelfryError(error) !== null,
  );

  /** @param now The clock that decides what has expired. Default: the server's. */
  constructor(db: Database, now: () => Date = () => new Date()) {
    this.#db = db;
    this.#now = now;
    this.#cleanUp = new CleanUp(db);
  }

  /**
   * Stores an event. Once this resolves it survives a crash. Concurrent calls share a commit.
   *
   * @returns The event with its id, and whether this call made it: with an `idempotencyKey` that was
   * used before, nothing is stored and the earlier event comes back, whatever the later one says.
   */
  async append(event: NewEvent): Promise<{ event: StoredEvent; isNew: boolean }> {
    const { idempotencyKey } = event;
    if (idempotencyKey !== undefined) return this.#appendOnce(event, idempotencyKey);
    return { event: await this.#commits.add(event), isNew: true };
  }

  /**
   * Stores an event in the caller's own transaction: it becomes an event, and gets its id, with the first
   * `publishOutbox` after the commit; after a roll-back it was never there. An `idempotencyKey` that was
   * used before, or is used again until then, keeps one of them.
   */
  async appendWithin(tx: Transaction, event: NewEvent): Promise<void> {
    await tx.$executeRaw`
      INSERT INTO event_outbox (${COLUMNS}) VALUES (${columnValues(newRow(event))})
      ON CONFLICT (idempotency_key) DO NOTHING`;
  }

  /**
   * Turns into events what was stored by `appendWithin` and has been committed. Several instances may do
   * so at once: each event is made once.
   *
   * @returns The new events, in the order of their ids.
   */
  async publishOutbox(): Promise<StoredEvent[]> {
    const published: StoredEvent[] = [];
    // Asked first: a transaction takes the write lock of the embedded database.
    while ((await this.#db.outboxEvent.findFirst({ select: { id: true } })) !== null) {
      published.push(...(await this.#db.$transaction((tx) => this.#publishSome(tx))));
    }
    return published;
  }

  async #publishSome(tx: Prisma.TransactionClient): Promise<StoredEvent[]> {
    // It holds the lock of all who send until it commits: an instance that vanishes must not keep it.
    if (isPostgresql(this.#db)) await tx.$executeRaw`SET LOCAL idle_in_transaction_session_timeout = 5000`;
    const found = await tx.outboxEvent.findMany({ orderBy: { id: 'asc' }, take: OUTBOX_BATCH });
    if (found.length === 0) return [];
    // Another instance may be at it: each row is deleted, and so published, by one of the two.
    const deleted = await tx.$queryRaw<{ id: bigint | number }[]>`
      DELETE FROM event_outbox WHERE id IN (${Prisma.join(found.map(({ id }) => id))}) RETURNING id`;
    const ours = new Set(deleted.map(({ id }) => Number(id)));
    const keys = found.flatMap(({ idempotencyKey }) => idempotencyKey ?? []);
    const used = await tx.event.findMany({
      where: { idempotencyKey: { in: keys } },
      select: { idempotencyKey: true },
    });
    const usedKeys = new Set(used.map(({ idempotencyKey }) => idempotencyKey));
    const rows = found.filter(
      ({ id, idempotencyKey }) => ours.has(Number(id)) && !usedKeys.has(idempotencyKey),
    );
    return rows.length === 0 ? [] : this.#insert(tx, rows);
  }

  // Not `createManyAndReturn`, which says the same: it takes many times the CPU (docs/performance.md).
  async #insert(db: Pick<Database, '$queryRaw'>, rows: readonly NewRow[]): Promise<StoredEvent[]> {
    const inserted = await db.$queryRaw<{ id: bigint | number }[]>`
      INSERT INTO event (${COLUMNS})
      ${isPostgresql(this.#db) ? rowsAsValues(rows) : rowsFromJson(rows)} RETURNING id`;
    // Ids are given in the order of the rows; the statement does not promise to return them so.
    const ids = inserted.map(({ id }) => Number(id)).sort((a, b) => a - b);
    return rows.map((row, index) => rowToEvent({ ...row, id: ids[index] as number }));
  }

  async #appendOnce(event: NewEvent, idempotencyKey: string) {
    const findEarlier = async () => {
      const row = await this.#db.event.findUnique({ where: { idempotencyKey } });
      return row && { event: rowToEvent(row), isNew: false };
    };
    const earlier = await findEarlier();
    if (earlier) return earlier;
    try {
      return { event: rowToEvent(await this.#db.event.create({ data: newRow(event) })), isNew: true };
    } catch (error) {
      // Another call with this key was faster.
      const winner = isUniqueViolation(error) ? await findEarlier() : null;
      if (winner) return winner;
      throw error;
    }
  }

  /**
   * Stores an event and removes it, in one transaction that is committed: that it resolves proves that events
   * can be stored. Nobody can see it in between. Fails as `append` would.
   */
  async proveStorable(): Promise<void> {
    await this.#db.$transaction(async (tx) => {
      if (isPostgresql(this.#db)) await assertMayTakeIds(tx);
      await tx.$executeRaw`
        INSERT INTO event (id, event_type, priority, payload, created_at)
        VALUES (${NEVER_AN_ID}, 'health', 0, '{}', ${this.#now()})`;
      await tx.$executeRaw`DELETE FROM event WHERE id = ${NEVER_AN_ID}`;
    });
  }

  /** What the user has not dismissed, with the totals, read in one statement and so as of one instant. */
  async readInbox(options: ReadInboxOptions): Promise<InboxPage> {
    const { userId, limit, order, eventTypes, knownId } = options;
    const beforeId = options.beforeId === undefined ? undefined : Math.min(options.beforeId, LARGEST_ID);
    const readAt = this.#now();
    const conditions = [
      beforeId === undefined ? Prisma.empty : Prisma.sql`AND u.id < ${beforeId}`,
      eventTypes === undefined
        ? Prisma.empty
        : Prisma.sql`AND u.event_type IN (${Prisma.join([...eventTypes])})`,
    ];
    const byUrgency = order === 'urgent' ? Prisma.sql`priority DESC,` : Prisma.empty;
    const rows = await this.#db.$queryRaw<InboxRow[]>`
      WITH reader AS (
        SELECT
          COALESCE((SELECT cleared_through_id FROM inbox WHERE user_id = ${userId}), 0) AS cleared_through_id,
          COALESCE((SELECT revision FROM inbox WHERE user_id = ${userId}), 0) AS revision,
          COALESCE((SELECT MAX(id) FROM event), 0) AS as_of,
          ${
            knownId === undefined ? Prisma.sql`1` : knowsId(canBeId(knownId) ? knownId : 0, userId)
          } AS knows_id
      ),
      unread AS (
        ${
          // A bare parameter here makes SQLite plan the page of a poll anew each time.
          undismissed(Prisma.sql`e.target_userid = CAST(${userId} AS INTEGER)`, userId, readAt)
        }
        UNION ALL
        ${undismissed(Prisma.sql`e.target_userid IS NULL`, userId, readAt)}
      ),
      total AS (
        SELECT COUNT(*) AS unread_total, MIN(expires_at) AS next_expires_at FROM unread
      ),
      page AS (
        SELECT u.id FROM unread u
        WHERE 1 = 1 ${conditions[0]} ${conditions[1]}
        ORDER BY ${order === 'urgent' ? Prisma.sql`u.priority DESC,` : Prisma.empty} u.id DESC
        LIMIT ${limit}
      )
      SELECT
        reader.revision, reader.as_of, reader.knows_id, total.unread_total, total.next_expires_at,
        shown.id, shown.event_type, shown.priority, shown.created_at, shown.expires_at, shown.target_userid,
        shown.payload
      FROM reader CROSS JOIN total LEFT JOIN (SELECT event.* FROM page JOIN event ON event.id = page.id) shown ON 1 = 1
      ORDER BY ${byUrgency} id DESC`;
    return pageFromRows(rows, readAt);
  }

  /** The totals alone. */
  async readInboxState(userId: number): Promise<InboxState> {
    const { events: _, knowsId: __, ...state } = await this.readInbox({ userId, limit: 0, order: 'newest' });
    return state;
  }

  /**
   * Dismisses events for this user alone. Ids that are unknown, somebody else's, or dismissed already
   * change nothing.
   *
   * @returns The ids that this call dismissed, and the revision that it made; null when it changed nothing.
   */
  async dismiss({
    userId,
    eventIds,
  }: {
    userId: number;
    eventIds: readonly number[];
  }): Promise<{ dismissed: number[]; revision: number } | null> {
    const ids = eventIds.filter(canBeId);
    if (ids.length === 0) return null;
    const dismissedAt = this.#now();
    return this.#db.$transaction(async (tx) => {
      const rows = await tx.$queryRaw<{ event_id: bigint | number }[]>`
        INSERT INTO event_receipt (user_id, event_id, dismissed_at)
        SELECT ${userId}, e.id, ${dismissedAt} FROM event e
        WHERE e.id IN (${Prisma.join(ids)})
          AND ${isAddressedTo(userId)}
          AND e.id > COALESCE((SELECT cleared_through_id FROM inbox WHERE user_id = ${userId}), 0)
        ON CONFLICT (user_id, event_id) DO NOTHING
        RETURNING event_id`;
      if (rows.length === 0) return null;
      const { revision } = await tx.inbox.upsert({
        where: { userId },
        create: { userId, revision: 1 },
        update: { revision: { increment: 1 } },
        select: { revision: true },
      });
      return { dismissed: rows.map((row) => Number(row.event_id)), revision };
    });
  }

  /**
   * Dismisses everything this user has now: one write, however many events there are.
   *
   * @returns The id up to which all is cleared, and the revision that this made.
   */
  async clear(userId: number): Promise<{ clearedThroughId: number; revision: number }> {
    const [row] = await this.#db.$queryRaw<
      { cleared_through_id: bigint | number; revision: bigint | number }[]
    >`
      INSERT INTO inbox (user_id, cleared_through_id, cleared_at, revision)
      VALUES (${userId}, COALESCE((SELECT MAX(id) FROM event), 0), ${this.#now()}, 1)
      ON CONFLICT (user_id) DO UPDATE SET
        -- Of two at once, the one that read less may write last.
        cleared_through_id = CASE WHEN excluded.cleared_through_id > inbox.cleared_through_id
          THEN excluded.cleared_through_id ELSE inbox.cleared_through_id END,
        cleared_at = excluded.cleared_at,
        revision = inbox.revision + 1
      RETURNING cleared_through_id, revision`;
    return { clearedThroughId: Number(row?.cleared_through_id), revision: Number(row?.revision) };
  }

  /** Of these users, those who ever dismissed or cleared, with their `revision` as of now. */
  async readRevisions(userIds: readonly number[]): Promise<Map<number, number>> {
    const revisions = new Map<number, number>();
    for (let at = 0; at < userIds.length; at += REVISIONS_BATCH) {
      const rows = await this.#db.inbox.findMany({
        where: { userId: { in: userIds.slice(at, at + REVISIONS_BATCH) } },
        select: { userId: true, revision: true },
      });
      for (const { userId, revision } of rows) revisions.set(userId, revision);
      await endOfTurn();
    }
    return revisions;
  }

  /** Stored events above `afterId`, oldest first: what a manager has to catch up on. */
  async readAfter({ afterId, limit }: { afterId: number; limit: number }): Promise<StoredEvent[]> {
    const rows = await this.#db.event.findMany({
      where: { id: { gt: afterId } },
      orderBy: { id: 'asc' },
      take: limit,
    });
    return rows.map(rowToEvent);
  }

  /** The highest event id, 0 when there is none. */
  async lastId(): Promise<number> {
    // Not an aggregate: PostgreSQL would read the whole table for Prisma's form of it.
    const newest = await this.#db.event.findFirst({ orderBy: { id: 'desc' }, select: { id: true } });
    return Number(newest?.id ?? 0);
  }

  /** The newest global events of one type, and how many users dismissed each. */
  async recentGlobal({ eventType, limit }: { eventType: string; limit: number }): Promise<SentEvent[]> {
    const rows = await this.#db.event.findMany({
      where: { targetUserId: null, eventType },
      orderBy: { id: 'desc' },
      take: limit,
    });
    const sent: SentEvent[] = [];
    for (const row of rows) {
      sent.push({
        ...rowToEvent(row),
        sentBy: row.sentBy,
        dismissedBy: await this.#countDismissals(row.id),
      });
      // With very many users a count takes a while, and the embedded database answers within one turn.
      await endOfTurn();
    }
    return sent;
  }

  // A user may both have dismissed the event and cleared beyond it later: count them once.
  async #countDismissals(eventId: bigint): Promise<number> {
    const [row] = await this.#db.$queryRaw<{ users: bigint | number }[]>`
      SELECT
        (SELECT COUNT(*) FROM inbox WHERE cleared_through_id >= ${eventId})
        + (SELECT COUNT(*) FROM event_receipt r WHERE r.event_id = ${eventId} AND NOT EXISTS (
            SELECT 1 FROM inbox i WHERE i.user_id = r.user_id AND i.cleared_through_id >= ${eventId}
          )) AS users`;
    return Number(row?.users ?? 0);
  }

  /**
   * Removes what nobody can be shown any more; see `CleanUp`. The newest event always stays.
   *
   * @param dismissedBefore What was dismissed or cleared before this may go.
   * @returns How many events were removed.
   */
  removeObsolete({ dismissedBefore }: { dismissedBefore: Date }): Promise<number> {
    return this.#cleanUp.run({ now: this.#now(), dismissedBefore });
  }
}

function undismissed(isAddressed: Prisma.Sql, userId: number, at: Date): Prisma.Sql {
  return Prisma.sql`
    SELECT e.id, e.event_type, e.priority, e.expires_at FROM event e
    WHERE ${isAddressed}
      AND e.id > (SELECT cleared_through_id FROM reader)
      AND ${notExpired(at)}
      AND NOT EXISTS (SELECT 1 FROM event_receipt r WHERE r.user_id = ${userId} AND r.event_id = e.id)`;
}

/** A right that is easily forgotten, and that inserting with an id of one's own does not need. */
async function assertMayTakeIds(tx: Pick<Database, '$queryRaw'>): Promise<void> {
  const [row] = await tx.$queryRaw<{ may: boolean }[]>`
    SELECT has_sequence_privilege(pg_get_serial_sequence('event', 'id'), 'USAGE') AS may`;
  if (row?.may) return;
  // As PostgreSQL itself would call it.
  throw Object.assign(new Error('permission denied for the sequence of event.id'), {
    originalCode: '42501',
  });
}

/** The SQL form of `!isExpired(event, at)`, for the table alias `e`. */
function notExpired(at: Date): Prisma.Sql {
  return Prisma.sql`(e.expires_at IS NULL OR e.expires_at > ${at})`;
}

/**
 * 1 when the user could have received the event with this id. One that was removed since may have been
 * theirs; an id above all others is of another history.
 */
function knowsId(id: number, userId: number): Prisma.Sql {
  return Prisma.sql`
    CASE WHEN EXISTS (SELECT 1 FROM event e WHERE e.id = ${id})
      THEN (SELECT COUNT(*) FROM event e WHERE e.id = ${id} AND ${isAddressedTo(userId)})
      WHEN CAST(${id} AS BIGINT) BETWEEN 1 AND (SELECT MAX(id) FROM event) THEN 1
      ELSE 0
    END`;
}

function isAddressedTo(userId: number): Prisma.Sql {
  return Prisma.sql`(e.target_userid IS NULL OR e.target_userid = ${userId})`;
}

function pageFromRows(rows: InboxRow[], readAt: Date): InboxPage {
  const [first] = rows;
  if (!first) throw new RangeError('The inbox query returned no row.');
  return {
    unreadTotal: Number(first.unread_total),
    asOf: Number(first.as_of),
    revision: Number(first.revision),
    readAt,
    nextExpiresAt: toDate(first.next_expires_at),
    knowsId: Number(first.knows_id) === 1,
    events: rows.flatMap((row) =>
      row.id === null ? [] : [rowToEvent(eventRowFromRaw({ ...row, id: row.id }))],
    ),
  };
}

// Raw queries give integers as bigint when no column declares their type.
function eventRowFromRaw(row: InboxRow & { id: bigint | number }): EventRow {
  return {
    id: row.id,
    eventType: row.event_type,
    priority: Number(row.priority),
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    targetUserId: row.target_userid === null ? null : Number(row.target_userid),
    payload: row.payload,
  };
}

function toDate(value: Date | bigint | number | null): Date | null {
  return value === null || value instanceof Date ? value : new Date(Number(value));
}

/** Many rows, with a parameter for each column. */
function rowsAsValues(rows: readonly NewRow[]): Prisma.Sql {
  return Prisma.sql`VALUES ${Prisma.join(rows.map((row) => Prisma.sql`(${columnValues(row)})`))}`;
}

/**
 * The same as one parameter, in SQLite's dialect: Prisma handles every single parameter, which takes more
 * CPU than storing the row.
 */
function rowsFromJson(rows: readonly NewRow[]): Prisma.Sql {
  const values = rows.map((row) => [
    row.eventType,
    row.priority,
    row.payload,
    row.createdAt.getTime(),
    row.expiresAt?.getTime() ?? null,
    row.targetUserId,
    row.idempotencyKey,
    row.sentBy,
  ]);
  return Prisma.sql`
    SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7
    FROM json_each(${JSON.stringify(values)})`;
}

function newRow(event: NewEvent) {
  const { idempotencyKey = null, sentBy = null } = event;
  return { ...eventToRow(event), idempotencyKey, sentBy };
}

/** The values of `COLUMNS`, in their order. */
function columnValues(row: NewRow): Prisma.Sql {
  return Prisma.sql`${row.eventType}, ${row.priority}, ${row.payload}, ${row.createdAt}, ${row.expiresAt},
    ${row.targetUserId}, ${row.idempotencyKey}, ${row.sentBy}`;
}

/** Whether an id that a client names could be an event's. */
function canBeId(id: number): boolean {
  return Number.isInteger(id) && id > 0 && id <= LARGEST_ID;
}

function isUniqueViolation(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'P2002';
}
