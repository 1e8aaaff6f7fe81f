/**
 * Fills the database's port with a connection of better-sqlite3: an app's own, such as the one that Drizzle stands on, or
 * one that was opened for Belfry alone.
 *
 * Everything on the connection runs in it, whoever asked for it. So a transaction of ours begins in a turn of the event loop
 * that is its own, and is over before any other begins: nothing of the app's gets into it, nor sees it half done. What
 * the app does within `connection.transaction(…)` is over within a turn as well.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Sql, SqlDatabase, SqlRunner } from './database.ts';
import { toBelfryError } from './database-errors.ts';

/** The part of a better-sqlite3 connection that is used. */
export interface SqliteConnection {
  readonly inTransaction: boolean;
  prepare(source: string): SqliteStatement;
  exec(source: string): unknown;
}

interface SqliteStatement {
  readonly reader: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: so it is declared there
  all(values: any[]): unknown[];
  // biome-ignore lint/suspicious/noExplicitAny: so it is declared there
  run(values: any[]): { changes: number };
}

// Ours are some two hundred, and some are made anew for each length of a list.
const MOST_PREPARED = 500;
// Somebody who opened a transaction by hand, and waits for something else in it.
const LONGEST_WAIT_MS = 5_000;

export function isSqliteConnection(client: unknown): client is SqliteConnection {
  const { prepare, exec, inTransaction } = (client ?? {}) as Partial<SqliteConnection>;
  return typeof prepare === 'function' && typeof exec === 'function' && typeof inTransaction === 'boolean';
}

/**
 * Everything happens on this connection, but for what is sent within a transaction on another one of the app's; it is neither
 * opened nor closed here.
 */
export function sqliteDatabase(connection: SqliteConnection): SqlDatabase {
  const run = sqliteRunner(connection);
  const alone = inLine();
  return {
    dialect: 'sqlite',
    async query<Row>(statement: Sql) {
      await outsideOfTransactions(connection);
      return run.query<Row>(statement);
    },
    async execute(statement) {
      await outsideOfTransactions(connection);
      return run.execute(statement);
    },
    transaction: (work) => alone(() => transact(connection, run, work)),
    appTransaction: (work) => alone(() => transact(connection, run, (tx) => work(tx, connection))),
    // Next loads the module that opens an app's database two or three times in one process.
    within: (tx) => (tx !== connection && isSqliteConnection(tx) ? sqliteRunner(tx) : run),
    isUnavailable: (error) => toBelfryError(error) !== null,
  };
}

/** What runs statements on a connection at once, within whatever transaction is open on it. */
function sqliteRunner(connection: SqliteConnection): SqlRunner {
  const prepared = new Map<string, SqliteStatement>();
  function prepare(source: string): SqliteStatement {
    const known = prepared.get(source);
    if (known) return known;
    const statement = connection.prepare(source);
    if (prepared.size >= MOST_PREPARED) prepared.delete(prepared.keys().next().value as string);
    prepared.set(source, statement);
    return statement;
  }
  return {
    dialect: 'sqlite',
    isSynchronous: true,
    query({ sql, values }) {
      const statement = prepare(sql);
      const bound = values.map(toDriver);
      if (statement.reader) return Promise.resolve(statement.all(bound) as never[]);
      statement.run(bound);
      return Promise.resolve([]);
    },
    execute({ sql, values }) {
      const statement = prepare(sql);
      const bound = values.map(toDriver);
      return Promise.resolve(statement.reader ? statement.all(bound).length : statement.run(bound).changes);
    },
  };
}

function toDriver(value: unknown): unknown {
  return value instanceof Date ? value.getTime() : value;
}

async function transact<T>(
  connection: SqliteConnection,
  run: SqlRunner,
  work: (tx: SqlRunner) => Promise<T>,
): Promise<T> {
  await nextTurn();
  await outsideOfTransactions(connection);
  let isTurnOver = false;
  const turn = setImmediate(() => {
    isTurnOver = true;
  });
  connection.exec('BEGIN IMMEDIATE');
  try {
    const result = await work(run);
    if (isTurnOver) {
      throw new Error('On SQLite the work of a transaction may wait for nothing but its own statements.');
    }
    connection.exec('COMMIT');
    return result;
  } catch (error) {
    // Some failures, such as a full disk, roll back by themselves.
    if (connection.inTransaction) connection.exec('ROLLBACK');
    throw error;
  } finally {
    clearImmediate(turn);
  }
}

/** Of the app's own transactions only those that were begun by hand can be open here. */
async function outsideOfTransactions(connection: SqliteConnection): Promise<void> {
  if (!connection.inTransaction) return;
  const deadline = performance.now() + LONGEST_WAIT_MS;
  while (connection.inTransaction) {
    if (performance.now() > deadline) {
      const message = 'A transaction of the app has been open on the connection for 5 s.';
      throw Object.assign(new Error(message), { code: 'SQLITE_BUSY' });
    }
    await nextTurn();
  }
}

/** Each begins when the one before it is over, however that ended. */
function inLine(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const own = last.then(work, work);
    last = own.catch(() => {});
    return own;
  };
}
