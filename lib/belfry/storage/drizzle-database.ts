/**
 * Fills the database's port with a database of Drizzle, on better-sqlite3 or on a pool of `pg`. What is Belfry's own goes
 * straight to what it stands on; `{ tx }` is a transaction of Drizzle's.
 */
import { sql as drizzleSql } from 'drizzle-orm';
import type { Sql, SqlDatabase, SqlRunner } from './database.ts';
import { type PgPool, postgresqlDatabase } from './postgresql-database.ts';
import { isSqliteConnection, sqliteDatabase } from './sqlite-database.ts';

/** What `drizzle(…)` of drizzle-orm/better-sqlite3 or drizzle-orm/node-postgres makes. */
export interface DrizzleLike {
  readonly $client: unknown;
}

interface PostgresqlTransaction {
  execute(statement: unknown): PromiseLike<{ rows: unknown[]; rowCount: number | null }>;
}

interface PostgresqlDrizzle extends DrizzleLike {
  transaction<T>(
    work: (tx: PostgresqlTransaction) => Promise<T>,
    options: { isolationLevel: 'read committed' },
  ): Promise<T>;
}

interface SqliteTransaction {
  all(statement: unknown): unknown[];
  run(statement: unknown): { changes: number };
}

/** @throws TypeError for a database that Drizzle drives in another way. */
export function drizzleDatabase(db: DrizzleLike): SqlDatabase {
  const client = db.$client;
  if (isSqliteConnection(client)) return sqliteOf(db, sqliteDatabase(client));
  if (isPool(client)) return postgresqlOf(db, postgresqlDatabase(client));
  throw new TypeError(
    'Belfry works with Drizzle on better-sqlite3, and on node-postgres with a Pool. Give drizzle() one of these.',
  );
}

/** There Belfry's own transaction is one of the connection's, on which Drizzle asks as well. */
function sqliteOf(db: DrizzleLike, database: SqlDatabase): SqlDatabase {
  return {
    ...database,
    appTransaction: (work) => database.transaction((tx) => work(tx, db)),
    within: (tx) => sqliteRunner(tx as SqliteTransaction),
  };
}

function postgresqlOf(db: DrizzleLike, database: SqlDatabase): SqlDatabase {
  return {
    ...database,
    appTransaction: (work) =>
      (db as PostgresqlDrizzle).transaction((tx) => work(postgresqlRunner(tx), tx), {
        isolationLevel: 'read committed',
      }),
    within: (tx) => postgresqlRunner(tx as PostgresqlTransaction),
  };
}

function isPool(client: unknown): client is PgPool {
  // A single client has `release` only when it came out of a pool, and no room for a second transaction.
  return has(client, 'query') && has(client, 'connect') && 'totalCount' in (client as object);
}

function has(client: unknown, method: string): boolean {
  return typeof client === 'object' && client !== null && typeof Reflect.get(client, method) === 'function';
}

/**
 * By its own statements, since it need not be on Belfry's connection: Next loads the module that opens an app's database
 * two or three times in one process.
 */
function sqliteRunner(tx: SqliteTransaction): SqlRunner {
  const inMilliseconds = (statement: Sql) => toDrizzle(statement, (time) => time.getTime());
  return {
    dialect: 'sqlite',
    isSynchronous: true,
    query: <Row>(statement: Sql) => Promise.resolve(tx.all(inMilliseconds(statement)) as Row[]),
    execute: (statement) => Promise.resolve(tx.run(inMilliseconds(statement)).changes),
  };
}

function postgresqlRunner(tx: PostgresqlTransaction): SqlRunner {
  const ask = async (statement: Sql) => tx.execute(toDrizzle(statement, (time) => time.toISOString()));
  return {
    dialect: 'postgresql',
    query: async <Row>(statement: Sql) => (await ask(statement)).rows as Row[],
    execute: async (statement) => (await ask(statement)).rowCount ?? 0,
  };
}

function toDrizzle({ strings, values }: Sql, toDriver: (time: Date) => unknown) {
  const bound = values.map((value) => (value instanceof Date ? toDriver(value) : value));
  return drizzleSql(strings as unknown as TemplateStringsArray, ...bound);
}
