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
    appTransaction: (work) => transact(pool, work),
    within: (tx) => pgRunner(tx as PgQueryable),
    isUnavailable: (error) => toBelfryError(error) !== null,
  };
}

/** What runs statements on a pool, or on a client of one that has begun a transaction. */
export function pgRunner(queryable: PgQueryable): SqlRunner {
  const ask = ({ text, values }: Sql): Promise<Result> =>
    reached(queryable.query({ text, values: values.map(toDriver), types: TYPES }));
  return {
    dialect: 'postgresql',
    query: async <Row>(statement: Sql) => (await ask(statement)).rows as Row[],
    execute: async (statement) => (await ask(statement)).rowCount ?? 0,
  };
}

async function transact<T>(pool: PgPool, work: (tx: SqlRunner, own: PgQueryable) => Promise<T>): Promise<T> {
  const client = await reached(pool.connect());
  let failure: Error | undefined;
  try {
    await reached(client.query('BEGIN ISOLATION LEVEL READ COMMITTED'));
    const result = await work(pgRunner(client), client);
    await reached(client.query('COMMIT'));
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

// PostgreSQL's own: connection_failure.
const CONNECTION_FAILURE = '08006';

/** Of a connection that broke or did not come about the driver tells what the system says: here it gets a code of PostgreSQL's. */
async function reached<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (cause) {
    const { code, message } = cause as { code?: unknown; message?: string };
    if (typeof code !== 'string' || !NO_CONNECTION.has(code)) throw cause;
    // The system may have tried several addresses: then it has no sentence.
    throw Object.assign(new Error(message || code, { cause }), { code: CONNECTION_FAILURE });
  }
}
