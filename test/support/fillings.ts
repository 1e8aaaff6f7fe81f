/** Every way in which an app can give Belfry its database, on a real one. */
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { PrismaLibSql } from '@prisma/adapter-libsql';
import { PrismaPg } from '@prisma/adapter-pg';
import BetterSqlite3 from 'better-sqlite3';
import { drizzle as drizzleOnSqlite } from 'drizzle-orm/better-sqlite3';
import { drizzle as drizzleOnPostgresql } from 'drizzle-orm/node-postgres';
import { Pool, type PoolClient } from 'pg';
import { PrismaClient } from '../../generated/prisma/client.ts';
import { PrismaClient as PostgresqlClient } from '../../generated/prisma-postgresql/client.ts';
import type { Dialect, SqlDatabase } from '../../lib/belfry/storage/database.ts';
import { drizzleDatabase } from '../../lib/belfry/storage/drizzle-database.ts';
import { postgresqlDatabase } from '../../lib/belfry/storage/postgresql-database.ts';
import {
  keepStatements,
  type PrismaClientLike,
  prismaDatabase,
} from '../../lib/belfry/storage/prisma-database.ts';
import { sqliteDatabase } from '../../lib/belfry/storage/sqlite-database.ts';
import { memoryDatabase } from '../../lib/belfry/testing/memory-database.ts';
import { embeddedDatabaseFile } from '../../lib/config/start-settings.mjs';
import { type Database, openDatabase, sqlOf } from '../../lib/database/db.ts';
import { openPostgresql } from '../../lib/database/postgresql.ts';
import { keepAdapter, shareAdapter } from '../../lib/database/sql-database.ts';
import { SqliteAdapterFactory } from '../../lib/database/sqlite-adapter.ts';

export interface Filled {
  port: SqlDatabase;
  /** The Prisma client that it is on, if it is on one. */
  client?: Database;
  /** Runs `work` in a transaction of the library's own, and has it rolled back if so wished. */
  transact: (work: (tx: unknown) => Promise<unknown>, options?: { rollsBack?: boolean }) => Promise<unknown>;
  close: () => Promise<unknown>;
}

export interface Filling {
  name: string;
  /** Nobody else can have it, nor the app a transaction of its own on it. */
  isAlone?: boolean;
  /** @param lockLimitMs How long it waits for a lock. Default: as the library has it. */
  open: (url: string, lockLimitMs?: number) => Filled;
}

const ON_SQLITE: Filling[] = [
  {
    name: "a Prisma client on Prisma's adapter for better-sqlite3",
    open: (url, timeout) => onPrisma(new PrismaClient({ adapter: sqliteAdapter(url, timeout) }), 'sqlite'),
  },
  {
    name: 'the same, which keeps its statements',
    open: (url, timeout) =>
      onPrisma(new PrismaClient({ adapter: keepStatements(sqliteAdapter(url, timeout)) }), 'sqlite'),
  },
  {
    name: 'a Prisma client on libsql',
    open: (url, timeout) => onPrisma(new PrismaClient({ adapter: libsqlAdapter(url, timeout) }), 'sqlite'),
  },
  {
    name: 'a connection of better-sqlite3',
    open(url, timeout) {
      const connection = new BetterSqlite3(fileOf(url), timeout ? { timeout } : {});
      return {
        port: sqliteDatabase(connection),
        transact: async (work, { rollsBack } = {}) =>
          connection.transaction(() => finish(work, rollsBack)(connection))(),
        close: async () => connection.close(),
      };
    },
  },
  {
    name: 'Drizzle on better-sqlite3',
    open(url, timeout) {
      const connection = new BetterSqlite3(fileOf(url), timeout ? { timeout } : {});
      const db = drizzleOnSqlite({ client: connection });
      return {
        port: drizzleDatabase(db),
        transact: async (work, { rollsBack } = {}) => db.transaction((tx) => finish(work, rollsBack)(tx)),
        close: async () => connection.close(),
      };
    },
  },
];

const IN_MEMORY: Filling = {
  name: 'the memory',
  isAlone: true,
  open: () => ({
    port: memoryDatabase(),
    transact: async () => {},
    close: async () => {},
  }),
};

