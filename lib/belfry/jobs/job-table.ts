/**
 * The table `job`, and the only file that reads and writes it. The two databases differ in one thing: on
 * PostgreSQL rows that another transaction has are passed over; on SQLite there is one writer at a time.
 */
import {
  empty,
  join,
  letGoWhenSilent,
  raw,
  type Sql,
  type SqlDatabase,
  type SqlRunner,
  sql,
  toDate,
  toNumber,
} from '../storage/database.ts';
import type { FailedJob, Job } from './job.ts';

/**
 * How long a job belongs to whoever took it, in milliseconds, unless they say that they are still at it: so long
 * nothing happens to the jobs of an instance that was killed.
 */
export const LEASE_MS = 30_000;

/** A job that is about to be stored. */
export interface JobRow {
  kind: string;
  payload: string;
  dueAt: Date;
  uniqueKey: string | null;
  createdAt: Date;
}

/** A job that was found due. */
export interface DueJob extends Job {
  payload: string;
  uniqueKey: string | null;
  /** How long after its time it was found. */
  lateMs: number;
}

/** Jobs of one kind, and how many of them there is room for. */
export interface Line {
  kind: string;
  room: number;
}

/** What is written of an attempt that failed. */
export interface Failure {
  job: Job;
  reason: string;
  attempts: number;
  /** When to try again. */
  dueAt: Date;
  failedAt: Date | null;
  /** Whether it was run under a lease. */
  leased: boolean;
}

interface Row {
  id: bigint | number;
  kind: string;
  payload: string;
  unique_key: string | null;
  due_at: Date;
  created_at: Date;
  attempts: bigint | number;
  last_error: string | null;
  failed_at: Date | null;
}

const COLUMNS = raw('id, kind, payload, unique_key, due_at, created_at, attempts');
const NEW_COLUMNS = raw('kind, payload, due_at, unique_key, created_at');
// The index of the key is of those alone.
const KEY_IS_TAKEN = raw('ON CONFLICT (unique_key) WHERE failed_at IS NULL');
// Well below both databases' limit on parameters, of which a row has five on PostgreSQL.
const ROWS_A_STATEMENT = 1_000;

export class JobTable {
  readonly #database: SqlDatabase;
  /** The name of this instance in its leases. */
  readonly #instance: string;

  constructor(database: SqlDatabase, instance: string) {
    this.#database = database;
    this.#instance = instance;
  }

