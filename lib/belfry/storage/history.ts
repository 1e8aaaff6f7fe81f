/**
 * Whether the database is still the one that it was. A position that a client has reached is good within one history: a
 * stretch of time over which nothing that was stored was lost. Every start begins a new one that continues the one
 * before; a database that turns out to be another (a restored back-up, ids used again) one that continues none.
 */
import { randomInt } from 'node:crypto';
import type { InboxState } from '../protocol/inbox-state.ts';
import { type SqlDatabase, type SqlRunner, sql, toDate, toNumber } from './database.ts';

// A position of before so many starts is too old to be worth continuing.
const MOST_KEPT = 1_000;
const NAME_LENGTH = 12;
const NAME_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
// Two that begin at once do so one after the other: the later one stands on all that the earlier one did.
const BEGIN_LOCK = 4_270_014;

/** What a look at the database found: all as before; a newer history, which continues ours; another database. */
export type Finding = 'same' | 'adopted' | 'broken';

/** The highest ids known, of events and of changes. */
export interface Highest {
  eventId: number;
  revision: number;
  /** Which of the databases that this process has found in its place they are of; `null`: of whichever is there. */
  database: number | null;
}

/** An event or a change that was stored: its id or revision, and when it happened. */
export interface Stored {
  id: number;
  at: Date;
}

/** What may be replaced in tests. */
export interface HistoryOptions {
  /** What the database stands on, as a text that changes when it is another. Default: PostgreSQL's own account of itself. */
  ground?: () => Promise<string>;
  now?: () => Date;
}

interface Segment {
  id: number;
  name: string;
  afterEventId: number;
  afterRevision: number;
}

// The newest of a table, as far as this process knows.
interface Tail {
  id: number;
  at: number | null;
}

type Time = Date | bigint | number | string | null;
type Integer = bigint | number | null;

/** One per database and process. Nothing but `begin` may be called before `begin` has resolved. */
export class History {
  readonly #db: SqlDatabase;
  readonly #readGround: () => Promise<string>;
  readonly #now: () => Date;
  // In the order of their ids; the last one is ours.
  #segments: Segment[] = [];
  #current: Segment | undefined;
  #ground = '';
  #event: Tail = { id: 0, at: null };
  #change: Tail = { id: 0, at: null };
  #highest: Highest = { eventId: 0, revision: 0, database: 0 };
  #databases = 0;
  #proven = false;
  #checking: Promise<Finding> | undefined;

  constructor(db: SqlDatabase, options: HistoryOptions = {}) {
    this.#db = db;
    this.#readGround = options.ground ?? (() => groundOf(db));
    this.#now = options.now ?? (() => new Date());
  }

