/**
 * Fills the database's port with a database of Drizzle, on better-sqlite3 or on a pool of `pg`. What is Belfry's own goes
 * straight to what it stands on; `{ tx }` is a transaction of Drizzle's.
 */
import { sql as drizzleSql } from 'drizzle-orm';
import type { Sql, SqlDatabase, SqlRunner } from './database.ts';
import { type PgPool, postgresqlDatabase } from './postgresql-database.ts';
import { type SqliteConnection, sqliteDatabase } from './sqlite-database.ts';

/** What `drizzle(…)` of drizzle-orm/better-sqlite3 or drizzle-orm/node-postgres makes. */
export interface DrizzleLike {
  readonly $client: unknown;
}

interface DrizzleTransaction {
  execute(statement: unknown): PromiseLike<{ rows: unknown[]; rowCount: number | null }>;
}

/** @throws TypeError for a database that Drizzle drives in another way. */
export function drizzleDatabase(db: DrizzleLike): SqlDatabase {
  const client = db.$client;
  if (isSqlite(client)) return sqliteDatabase(client);
  if (isPool(client))
    return { ...postgresqlDatabase(client), within: (tx) => drizzleRunner(tx as DrizzleTransaction) };
  throw new TypeError(
    'Belfry works with Drizzle on better-sqlite3, and on node-postgres with a Pool. Give drizzle() one of these.',
  );
}

function isSqlite(client: unknown): client is SqliteConnection {
  return has(client, 'prepare') && has(client, 'exec') && 'inTransaction' in (client as object);
}

function isPool(client: unknown): client is PgPool {
  // A single client has `release` only when it came out of a pool, and no room for a second transaction.
  return has(client, 'query') && has(client, 'connect') && 'totalCount' in (client as object);
}

function has(client: unknown, method: string): boolean {
  return typeof client === 'object' && client !== null && typeof Reflect.get(client, method) === 'function';
}

/** A transaction of Drizzle's on PostgreSQL. */
function drizzleRunner(tx: DrizzleTransaction): SqlRunner {
  const ask = async ({ strings, values }: Sql) => {
    const bound = values.map((value) => (value instanceof Date ? value.toISOString() : value));
    return tx.execute(drizzleSql(strings as unknown as TemplateStringsArray, ...bound));
  };
  return {
    dialect: 'postgresql',
    query: async <Row>(statement: Sql) => (await ask(statement)).rows as Row[],
    execute: async (statement) => (await ask(statement)).rowCount ?? 0,
  };
}