  /** Returns the new ids in the order of the rows; null where the key is taken. All are stored, or none. */
  async insert(rows: readonly JobRow[], db?: SqlRunner): Promise<(number | null)[]> {
    if (rows.length <= ROWS_A_STATEMENT) return this.#insert(rows, db ?? this.#database);
    if (db === undefined) return this.#database.transaction((tx) => this.insert(rows, tx));
    const ids: (number | null)[] = [];
    for (let from = 0; from < rows.length; from += ROWS_A_STATEMENT) {
      ids.push(...(await this.#insert(rows.slice(from, from + ROWS_A_STATEMENT), db)));
    }
    return ids;
  }

  async #insert(rows: readonly JobRow[], db: SqlRunner): Promise<(number | null)[]> {
    if (rows.length === 0) return [];
    // In one order everywhere: two statements that wait for each other's keys would both be ended.
    const sorted = rows.toSorted((a, b) => compare(a.uniqueKey ?? '', b.uniqueKey ?? ''));
    const inserted = await db.query<{ id: bigint | number; unique_key: string | null }>(sql`
      INSERT INTO belfry_job (${NEW_COLUMNS}) ${db.dialect === 'sqlite' ? rowsFromJson(sorted) : rowsAsValues(sorted)}
      ${KEY_IS_TAKEN} DO NOTHING RETURNING id, unique_key`);
    const byKey = new Map(inserted.map(({ id, unique_key }) => [unique_key, Number(id)]));
    // Ids are given in the order of the rows; the statement does not promise to return them so.
    const others = inserted.flatMap(({ id, unique_key }) => (unique_key === null ? Number(id) : []));
    others.sort((a, b) => a - b).reverse();
    return rows.map(({ uniqueKey }) => {
      if (uniqueKey === null) return others.pop() as number;
      const id = byKey.get(uniqueKey) ?? null;
      // Of two rows with one key the first was stored.
      byKey.delete(uniqueKey);
      return id;
    });
  }

  /** Stores it, or puts it in the place of the one that has its key; an attempt that is under way then no longer counts. */
  async replace(row: JobRow, db: SqlRunner = this.#database): Promise<number> {
    const [stored] = await db.query<{ id: bigint | number }>(sql`
      INSERT INTO belfry_job (${NEW_COLUMNS}) ${rowsAsValues([row])}
      ${KEY_IS_TAKEN} DO UPDATE SET kind = excluded.kind, payload = excluded.payload, due_at = excluded.due_at,
        created_at = excluded.created_at, attempts = 0, last_error = NULL, lease_until = NULL, leased_by = NULL
      RETURNING id`);
    return toNumber(stored?.id);
  }

  async cancel(uniqueKey: string, db: SqlRunner = this.#database): Promise<boolean> {
    const key = sql`unique_key = ${uniqueKey} AND failed_at IS NULL`;
    return (await db.execute(sql`DELETE FROM belfry_job WHERE ${key}`)) > 0;
  }

  /** When the first job of each kind is due, of those that are nobody's: a read, which disturbs no writer. */
  async firstDue(kinds: readonly string[], now: Date): Promise<{ kind: string; dueAt: Date }[]> {
    if (kinds.length === 0) return [];
    const firsts = kinds.map(
      (kind) => sql`SELECT * FROM (SELECT kind, due_at FROM belfry_job
        WHERE kind = ${kind} AND failed_at IS NULL AND ${this.#isFree(now)}
        ORDER BY failed_at, kind, due_at, id LIMIT 1) AS "first"`,
    );
    const rows = await this.#database.query<Row>(join(firsts, ' UNION ALL '));
    return rows.map(({ kind, due_at }) => ({ kind, dueAt: toDate(due_at) as Date }));
  }

  /** Takes what is due, for as long as a lease, in one statement. Sorted by due time. */
  async claim(lines: readonly Line[], now: Date): Promise<DueJob[]> {
    // As a list that is made once: looked up anew for each row, it would be another one each time.
    const rows = await this.#database.query<Row>(sql`
      UPDATE belfry_job SET lease_until = ${this.#leaseFrom(now)}, leased_by = ${this.#instance}
      WHERE id IN (WITH due AS MATERIALIZED (${this.#due(lines, now)}) SELECT id FROM due)
      RETURNING ${COLUMNS}`);
    return rows
      .map((row) => toDueJob(row, now))
      .sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime() || a.id - b.id);
  }

  /** What is due, locked until `tx` ends. Sorted by due time. */
  async lock(tx: SqlRunner, { kinds, limit }: { kinds: readonly string[]; limit: number }, now: Date) {
    const lines = kinds.map((kind) => ({ kind, room: limit }));
    const rows = await tx.query<Row>(sql`
      SELECT ${COLUMNS} FROM (${this.#due(lines, now)}) AS due ORDER BY due_at, id LIMIT ${limit}`);
    if (rows.length > 0) await letGoWhenSilent(tx);
    return rows.map((row) => toDueJob(row, now));
  }

  /** Removes jobs that are done. Of a lease: only while it is ours. */
  async remove(jobs: readonly Job[], { leased }: { leased: boolean }, db: SqlRunner = this.#database) {
    if (jobs.length === 0) return;
    await db.execute(sql`DELETE FROM belfry_job WHERE ${isOneOf(jobs)} AND ${this.#isOurs(leased)}`);
  }

  /** Puts a job that recurs to its next time, as if it had never failed. */
  async recur(job: Job, { leased, dueAt }: { leased: boolean; dueAt: Date }, db: SqlRunner = this.#database) {
    await db.execute(sql`
      UPDATE belfry_job SET due_at = ${dueAt}, attempts = 0, lease_until = NULL, leased_by = NULL
      WHERE id = ${job.id} AND ${this.#isOurs(leased)}`);
  }

  /** Returns false when the job is another's by now, or was done. */
  async fail({ job, reason, attempts, dueAt, failedAt, leased }: Failure): Promise<boolean> {
    const changed = await this.#database.execute(sql`
      UPDATE belfry_job SET attempts = ${attempts}, last_error = ${reason}, due_at = ${dueAt}, failed_at = ${failedAt},
        lease_until = NULL, leased_by = NULL
      WHERE id = ${job.id} AND failed_at IS NULL AND due_at = ${job.dueAt} AND ${this.#isOurs(leased)}`);
    return changed > 0;
  }

  async renew(jobs: readonly Job[], now: Date): Promise<void> {
    if (jobs.length === 0) return;
    await this.#database.execute(sql`
      UPDATE belfry_job SET lease_until = ${this.#leaseFrom(now)} WHERE ${isOneOf(jobs)} AND ${this.#isOurs(true)}`);
  }

  async release(jobs: readonly Job[]): Promise<void> {
    if (jobs.length === 0) return;
    await this.#database.execute(sql`
      UPDATE belfry_job SET lease_until = NULL, leased_by = NULL WHERE ${isOneOf(jobs)} AND ${this.#isOurs(true)}`);
  }

  /** Newest first. */
  async failed(limit: number): Promise<FailedJob[]> {
    const rows = await this.#database.query<Row>(sql`
      SELECT ${COLUMNS}, last_error, failed_at FROM belfry_job WHERE failed_at IS NOT NULL
      ORDER BY failed_at DESC, id DESC LIMIT ${limit}`);
    return rows.map((row) => ({
      ...toJob(row),
      payload: row.payload,
      lastError: row.last_error ?? '',
      failedAt: toDate(row.failed_at) as Date,
    }));
  }

  async retry(id: number, now: Date): Promise<boolean> {
    const changed = await this.#database.execute(sql`
      UPDATE belfry_job SET failed_at = NULL, attempts = 0, due_at = ${now} WHERE id = ${id} AND failed_at IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM belfry_job other WHERE other.unique_key = belfry_job.unique_key AND other.failed_at IS NULL)`);
    return changed > 0;
  }

  async removeFailed(before: Date): Promise<number> {
    return this.#database.execute(sql`DELETE FROM belfry_job WHERE failed_at < ${before}`);
  }

  /** After the clock went back: what was due at once is, and no pause is longer than `longestPauseMs`. */
  async clockWentBack(now: Date, longestPauseMs: number): Promise<void> {
    const longest = new Date(now.getTime() + longestPauseMs);
    await this.#database.execute(sql`
      UPDATE belfry_job SET due_at = ${now} WHERE failed_at IS NULL AND due_at > ${now}
        AND (due_at = created_at OR (attempts > 0 AND due_at > ${longest}))`);
  }

  /** A job that recurs is due no later than this. */
  async noLaterThan(dueAt: Date, uniqueKey: string): Promise<void> {
    await this.#database.execute(sql`
      UPDATE belfry_job SET due_at = ${dueAt} WHERE unique_key = ${uniqueKey} AND failed_at IS NULL AND due_at > ${dueAt}`);
  }

  /** Each kind by itself, so that none is passed over for want of room for another, nor looked at in vain. */
  #due(lines: readonly Line[], now: Date): Sql {
    const untaken = this.#database.dialect === 'postgresql' ? raw('FOR UPDATE SKIP LOCKED') : empty;
    const due = lines.map(
      ({ kind, room }, index) => sql`SELECT ${COLUMNS} FROM (SELECT ${COLUMNS} FROM belfry_job
        WHERE kind = ${kind} AND failed_at IS NULL AND due_at <= ${now} AND ${this.#isFree(now)}
        ORDER BY failed_at, kind, due_at, id LIMIT ${room} ${untaken}) AS ${raw(`line${index}`)}`,
    );
    return join(due, ' UNION ALL ');
  }

  /**
   * Our own leases do not run out while we are here, whatever the clock does. One that ends later than any that
   * could have been given by now, and by a clock that is a little ahead, is of before the clock went back.
   */
  #isFree(now: Date): Sql {
    const latest = new Date(now.getTime() + 2 * LEASE_MS);
    return sql`(leased_by IS NULL OR
      (leased_by <> ${this.#instance} AND (lease_until <= ${now} OR lease_until > ${latest})))`;
  }

  /** Without a lease it is a transaction's that holds it. */
  #isOurs(leased: boolean): Sql {
    return leased ? sql`leased_by = ${this.#instance}` : raw('TRUE');
  }

  #leaseFrom(now: Date): Date {
    return new Date(now.getTime() + LEASE_MS);
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function isOneOf(jobs: readonly Job[]): Sql {
  return sql`id IN (${join(jobs.map(({ id }) => id))})`;
}

function toJob(row: Row): Job {
  return {
    id: Number(row.id),
    kind: row.kind,
    dueAt: toDate(row.due_at) as Date,
    createdAt: toDate(row.created_at) as Date,
    attempts: Number(row.attempts),
  };
}

function toDueJob(row: Row, now: Date): DueJob {
  const job = toJob(row);
  const lateMs = Math.max(now.getTime() - job.dueAt.getTime(), 0);
  return { ...job, payload: row.payload, uniqueKey: row.unique_key, lateMs };
}

function rowsAsValues(rows: readonly JobRow[]): Sql {
  const values = rows.map(
    (row) => sql`(${row.kind}, ${row.payload}, ${row.dueAt}, ${row.uniqueKey}, ${row.createdAt})`,
  );
  return sql`VALUES ${join(values)}`;
}

/** The same as one parameter, in SQLite's dialect: a library may take more CPU for each than storing the row does. */
function rowsFromJson(rows: readonly JobRow[]): Sql {
  const values = rows.map((row) => [
    row.kind,
    row.payload,
    row.dueAt.getTime(),
    row.uniqueKey,
    row.createdAt.getTime(),
  ]);
  // Without WHERE, what follows would be read as the condition of a join.
  return sql`SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4
    FROM json_each(${JSON.stringify(values)}) WHERE true`;
}
