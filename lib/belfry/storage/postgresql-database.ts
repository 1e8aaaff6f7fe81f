/** Fills the database's port with a pool of `pg`: an app's own, such as the one that Drizzle stands on, or one for Belfry alone. */

import type { Sql, SqlDatabase, SqlRunner } from './database.ts';
import { toBelfryError } from './database-errors.ts';

/** The part of a client of `pg` that is used. */
export interface PgQueryable {
  // biome-ignore lint/suspicious/noExplicitAny: it has many forms there
  query(query: any): Promise<any>;
}

/** The part of a pool of `pg` that is used. */
export interface PgPool extends PgQueryable {
  connect(): Promise<PgQueryable & { release(error?: boolean | Error): void }>;
}

interface Result {
  rows: unknown[];
  rowCount: number | null;
}

/** The pool is neither opened nor closed here. */
export function postgresqlDatabase(pool: PgPool): SqlDatabase {
  return {
    ...pgRunner(pool),
    transaction: (work) => transact(pool, work),
    within: (tx) => pgRunner(tx as PgQueryable),
    isUnavailable,
  };
}

/** What runs statements on a pool, or on a client of one that has begun a transaction. */
export function pgRunner(queryable: PgQueryable): SqlRunner {
  const ask = ({ text, values }: Sql): Promise<Result> =>
    queryable.query({ text, values: values.map(toDriver), types: TYPES });
  return {
    dialect: 'postgresql',
    query: async <Row>(statement: Sql) => (await ask(statement)).rows as Row[],
    execute: async (statement) => (await ask(statement)).rowCount ?? 0,
  };
}

async function transact<T>(pool: PgPool, work: (tx: SqlRunner) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    const result = await work(pgRunner(client));
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // A connection on which not even this succeeds is of no further use.
    await client.query('ROLLBACK').catch((cause) => {
      failure = cause;
    });
    throw error;
  } finally {
    client.release(failure);
  }
}

/** As UTC: the driver would write the time of the machine's own zone, and columns without a zone drop which it was. */
function toDriver(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value;
}

const INT8 = 20;
const TIMESTAMP = 1114;

/** Only what differs from what the driver makes of a text by itself: the rest it does. */
const TYPES = {
  getTypeParser(oid: number, format?: string): (text: string) => unknown {
    if (format === 'binary') return (text) => text;
    if (oid === INT8 || oid === 21 || oid === 23) return Number;
    if (oid === 16) return (text) => text === 't';
    return oid === TIMESTAMP ? (text) => new Date(`${text.replace(' ', 'T')}Z`) : (text) => text;
  },
};

// https://nodejs.org/api/errors.html#common-system-errors
const NO_CONNECTION = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);

function isUnavailable(error: unknown): boolean {
  return (
    toBelfryError(error) !== null || NO_CONNECTION.has(String((error as { code?: unknown } | null)?.code))
  );
}
