/** Migrations on PostgreSQL: one connection, one transaction, and a lock so that instances take turns. */
import { Client } from 'pg';
import { BelfryError } from './errors.ts';
import type { MigrationTransaction } from './migrations.ts';

const CONNECT_LIMIT_MS = 10_000;
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

/** @throws BelfryError `database_unusable` when the server cannot be reached or lets nobody in. */
export async function openPostgresqlMigrations(databaseUrl: string): Promise<MigrationTransaction> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: CONNECT_LIMIT_MS });
  // A connection that breaks fails the query under way, which tells it.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
  } catch (cause) {
    await client.end().catch(() => {});
    throw cannotUse(databaseUrl, cause);
  }
  async function alter(sql: string): Promise<void> {
    try {
      await client.query(sql);
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
      if (!rows[0]?.exists) await alter(HISTORY_TABLE);
    },
    history: async () => {
      const { rows } = await client.query<{ name: string; checksum: string; finished: boolean }>(
        `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
         FROM _prisma_migrations WHERE rolled_back_at IS NULL`,
      );
      return rows;
    },
    run: alter,
    record: async ({ id, name, checksum, startedAt, finishedAt }) =>
      void (await client.query(
        `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
         VALUES ($1, $2, $3, $4, $5, 1)`,
        [id, checksum, name, startedAt, finishedAt],
      )),
    commit: async () => void (await client.query('COMMIT')),
    // What was not committed is rolled back by the server.
    end: () => client.end(),
  };
}

function cannotUse(databaseUrl: string, cause: unknown): BelfryError {
  return new BelfryError(
    'database_unusable',
    `The PostgreSQL database ${placeOf(databaseUrl)} cannot be used (${reasonOf(cause)}). Check that the server runs, that the database exists, and that the name and password in DATABASE_URL may use it.`,
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