  /** The history that positions given out now belong to. */
  get current(): { readonly name: string } {
    if (!this.#current) throw new Error('No history has begun.');
    return this.#current;
  }

  /** The highest ids known. To be taken before a statement that is given new ones: see `note`. */
  get highest(): Highest {
    return this.#highest;
  }

  /** Begins a history that continues whatever the database holds. Once, at the start. */
  async begin(): Promise<void> {
    this.#ground = await this.#readGround();
    await this.#beginNew({ continues: true });
  }

  /**
   * Finds out whether the database is still the one it was: to be called every two seconds, and when `note` says so.
   * Calls at once share one look. After `broken`, whatever was remembered of the database is worthless, and a new
   * history is current already. Errors are the database's; nothing has changed then.
   *
   * @param onBroken Called in the instant in which the new history becomes current, before anything else runs; `highest` is
   *   its own by then.
   */
  check(onBroken: () => void = () => {}): Promise<Finding> {
    this.#checking ??= this.#check(onBroken).finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  /**
   * What this process was given by a statement of its own, once that has committed, or heard of.
   *
   * @param before What `highest` was when the statement was begun.
   * @returns Whether it is above that. If not, ids are used again: the database is another, and `check` will say so. What
   *   was begun before another one was found tells nothing.
   */
  note({ event, change }: { event?: Stored; change?: Stored }, before: Highest): boolean {
    if (before.database !== null && before.database !== this.#databases) return true;
    const isAbove =
      (event === undefined || event.id > before.eventId) &&
      (change === undefined || change.id > before.revision);
    if (!isAbove) {
      this.#proven = true;
      return false;
    }
    // Until the next look clients know of it, and it is what that look has to find.
    if (event) this.#event = later(this.#event, { id: event.id, at: event.at.getTime() });
    if (change) this.#change = later(this.#change, { id: change.id, at: change.at.getTime() });
    this.#raise({ eventId: event?.id ?? 0, revision: change?.id ?? 0 });
    return true;
  }

  /**
   * Whether a position may be continued from: every history since its own began at or above it, and it is not ahead of
   * what is stored. Within the current history it costs no statement, unless it is ahead of what this process knows.
   */
  async continues(state: InboxState): Promise<boolean> {
    let index = this.#segments.findIndex(({ name }) => name === state.history);
    if (index < 0) {
      // Another instance may have begun it.
      const segments = await readSegments(this.#db);
      index = segments.findIndex(({ name }) => name === state.history);
      return index >= 0 && this.#isWithin(state, segments.slice(index + 1));
    }
    return this.#isWithin(state, this.#segments.slice(index + 1));
  }

  async #isWithin({ eventId, revision }: InboxState, later: readonly Segment[]): Promise<boolean> {
    if (later.some(({ afterEventId, afterRevision }) => afterEventId < eventId || afterRevision < revision)) {
      return false;
    }
    if (eventId <= this.#highest.eventId && revision <= this.#highest.revision) return true;
    const [row] = await this.#db.query<{ eventId: Integer; revision: Integer }>(sql`SELECT
      (SELECT MAX("id") FROM "belfry_event") AS "eventId", (SELECT MAX("revision") FROM "belfry_inbox_change") AS "revision"`);
    return eventId <= toNumber(row?.eventId) && revision <= toNumber(row?.revision);
  }

  async #check(onBroken: () => void): Promise<Finding> {
    const ours = this.#current;
    if (!ours) throw new Error('No history has begun.');
    const ground = await this.#readGround();
    // Before the look: what is noted meanwhile may be newer than it.
    const known = this.#highest;
    const [event, change] = [this.#event, this.#change];
    const found = await this.#look();
    const newer = found.newestHistoryId > ours.id ? await readSegments(this.#db) : undefined;
    const isBroken =
      this.#proven ||
      ground !== this.#ground ||
      !found.hasOurs ||
      found.event.id < known.eventId ||
      found.change.id < known.revision ||
      isAnother(event, found.eventAt) ||
      isAnother(change, found.changeAt);
    if (isBroken) {
      await this.#beginNew({ continues: false, onBegun: onBroken });
      this.#ground = ground;
      return 'broken';
    }
    this.#stand(found);
    const newest = newer?.at(-1);
    if (!newer || !newest) return 'same';
    this.#segments = newer;
    this.#current = newest;
    if (newer.every((segment) => segment.id <= ours.id || continuesAnother(segment))) return 'adopted';
    this.#databases += 1;
    this.#raise({ eventId: 0, revision: 0 });
    onBroken();
    return 'broken';
  }

  async #look(on: SqlRunner = this.#db) {
    const [row] = await on.query<{
      eventId: Integer;
      newestEventAt: Time;
      eventAt: Time;
      revision: Integer;
      newestChangeAt: Time;
      changeAt: Time;
      newestHistoryId: Integer;
      ours: Integer;
    }>(sql`SELECT
      (SELECT MAX("id") FROM "belfry_event") AS "eventId",
      (SELECT "created_at" FROM "belfry_event" ORDER BY "id" DESC LIMIT 1) AS "newestEventAt",
      (SELECT "created_at" FROM "belfry_event" WHERE "id" = ${this.#event.id}) AS "eventAt",
      (SELECT MAX("revision") FROM "belfry_inbox_change") AS "revision",
      (SELECT "at" FROM "belfry_inbox_change" ORDER BY "revision" DESC LIMIT 1) AS "newestChangeAt",
      (SELECT "at" FROM "belfry_inbox_change" WHERE "revision" = ${this.#change.id}) AS "changeAt",
      (SELECT MAX("id") FROM "belfry_history") AS "newestHistoryId",
      (SELECT COUNT(*) FROM "belfry_history" WHERE "name" = ${this.#current?.name ?? ''}) AS "ours"`);
    return {
      event: { id: toNumber(row?.eventId), at: millisecondsOf(row?.newestEventAt) },
      eventAt: millisecondsOf(row?.eventAt),
      change: { id: toNumber(row?.revision), at: millisecondsOf(row?.newestChangeAt) },
      changeAt: millisecondsOf(row?.changeAt),
      newestHistoryId: toNumber(row?.newestHistoryId),
      hasOurs: toNumber(row?.ours) > 0,
    };
  }

  #stand({ event, change }: { event: Tail; change: Tail }): void {
    this.#event = later(this.#event, event);
    this.#change = later(this.#change, change);
    this.#raise({ eventId: event.id, revision: change.id });
  }

  #raise({ eventId, revision }: { eventId: number; revision: number }): void {
    this.#highest = {
      eventId: Math.max(this.#highest.eventId, eventId),
      revision: Math.max(this.#highest.revision, revision),
      database: this.#databases,
    };
  }

  async #beginNew({ continues, onBegun }: { continues: boolean; onBegun?: () => void }): Promise<void> {
    const name = randomName();
    // Below all positions: none is continued, not even that of an empty database.
    const { segments, found } = await this.#db.transaction(async (tx) => {
      if (tx.dialect === 'postgresql') {
        await tx.query(
          sql`SELECT CAST(pg_advisory_xact_lock(CAST(${BEGIN_LOCK} AS BIGINT)) AS TEXT) AS "locked"`,
        );
      }
      const eventId = continues ? sql`COALESCE((SELECT MAX("id") FROM "belfry_event"), 0)` : sql`-1`;
      const revision = continues
        ? sql`COALESCE((SELECT MAX("revision") FROM "belfry_inbox_change"), 0)`
        : sql`-1`;
      await tx.execute(sql`INSERT INTO "belfry_history" ("name", "began_at", "after_event_id", "after_revision")
        VALUES (${name}, ${this.#now()}, ${eventId}, ${revision})`);
      await tx.execute(
        sql`DELETE FROM "belfry_history" WHERE "id" <= (SELECT MAX("id") FROM "belfry_history") - ${MOST_KEPT}`,
      );
      return { segments: await readSegments(tx), found: await this.#look(tx) };
    });
    this.#segments = segments;
    this.#current = segments.find((segment) => segment.name === name);
    // What was known was another database's.
    this.#proven = false;
    this.#event = { id: 0, at: null };
    this.#change = { id: 0, at: null };
    this.#databases += 1;
    this.#highest = { eventId: 0, revision: 0, database: this.#databases };
    this.#stand(found);
    onBegun?.();
  }
}

function later(known: Tail, given: Tail): Tail {
  return given.id > known.id ? given : known;
}

// Also when it is gone: clean-up leaves the newest, and an id that nothing has now may have been given out again.
function isAnother(tail: Tail, at: number | null): boolean {
  return tail.id > 0 && at !== tail.at;
}

function continuesAnother({ afterEventId, afterRevision }: Segment): boolean {
  return afterEventId >= 0 && afterRevision >= 0;
}

async function readSegments(on: SqlRunner): Promise<Segment[]> {
  const rows = await on.query<{ id: Integer; name: string; afterEventId: Integer; afterRevision: Integer }>(
    sql`SELECT "id", "name", "after_event_id" AS "afterEventId", "after_revision" AS "afterRevision"
      FROM "belfry_history" ORDER BY "id"`,
  );
  return rows.map(({ id, name, afterEventId, afterRevision }) => ({
    id: toNumber(id),
    name,
    afterEventId: toNumber(afterEventId),
    afterRevision: toNumber(afterRevision),
  }));
}

// On SQLite whoever opens the file watches whether it is still the same file.
async function groundOf(db: SqlDatabase): Promise<string> {
  if (db.dialect === 'sqlite') return '';
  // Some providers keep the account of the server's files to themselves.
  const [may] = await db.query<{ ask: boolean }>(sql`SELECT
    has_function_privilege('pg_control_system()', 'EXECUTE') AS "ask"`);
  // The timeline adds nothing to the time of the start, and is told there only after the next checkpoint.
  const files = may?.ask ? sql`(SELECT CAST(system_identifier AS TEXT) FROM pg_control_system())` : sql`''`;
  const [row] = await db.query<{ ground: string }>(sql`SELECT ${files}
    || ' ' || CAST(EXTRACT(EPOCH FROM pg_postmaster_start_time()) AS TEXT)
    || ' ' || (SELECT CAST(oid AS TEXT) FROM pg_database WHERE datname = current_database()) AS "ground"`);
  return row?.ground ?? '';
}

function millisecondsOf(time: Time | undefined): number | null {
  return toDate(time)?.getTime() ?? null;
}

function randomName(): string {
  return Array.from({ length: NAME_LENGTH }, () => NAME_CHARACTERS[randomInt(NAME_CHARACTERS.length)]).join(
    '',
  );
}
