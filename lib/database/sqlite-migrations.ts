/** Migrations on the embedded database: one connection, one `BEGIN IMMEDIATE`. */
import { setTimeout as sleep } from 'node:timers/promises';
import BetterSqlite3 from 'better-sqlite3';
import { BelfryError } from '../belfry/protocol/errors.ts';
import { makePrivate } from '../config/private-file.ts';
import type { MigrationTransaction } from './migration-transaction.ts';

// A migration of a large table may take a while in the other process.
const LOCK_TIMEOUT_MS = 60_000;
const LOCK_RETRY_MS = 25;

// As the Prisma schema engine creates it.
const HISTORY_TABLE = `
CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id"                  TEXT PRIMARY KEY NOT NULL,
  "checksum"            TEXT NOT NULL,
  "finished_at"         DATETIME,
  "migration_name"      TEXT NOT NULL,
  "logs"                TEXT,
  "rolled_back_at"      DATETIME,
  "started_at"          DATETIME NOT NULL DEFAULT current_timestamp,
  "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0
)`;

/** @throws BelfryError `database_unusable` when the file cannot be opened, or its lock not be had. */
export async function openSqliteMigrations(file: string): Promise<MigrationTransaction> {
  const connection = await begin(file);
  return {
    countTables: async () =>
      connection.prepare("SELECT count(*) FROM sqlite_master WHERE type = 'table'").pluck().get() as number,
    ensureHistory: async () => void connection.exec(HISTORY_TABLE),
    history: async () => {
      const rows = connection
        .prepare(
          `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
           FROM _prisma_migrations WHERE rolled_back_at IS NULL`,
        )
        .all() as { name: string; checksum: string; finished: number }[];
      return rows.map((row) => ({ ...row, finished: row.finished === 1 }));
    },
    run: async (sql) => void connection.exec(sql),
    record: async ({ id, name, checksum, startedAt, finishedAt }) =>
      void connection
        .prepare(
          `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
           VALUES (?, ?, ?, ?, ?, 1)`,
        )
        .run(id, checksum, name, startedAt.getTime(), finishedAt.getTime()),
    commit: async () => void connection.exec('COMMIT'),
    end: async () => {
      if (connection.inTransaction) connection.exec('ROLLBACK');
      connection.close();
    },
  };
}

/** A connection that holds the write lock; waits for it while another process has it. */
async function begin(file: string): Promise<BetterSqlite3.Database> {
  const deadline = performance.now() + LOCK_TIMEOUT_MS;
  for (;;) {
    let connection: BetterSqlite3.Database | undefined;
    try {
      // It holds password hashes: no other account of the machine need read it.
      makePrivate(file);
      connection = new BetterSqlite3(file, { timeout: 1_000 });
      // Before the first table: changing the mode later needs every other connection gone. Of several
      // that do so at once on a new file some are refused, whatever their time-out.
      connection.pragma('journal_mode = WAL');
      connection.pragma('synchronous = FULL');
      connection.exec('BEGIN IMMEDIATE');
      return connection;
    } catch (cause) {
      connection?.close();
      const isBusy =
        cause instanceof Error && 'code' in cause && String(cause.code).startsWith('SQLITE_BUSY');
      if (!isBusy || performance.now() > deadline) throw cannotUse(file, cause);
      await sleep(LOCK_RETRY_MS);
    }
  }
}

function cannotUse(file: string, cause: unknown): BelfryError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new BelfryError(
    'database_unusable',
    `The database ${file} cannot be used (${reason}). Check that its folder is writable and has space, that no other program holds it, or set DATABASE_URL to another file.`,
    { cause },
  );
}