const ON_POSTGRESQL_SERVER: Filling[] = [
  {
    name: "a Prisma client on Prisma's adapter for pg",
    open: (url, limit) =>
      onPrisma(new PostgresqlClient({ adapter: new PrismaPg(poolOptions(url, limit)) }), 'postgresql'),
  },
  {
    name: 'a pool of pg',
    open(url, limit) {
      const pool = new Pool(poolOptions(url, limit));
      return {
        port: postgresqlDatabase(pool),
        transact: (work, { rollsBack } = {}) => inTransaction(pool, work, rollsBack),
        close: () => pool.end(),
      };
    },
  },
  {
    name: 'Drizzle on a pool of pg',
    open(url, limit) {
      const pool = new Pool(poolOptions(url, limit));
      const db = drizzleOnPostgresql({ client: pool });
      return {
        port: drizzleDatabase(db),
        transact: (work, { rollsBack } = {}) =>
          db.transaction(async (tx) => {
            await work(tx);
            if (rollsBack) throw new Error('changed my mind');
          }),
        close: () => pool.end(),
      };
    },
  },
];

/** All on a database of this kind; the first two are this app's own. */
export function fillingsOn(dialect: Dialect): Filling[] {
  return [
    {
      name: "a Prisma client on this app's adapter",
      open: (url, limit) => onPrisma(openApp(url, limit), dialect),
    },
    {
      name: "this app's adapter itself",
      open(url, limit) {
        const db = openApp(url, limit);
        return { ...onPrisma(db, dialect), port: sqlOf(db) };
      },
    },
    ...(dialect === 'postgresql' ? ON_POSTGRESQL_SERVER : [...ON_SQLITE, IN_MEMORY]),
  ];
}

function openApp(url: string, lockLimitMs: number | undefined): Database {
  return lockLimitMs === undefined ? openDatabase(url) : openImpatient(url, lockLimitMs);
}

/** This app's client, on either database; it gives up waiting for a lock after this long. */
export function openImpatient(url: string, milliseconds: number): Database {
  const file = embeddedDatabaseFile(url);
  if (file === null) return openPostgresql(url, { lockLimitMs: milliseconds }) as unknown as Database;
  const shared = shareAdapter(new SqliteAdapterFactory({ file, busyTimeoutMs: milliseconds }));
  const client = new PrismaClient({ adapter: shared.factory });
  keepAdapter(client, shared);
  return client;
}

function fileOf(url: string): string {
  return embeddedDatabaseFile(url) as string;
}

function sqliteAdapter(url: string, timeout: number | undefined) {
  const options = { url, ...(timeout ? { timeout } : {}) };
  // Tests also write through its models, which know nothing of how Belfry keeps times.
  return new PrismaBetterSqlite3(options, { timestampFormat: 'unixepoch-ms' });
}

function libsqlAdapter(url: string, timeout: number | undefined) {
  const options = { url, ...(timeout ? { timeout } : {}) };
  return new PrismaLibSql(options, { timestampFormat: 'unixepoch-ms' });
}

function poolOptions(connectionString: string, lockLimitMs: number | undefined) {
  return { connectionString, ...(lockLimitMs ? { options: `-c lock_timeout=${lockLimitMs}` } : {}) };
}

function onPrisma(
  client: PrismaClientLike & { $disconnect: () => Promise<void> },
  provider: Dialect,
): Filled {
  return {
    port: prismaDatabase(client, { provider }),
    client: client as unknown as Database,
    transact: (work, { rollsBack } = {}) =>
      client.$transaction(async (tx: unknown) => {
        await work(tx);
        if (rollsBack) throw new Error('changed my mind');
      }),
    close: () => client.$disconnect(),
  };
}

/** Of a transaction that is over when its function returns. */
function finish(work: (tx: unknown) => Promise<unknown>, rollsBack = false) {
  return (tx: unknown) => {
    void work(tx);
    if (rollsBack) throw new Error('changed my mind');
  };
}

async function inTransaction(
  pool: Pool,
  work: (tx: PoolClient) => Promise<unknown>,
  rollsBack: boolean | undefined,
): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await work(client);
    if (rollsBack) throw new Error('changed my mind');
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}
