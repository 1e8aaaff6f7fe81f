/**
 * Whether the database is still the one that it was. A position (protocol/inbox-state.ts) is good within one history
 * of it: as long as what was stored since is known to be what was there before and more.
 *
 * Each start begins a history that continues the one before, from where that had come to: what a back-up has lost was
 * after that. A history that was begun because the database turned out to be another one continues nothing.
 */
import { randomBytes } from 'node:crypto';
import type { InboxState } from '../protocol/inbox-state.ts';
import { type SqlDatabase, type SqlRunner, sql, toDate, toNumber } from './database.ts';
import { lastIdIn } from './event-log.ts';

interface HistoryRow {
  id: bigint | number;
  name: string;
  after_event_id: bigint | number;
  after_revision: bigint | number;
}

/** The newest that there is of something that is numbered, and when it was made. */
interface Newest {
  id: number;
  at: number;
}

/** What a history stands on. */
interface Ground {
  /** What the server says of itself. */
  server: string;
  event: Newest;
  change: Newest;
}

export interface HistoryOptions {
  now?: () => Date;
  /** What a database server says of itself; it changes when that is another one, or was away. Default: PostgreSQL's own numbers. */
  readServer?: (runner: SqlRunner) => Promise<string>;
}

const MOST_KEPT = 1_000;

/** One for each process. */
export class History {
  readonly #database: SqlDatabase;
  readonly #now: () => Date;
  readonly #readServer: (runner: SqlRunner) => Promise<string>;
  #current: { id: number; name: string } = { id: 0, name: 'none' };
  #ground: Ground | null = null;

  constructor(
    database: SqlDatabase,
    { now = () => new Date(), readServer = readServerOf }: HistoryOptions = {},
  ) {
    this.#database = database;
    this.#now = now;
    this.#readServer = readServer;
  }

  /** As clients have it in their positions. */
  get name(): string {
    return this.#current.name;
  }

  /** Begins a history that continues the one before. Called once, at the start. */
  async begin(): Promise<void> {
    await this.#database.transaction((tx) => this.#beginWithin(tx, { continuing: true }));
  }

