/**
 * The log of what happened: the tables `belfry_event` and `belfry_event_outbox`, of which this is the only writer, with
 * clean-up. The database is the truth; whatever goes over the bus or down a stream is a hint about it.
 */
import { type Audience, namedUsers } from '../protocol/audience.ts';
import { type Addressed, EVERYBODY, type StoredEvent } from '../protocol/event.ts';
import { PRIORITIES, type Priority, priorityRank } from '../protocol/priority.ts';
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
  textsOf,
} from './event-row.ts';
import { GroupCommit } from './group-commit.ts';
import { Recipients } from './recipients.ts';
import { Topics } from './topics.ts';

export type { NewEvent } from './event-row.ts';

/** Something that is sent within a transaction of the caller's, to whom it is in the caller's words. */
export interface NewSending extends Omit<NewEvent, 'id' | keyof Addressed> {
  audience: Audience;
}

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
  user_ids: string | null;
  topic: string | null;
  idempotency_key: string | null;
  sent_by: string | null;
  payload_version: bigint | number;
  content: string | null;
  group_key: string | null;
  question_id: string | null;
}

// The databases begin with 1; with an id of its own a probe takes none from their sequence.
const NEVER_AN_ID = 0;
const OUTBOX_BATCH = 250;
// The ids of some ten thousand people: what becomes of them is held in memory.
const OUTBOX_BATCH_CHARACTERS = 500_000;
const NO_LIMIT = 1_000_000;

/** A database that is locked, full or away makes a call fail with its library's own error. */
export class EventLog {
  readonly #database: SqlDatabase;
  readonly #now: () => Date;
  readonly #recipients: Recipients;
  readonly #topics: Topics;
  readonly #commits: GroupCommit<NewEvent, StoredEvent>;

