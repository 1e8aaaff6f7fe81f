/**
 * The log of what happened: the tables `event` and `event_outbox`, of which this is the only writer, with
 * clean-up. The database is the truth; whatever goes over the bus or down a stream is a hint about it.
 */
import type { StoredEvent } from '../protocol/event.ts';
import {
  join,
  letGoWhenSilent,
  limitTo,
  type Sql,
  type SqlDatabase,
  type SqlRunner,
  sql,
  toDate,
  toNumber,
} from './database.ts';
import {
  EVENT_COLUMNS,
  type EventRow,
  insertRows,
  type NewEvent,
  type NewRow,
  newRow,
  rowToEvent,
} from './event-row.ts';
import { GroupCommit } from './group-commit.ts';

export type { NewEvent } from './event-row.ts';

/** What came of storing one sending. */
export interface Appended {
  /** In the order in which they were given. */
  events: StoredEvent[];
  /** False when an idempotency key was used before: then these are the earlier events, whatever the later ones say. */
  isNew: boolean;
}

interface OutboxRow {
  id: bigint | number;
  event_type: string;
  priority: bigint | number;
  payload: string;
  created_at: Date;
  expires_at: Date | null;
  target_userid: bigint | number | null;
  topic_id: bigint | number | null;
  idempotency_key: string | null;
  sent_by: string | null;
}

// The databases begin with 1; with an id of its own a probe takes none from their sequence.
const NEVER_AN_ID = 0;
const OUTBOX_BATCH = 250;
const NO_LIMIT = 1_000_000;

/** A database that is locked, full or away makes a call fail with its library's own error. */
export class EventLog {
  readonly #database: SqlDatabase;
  readonly #now: () => Date;
  readonly #commits: GroupCommit<NewEvent, StoredEvent>;

