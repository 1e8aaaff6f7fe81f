/** Migrations on PostgreSQL: one connection, one transaction, and a lock so that instances take turns. */
import { BelfryError, isBelfryError } from '../belfry/protocol/errors.ts';
import type { MigrationTransaction } from './migration-transaction.ts';
import { connectionOptions } from './postgresql.ts';
import { PostgresqlClient } from './postgresql-client.ts';
import { explainRefusal } from './postgresql-refusals.ts';

// From then on a server tells its sessions whether they are read-only: lib/database/postgresql-client.ts.
const OLDEST_VERSION = 14;
// The name of the lock; any number would do, as long as it stays the same.
const MIGRATION_LOCK = 4270010;
// https://www.postgresql.org/docs/current/errcodes-appendix.html
const INSUFFICIENT_PRIVILEGE = '42501';

// As the Prisma schema engine creates it.
const HISTORY_TABLE = `
CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id"                  VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum"            VARCHAR(64) NOT NULL,
  "finished_at"         TIMESTAMPTZ,
  "migration_name"      VARCHAR(255) NOT NULL,
  "logs"                TEXT,
  "rolled_back_at"      TIMESTAMPTZ,
  "started_at"          TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`;

/** @throws BelfryError `database_unusable` when the server cannot be reached, lets nobody in, or is of no use to us. */
export async function openPostgresqlMigrations(databaseUrl: string): Promise<MigrationTransaction> {
  const client = new PostgresqlClient(connectionOptions(databaseUrl));
  // A connection that breaks fails the query under way, which tells it.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('BEGIN');
    // A large table takes its time, and so does another instance that is at it.
    await client.query('SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0');
    await refuseUnusable(client, databaseUrl);
    await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
  } catch (cause) {
    await client.end().catch(() => {});
    throw isBelfryError(cause) ? cause : cannotUse(databaseUrl, cause);
  }
  async function ask<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]> {
    try {
      return (await client.query<Row>(sql, values)).rows;
    } catch (cause) {
      throw (cause as { code?: unknown }).code === INSUFFICIENT_PRIVILEGE
        ? mayNot(databaseUrl, cause)
        : cause;
    }
  }

  return {
    countTables: async () => {
      const { rows } = await client.query<{ tables: number }>(
        'SELECT count(*)::int AS tables FROM information_schema.tables WHERE table_schema = current_schema()',
      );
      return rows[0]?.tables ?? 0;
    },
    ensureHistory: async () => {
      // Asked first: even IF NOT EXISTS needs the right to make tables, which a running app can do without.
      const { rows } = await client.query<{ exists: boolean }>(
        `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS exists`,
      );
      if (!rows[0]?.exists) await ask(HISTORY_TABLE);
    },
    history: () =>
      ask(`SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
           FROM _prisma_migrations WHERE rolled_back_at IS NULL`),
    run: async (sql) => void (await ask(sql)),
    record: async ({ id, name, checksum, startedAt, finishedAt }) =>
      void (await ask(
        `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
         VALUES ($1, $2, $3, $4, $5, 1)`,
        [id, checksum, name, startedAt, finishedAt],
      )),
    commit: async () => void (await client.query('COMMIT')),
    // What was not committed is rolled back by the server.
    end: () => client.end(),
  };
}

/** @throws BelfryError `database_unusable` for a server that is too old, or a database that cannot hold every text. */
async function refuseUnusable(client: PostgresqlClient, databaseUrl: string): Promise<void> {
  const { rows } = await client.query<{ version: string; number: number; encoding: string }>(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
            current_setting('server_encoding') AS encoding`,
  );
  const [{ version, number, encoding } = { version: '', number: 0, encoding: '' }] = rows;
  if (number < OLDEST_VERSION * 10_000) {
    throw new BelfryError(
      'database_unusable',
      `PostgreSQL at ${placeOf(databaseUrl)} is version ${version}, and Belfry needs ${OLDEST_VERSION} or later. Upgrade the server, or set DATABASE_URL to another one.`,
    );
  }
  if (encoding !== 'UTF8') {
    throw new BelfryError(
      'database_unusable',
      `The PostgreSQL database ${placeOf(databaseUrl)} keeps text as ${encoding}, which cannot hold every character. Make one with CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8', and set DATABASE_URL to it.`,
    );
  }
}

function cannotUse(databaseUrl: string, cause: unknown): BelfryError {
  const { reason, advice } = explainRefusal(cause);
  return new BelfryError(
    'database_unusable',
    `The PostgreSQL database ${placeOf(databaseUrl)} cannot be used (${reason}). ${advice}`,
    { cause },
  );
}

function mayNot(databaseUrl: string, cause: unknown): BelfryError {
  return new BelfryError(
    'database_unusable',
    `The name in DATABASE_URL may not make or change tables in the PostgreSQL database ${placeOf(databaseUrl)} (${reasonOf(cause)}). Make it the owner of the database (ALTER DATABASE … OWNER TO …), or start once, and after every upgrade, with a name that may.`,
    { cause },
  );
}

// Not the whole address: it holds a password.
function placeOf(databaseUrl: string): string {
  const { host = '', pathname = '' } = URL.parse(databaseUrl) ?? {};
  return `${host}${pathname}`;
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message || cause.constructor.name : String(cause);
}