  /**
   * @param now The server's clock.
   * @param people What is known of recipients and topics, where others know it as well.
   */
  constructor(
    database: SqlDatabase,
    now: () => Date = () => new Date(),
    people: { recipients: Recipients; topics: Topics } = peopleOf(database),
  ) {
    this.#database = database;
    this.#now = now;
    this.#recipients = people.recipients;
    this.#topics = people.topics;
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
   * Stores what is sent in the caller's own transaction: it becomes events, and gets its ids, with the first
   * `publishOutbox` after the commit; after a roll-back it was never there. An `idempotencyKey` that was
   * used before, or is used again until then, keeps one of them.
   *
   * One statement, asked before this returns: on a connection whose transactions are synchronous it is part of the one
   * that is open now.
   */
  async appendWithin(tx: SqlRunner, sending: NewSending): Promise<void> {
    const { eventType, priority, createdAt, expiresAt, idempotencyKey, sentBy } = sending;
    const { payloadVersion = 1, groupKey = null, questionId = null } = sending;
    const { payload, content } = textsOf(sending);
    const { userIds, topic } = wordsOf(sending.audience);
    await tx.execute(sql`
      INSERT INTO belfry_event_outbox (event_type, user_ids, topic, priority, payload, created_at, expires_at,
        idempotency_key, sent_by, payload_version, content, group_key, question_id)
      VALUES (${eventType}, ${userIds}, ${topic}, ${priorityRank(priority)}, ${payload}, ${createdAt},
        ${expiresAt}, ${idempotencyKey ?? null}, ${sentBy ?? null}, ${payloadVersion}, ${content}, ${groupKey}, ${questionId})
      ON CONFLICT (idempotency_key) DO NOTHING`);
  }

  /** Whether something was sent with this idempotency key, and is kept. */
  async hasKey(key: string): Promise<boolean> {
    const found = await this.#database.query(sql`
      SELECT id FROM belfry_event WHERE idempotency_key = ${key}
      UNION ALL SELECT id FROM belfry_event_outbox WHERE idempotency_key = ${key}`);
    return found.length > 0;
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
    while ((await this.#database.query(sql`SELECT id FROM belfry_event_outbox LIMIT 1`)).length > 0) {
      published.push(...(await this.#database.transaction((tx) => this.#publishSome(tx))));
    }
    return published;
  }

  async #publishSome(tx: SqlRunner): Promise<StoredEvent[]> {
    // It holds the lock of all who send until it commits.
    await letGoWhenSilent(tx);
    const waiting = await tx.query<{ id: bigint | number; length: bigint | number | null }>(sql`
      SELECT id, LENGTH(user_ids) AS length FROM belfry_event_outbox ORDER BY id ${limitTo(OUTBOX_BATCH)}`);
    const chosen = firstOf(waiting, ({ length }) => toNumber(length), OUTBOX_BATCH_CHARACTERS);
    if (chosen.length === 0) return [];
    // Another instance may be at it: each row is deleted, and so published, by one of the two.
    const taken = await tx.query<OutboxRow>(sql`
      DELETE FROM belfry_event_outbox WHERE id IN (${join(chosen.map(({ id }) => id))}) RETURNING *`);
    taken.sort((a, b) => toNumber(a.id) - toNumber(b.id));
    const rows: NewRow[] = [];
    for (const row of taken) rows.push(...toRows(await this.#address(row, tx)));
    const ids = rows.length === 0 ? [] : await insertRows(tx, rows);
    return ids.length === 0 ? [] : readWhere(tx, sql`e.id IN (${join(ids)})`);
  }

  /** An event for each of those whom it is for. */
  async #address(row: OutboxRow, tx: SqlRunner): Promise<NewEvent[]> {
    const event = outboxRowToEvent(row);
    if (row.topic !== null) return [{ ...event, topicId: await this.#topics.idOf(row.topic, tx) }];
    if (row.user_ids === null) return [event];
    const userIds: string[] = JSON.parse(row.user_ids);
    const ids = await this.#recipients.idsOf(userIds, tx);
    return userIds.map((target) => ({ ...event, targetUserId: ids.get(target) as number, target }));
  }

  async #insert(events: readonly NewEvent[]): Promise<StoredEvent[]> {
    const ids = await insertRows(this.#database, toRows(events));
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
    const ids = await insertRows(this.#database, toRows(events));
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
        INSERT INTO belfry_event (id, event_type, priority, payload, created_at)
        VALUES (${NEVER_AN_ID}, 'health', 0, '{}', ${this.#now()})`);
      await tx.execute(sql`DELETE FROM belfry_event WHERE id = ${NEVER_AN_ID}`);
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
  const [row] = await runner.query<{ id: bigint | number | null }>(
    sql`SELECT MAX(id) AS id FROM belfry_event`,
  );
  return toNumber(row?.id);
}

/** Oldest first. */
async function readWhere(runner: SqlRunner, condition: Sql, limit = NO_LIMIT): Promise<StoredEvent[]> {
  const rows = await runner.query<EventRow>(sql`
    SELECT ${EVENT_COLUMNS} FROM belfry_event e
    WHERE ${condition} ORDER BY e.id ${limitTo(limit)}`);
  return rows.map(rowToEvent);
}

/** Events of one sending share what they say, which is often long. */
function toRows(events: readonly NewEvent[]): NewRow[] {
  const known = new Map<unknown, ReturnType<typeof textsOf>>();
  return events.map((event, at) => {
    const texts = known.get(event.payload) ?? textsOf(event);
    known.set(event.payload, texts);
    return newRow({ ...event, idempotencyKey: siblingKey(event, at) }, texts);
  });
}

/** Each event of a sending has a key of its own, so that each is kept once. */
function siblingKey({ idempotencyKey, target }: NewEvent, at: number): string | undefined {
  // A line break ends what a caller can name.
  return at === 0 || idempotencyKey === undefined ? idempotencyKey : `${idempotencyKey}\n${target}`;
}

/** As it would be read back. */
function stored({ idempotencyKey: _, sentBy: __, ...event }: NewEvent, id: number): StoredEvent {
  const { payloadVersion = 1, content = null, groupKey = null, questionId = null } = event;
  return { ...event, payloadVersion, content, groupKey, questionId, id };
}

function outboxRowToEvent(row: OutboxRow): NewEvent {
  return {
    ...EVERYBODY,
    id: null,
    eventType: row.event_type,
    priority: PRIORITIES[toNumber(row.priority)] as Priority,
    payload: JSON.parse(row.payload),
    createdAt: toDate(row.created_at) as Date,
    expiresAt: toDate(row.expires_at),
    idempotencyKey: row.idempotency_key ?? undefined,
    sentBy: row.sent_by ?? undefined,
    payloadVersion: toNumber(row.payload_version),
    content: row.content === null ? null : JSON.parse(row.content),
    groupKey: row.group_key,
    questionId: row.question_id,
  };
}

function wordsOf(audience: Audience): { userIds: string | null; topic: string | null } {
  if (audience === 'everyone') return { userIds: null, topic: null };
  if ('topic' in audience) return { userIds: null, topic: audience.topic };
  return { userIds: JSON.stringify(namedUsers(audience)), topic: null };
}

function peopleOf(database: SqlDatabase) {
  const recipients = new Recipients(database);
  return { recipients, topics: new Topics(database, recipients) };
}

/** As many from the beginning as fit, and one at least. */
function firstOf<T>(all: readonly T[], sizeOf: (one: T) => number, room: number): T[] {
  let size = 0;
  const end = all.findIndex((one, at) => {
    size += sizeOf(one);
    return at > 0 && size > room;
  });
  return end < 0 ? [...all] : all.slice(0, end);
}

/** A right that is easily forgotten, and that inserting with an id of one's own does not need. */
async function assertMayTakeIds(tx: SqlRunner): Promise<void> {
  const [row] = await tx.query<{ may: boolean }>(sql`
    SELECT has_sequence_privilege(pg_get_serial_sequence('belfry_event', 'id'), 'USAGE') AS may`);
  if (row?.may) return;
  // As PostgreSQL itself would call it.
  throw Object.assign(new Error('permission denied for the sequence of event.id'), {
    originalCode: '42501',
  });
}