  /** @param now The server's clock. */
  constructor(database: SqlDatabase, now: () => Date = () => new Date()) {
    this.#database = database;
    this.#now = now;
    this.#commits = new GroupCommit(
      (events) => this.#insert(events),
      (error) => database.isUnavailable(error),
    );
  }

  /**
   * Stores an event, or one for each of several people with one statement. Once this resolves they survive a
   * crash. Concurrent calls share a commit.
   */
  async append(events: readonly NewEvent[]): Promise<Appended> {
    const [first] = events;
    if (first === undefined) return { events: [], isNew: true };
    if (first.idempotencyKey !== undefined) return this.#appendOnce(events);
    if (events.length === 1) return { events: [await this.#commits.add(first)], isNew: true };
    return { events: await this.#insert(events), isNew: true };
  }

  /**
   * Stores events in the caller's own transaction: they become events, and get their ids, with the first
   * `publishOutbox` after the commit; after a roll-back they were never there. An `idempotencyKey` that was
   * used before, or is used again until then, keeps one of them.
   */
  async appendWithin(tx: SqlRunner, events: readonly NewEvent[]): Promise<void> {
    await insertRows(tx, 'event_outbox', toRows(events));
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
    while ((await this.#database.query(sql`SELECT id FROM event_outbox LIMIT 1`)).length > 0) {
      published.push(...(await this.#database.transaction((tx) => this.#publishSome(tx))));
    }
    return published;
  }

  async #publishSome(tx: SqlRunner): Promise<StoredEvent[]> {
    // It holds the lock of all who send until it commits.
    await letGoWhenSilent(tx);
    // Another instance may be at it: each row is deleted, and so published, by one of the two.
    const taken = await tx.query<OutboxRow>(sql`
      DELETE FROM event_outbox
      WHERE id IN (SELECT id FROM event_outbox ORDER BY id ${limitTo(OUTBOX_BATCH)})
      RETURNING *`);
    if (taken.length === 0) return [];
    const rows = taken.sort((a, b) => toNumber(a.id) - toNumber(b.id)).map(outboxRowToNew);
    const ids = await insertRows(tx, 'event', rows);
    return ids.length === 0 ? [] : readWhere(tx, sql`e.id IN (${join(ids)})`);
  }

  async #insert(events: readonly NewEvent[]): Promise<StoredEvent[]> {
    const ids = await insertRows(this.#database, 'event', toRows(events));
    return events.map((event, at) => stored(event, ids[at] as number));
  }

  async #appendOnce(events: readonly NewEvent[]): Promise<Appended> {
    const keys = events.flatMap((event, at) => siblingKey(event, at) ?? []);
    const findEarlier = async () => {
      const earlier = await readWhere(this.#database, sql`e.idempotency_key IN (${join(keys)})`);
      return earlier.length === 0 ? null : { events: earlier, isNew: false };
    };
    const earlier = await findEarlier();
    if (earlier) return earlier;
    const ids = await insertRows(this.#database, 'event', toRows(events));
    if (ids.length === events.length) {
      return { events: events.map((event, at) => stored(event, ids[at] as number)), isNew: true };
    }
    // Another call with this key was faster.
    return (await findEarlier()) ?? { events: [], isNew: false };
  }

  /**
   * Stores an event and removes it, in one transaction that is committed: that it resolves proves that events
   * can be stored. Nobody can see it in between. Fails as `append` would.
   */
  async proveStorable(): Promise<void> {
    await this.#database.transaction(async (tx) => {
      if (tx.dialect === 'postgresql') await assertMayTakeIds(tx);
      await tx.execute(sql`
        INSERT INTO event (id, event_type, priority, payload, created_at)
        VALUES (${NEVER_AN_ID}, 'health', 0, '{}', ${this.#now()})`);
      await tx.execute(sql`DELETE FROM event WHERE id = ${NEVER_AN_ID}`);
    });
  }

  /** Stored events above `afterId`, oldest first: what an instance has to catch up on. */
  readAfter({ afterId, limit }: { afterId: number; limit: number }): Promise<StoredEvent[]> {
    return readWhere(this.#database, sql`e.id > ${afterId}`, limit);
  }

  /** The highest event id, 0 when there is none. */
  lastId(): Promise<number> {
    return lastIdIn(this.#database);
  }
}

/** The highest event id, 0 when there is none. */
export async function lastIdIn(runner: SqlRunner): Promise<number> {
  const [row] = await runner.query<{ id: bigint | number | null }>(sql`SELECT MAX(id) AS id FROM event`);
  return toNumber(row?.id);
}

/** Oldest first. */
async function readWhere(runner: SqlRunner, condition: Sql, limit = NO_LIMIT): Promise<StoredEvent[]> {
  const rows = await runner.query<EventRow>(sql`
    SELECT ${EVENT_COLUMNS} FROM event e
    WHERE ${condition} ORDER BY e.id ${limitTo(limit)}`);
  return rows.map(rowToEvent);
}

/** Events of one sending share their payload, which is often long. */
function toRows(events: readonly NewEvent[]): NewRow[] {
  const texts = new Map<unknown, string>();
  return events.map((event, at) => {
    const text = texts.get(event.payload) ?? JSON.stringify(event.payload);
    texts.set(event.payload, text);
    return newRow({ ...event, idempotencyKey: siblingKey(event, at) }, text);
  });
}

/** Each event of a sending has a key of its own, so that each is kept once. */
function siblingKey({ idempotencyKey, target }: NewEvent, at: number): string | undefined {
  // A line break ends what a caller can name.
  return at === 0 || idempotencyKey === undefined ? idempotencyKey : `${idempotencyKey}\n${target}`;
}

function stored({ idempotencyKey: _, sentBy: __, ...event }: NewEvent, id: number): StoredEvent {
  return { ...event, id };
}

function outboxRowToNew(row: OutboxRow): NewRow {
  return [
    row.event_type,
    toNumber(row.priority),
    row.payload,
    (toDate(row.created_at) as Date).getTime(),
    toDate(row.expires_at)?.getTime() ?? null,
    row.target_userid === null ? null : toNumber(row.target_userid),
    row.topic_id === null ? null : toNumber(row.topic_id),
    row.idempotency_key,
    row.sent_by,
  ];
}

/** A right that is easily forgotten, and that inserting with an id of one's own does not need. */
async function assertMayTakeIds(tx: SqlRunner): Promise<void> {
  const [row] = await tx.query<{ may: boolean }>(sql`
    SELECT has_sequence_privilege(pg_get_serial_sequence('event', 'id'), 'USAGE') AS may`);
  if (row?.may) return;
  // As PostgreSQL itself would call it.
  throw Object.assign(new Error('permission denied for the sequence of event.id'), {
    originalCode: '42501',
  });
}