  /**
   * Looks whether the database still is the one that it was.
   *
   * @param knownEventId The highest event id that anybody has seen in it. Default: none is known.
   * @param isDisproved Whether it has shown already that it is another one.
   * @returns `adopted` when another instance has begun a history that continues this one; `broken` when the database
   * is another one, or may be: then a history has begun that continues none.
   */
  async check({
    knownEventId = 0,
    isDisproved = false,
  }: {
    knownEventId?: number;
    isDisproved?: boolean;
  } = {}): Promise<'unchanged' | 'adopted' | 'broken'> {
    const known = this.#ground;
    const [newest, ground] = [
      await readNewestHistory(this.#database),
      await this.#readGround(this.#database),
    ];
    const isSame =
      !isDisproved &&
      known !== null &&
      newest !== null &&
      ground.event.id >= knownEventId &&
      known.server === ground.server &&
      (await this.#isStillThere('event', known.event, ground.event)) &&
      (await this.#isStillThere('inbox_change', known.change, ground.change)) &&
      (await this.#isKnown(this.#current.name));
    if (!isSame) {
      await this.#database.transaction((tx) => this.#beginWithin(tx, { continuing: false }));
      return 'broken';
    }
    this.#ground = ground;
    if (newest.name === this.#current.name) return 'unchanged';
    // What was begun meanwhile may have been begun by somebody who found the database to be another one.
    const since = await this.#database.query<HistoryRow>(
      sql`SELECT id, name, after_event_id, after_revision FROM history WHERE id > ${this.#current.id}`,
    );
    this.#current = { id: toNumber(newest.id), name: newest.name };
    const continuesNothing = since.some(
      ({ after_event_id, after_revision }) => toNumber(after_event_id) < 0 || toNumber(after_revision) < 0,
    );
    return continuesNothing ? 'broken' : 'adopted';
  }

  /** Whether a client may go on from a position. */
  async continues({ history, eventId, revision }: InboxState): Promise<boolean> {
    // What is further than what there is belongs to what was lost.
    if (history === this.#current.name) return !(await this.#isAhead({ eventId, revision }));
    const [row] = await this.#database.query<HistoryRow>(sql`
      SELECT later.id, later.name, later.after_event_id, later.after_revision
      FROM history known JOIN history later ON later.id > known.id
      WHERE known.name = ${history} ORDER BY later.id LIMIT 1`);
    if (!row) return false;
    return eventId <= toNumber(row.after_event_id) && revision <= toNumber(row.after_revision);
  }

  async #isAhead({ eventId, revision }: { eventId: number; revision: number }): Promise<boolean> {
    const known = this.#ground;
    // Mostly it is not even near the end.
    if (known && eventId <= known.event.id && revision <= known.change.id) return false;
    const { event, change } = await readTails(this.#database);
    return eventId > event.id || revision > change.id;
  }

  async #beginWithin(tx: SqlRunner, { continuing }: { continuing: boolean }): Promise<void> {
    const ground = await this.#readGround(tx);
    const name = randomBytes(9).toString('hex').slice(0, 12);
    // Below all positions: none is continued.
    const [afterEvent, afterChange] = continuing ? [ground.event.id, ground.change.id] : [-1, -1];
    const [row] = await tx.query<{ id: bigint | number }>(sql`
      INSERT INTO history (name, began_at, after_event_id, after_revision)
      VALUES (${name}, ${this.#now()}, ${afterEvent}, ${afterChange}) RETURNING id`);
    const id = toNumber(row?.id);
    await tx.execute(sql`DELETE FROM history WHERE id <= ${id - MOST_KEPT}`);
    this.#current = { id, name };
    this.#ground = ground;
  }

  async #readGround(runner: SqlRunner): Promise<Ground> {
    return { server: await this.#readServer(runner), ...(await readTails(runner)) };
  }

  async #isKnown(name: string): Promise<boolean> {
    return (await this.#database.query(sql`SELECT 1 AS known FROM history WHERE name = ${name}`)).length > 0;
  }

  /** Numbers only grow: what was the newest is still there as it was, unless clean-up took it when there was a newer one. */
  async #isStillThere(table: 'event' | 'inbox_change', known: Newest, newest: Newest): Promise<boolean> {
    if (newest.id < known.id) return false;
    if (newest.id === known.id) return newest.at === known.at;
    const found = await readOne(this.#database, table, known.id);
    return found === null || found.at === known.at;
  }
}

async function readNewestHistory(runner: SqlRunner): Promise<HistoryRow | null> {
  const [row] = await runner.query<HistoryRow>(
    sql`SELECT id, name, after_event_id, after_revision FROM history ORDER BY id DESC LIMIT 1`,
  );
  return row ?? null;
}

async function readTails(runner: SqlRunner): Promise<{ event: Newest; change: Newest }> {
  const [change] = await runner.query<{ id: bigint | number }>(
    sql`SELECT MAX(revision) AS id FROM inbox_change`,
  );
  return {
    event: (await readOne(runner, 'event', await lastIdIn(runner))) ?? { id: 0, at: 0 },
    change: (await readOne(runner, 'inbox_change', toNumber(change?.id))) ?? { id: 0, at: 0 },
  };
}

async function readOne(
  runner: SqlRunner,
  table: 'event' | 'inbox_change',
  id: number,
): Promise<Newest | null> {
  const [row] = await runner.query<{ at: Date | number }>(
    table === 'event'
      ? sql`SELECT created_at AS at FROM event WHERE id = ${id}`
      : sql`SELECT at FROM inbox_change WHERE revision = ${id}`,
  );
  return row ? { id, at: (toDate(row.at) as Date).getTime() } : null;
}

async function readServerOf({ dialect, query }: SqlRunner): Promise<string> {
  if (dialect === 'sqlite') return '';
  const [row] = await query<{ server: string }>(sql`
    SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
      (SELECT timeline_id FROM pg_control_checkpoint()), (SELECT oid FROM pg_database WHERE datname = current_database()),
      pg_postmaster_start_time()) AS server`);
  return row?.server ?? '';
}
