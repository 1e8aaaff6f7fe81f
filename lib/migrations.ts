/**
 * Applies the SQL files of prisma/migrations at start-up. All of it is one write transaction that is
 * taken before anything is read, so two starts at once apply each file once. Progress is kept in
 * `_prisma_migrations` in the form that Prisma's own command line reads and writes.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import BetterSqlite3 from 'better-sqlite3';
import { BelfryError } from './errors.ts';

export interface Migration {
  /** The name of its folder; folders sort in the order in which they apply. */
  name: string;
  sql: string;
  /** SHA-256 of the file in hexadecimal, as Prisma computes it. */
  checksum: string;
}

export interface MigrationOutcome {
  /** Names of the migrations that this call applied. */
  applied: string[];
  /** True when the database held nothing before. */
  created: boolean;
}

// A migration of a large table may take a while in the other process.
const LOCK_TIMEOUT_MS = 60_000;
const LOCK_RETRY_MS = 25;

// As the Prisma schema engine creates it.
const MIGRATIONS_TABLE = `
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

/** The committed migrations of one provider, oldest first. */
export function readMigrations(
  folder = join(/* turbopackIgnore: true */ process.cwd(), 'prisma', 'migrations', 'sqlite'),
): Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
}

/**
 * Brings the embedded database in `file` up to date, making it if need be.
 *
 * @throws BelfryError `database_unusable` when the file cannot be opened or written, was made by a
 * newer version, or holds a migration that was edited after it was applied.
 */
export async function migrate(file: string, migrations = readMigrations()): Promise<MigrationOutcome> {
  const connection = open(file);
  try {
    await beginImmediate(connection, file);
    try {
      const outcome = applyPending(connection, migrations);
      connection.exec('COMMIT');
      return outcome;
    } catch (error) {
      if (connection.inTransaction) connection.exec('ROLLBACK');
      throw error;
    }
  } finally {
    connection.close();
  }
}

function applyPending(connection: BetterSqlite3.Database, migrations: Migration[]): MigrationOutcome {
  const tables = connection.prepare("SELECT count(*) FROM sqlite_master WHERE type = 'table'").pluck().get();
  const created = tables === 0;
  connection.exec(MIGRATIONS_TABLE);
  const appliedBefore = connection
    .prepare(
      `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
       FROM _prisma_migrations WHERE rolled_back_at IS NULL`,
    )
    .all() as AppliedMigration[];
  refuseUnknown(appliedBefore, migrations);

  const names = new Set(appliedBefore.map(({ name }) => name));
  const pending = migrations.filter(({ name }) => !names.has(name));
  const record = connection.prepare(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
     VALUES (?, ?, ?, ?, ?, 1)`,
  );
  for (const { name, sql, checksum } of pending) {
    const startedAt = Date.now();
    connection.exec(sql);
    record.run(randomUUID(), checksum, name, startedAt, Date.now());
  }
  return { applied: pending.map(({ name }) => name), created };
}

interface AppliedMigration {
  name: string;
  checksum: string;
  /** 0 or 1. */
  finished: number;
}

function refuseUnknown(applied: AppliedMigration[], migrations: Migration[]): void {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { name, checksum, finished } of applied) {
    // Ours are written when they are finished; Prisma's own command writes them before.
    if (!finished) {
      throw new BelfryError(
        'database_unusable',
        `The migration ${name} was begun by another tool and did not finish. Mend the database, and say so with \`prisma migrate resolve\`, or set DATABASE_URL to another file.`,
      );
    }
    const migration = known.get(name);
    if (!migration) {
      throw new BelfryError(
        'database_unusable',
        `The database was made by a newer version of Belfry (it holds the migration ${name}, which this version does not know). Run the newer version again, or set DATABASE_URL to another file.`,
      );
    }
    if (migration.checksum !== checksum) {
      throw new BelfryError(
        'database_unusable',
        `The migration ${name} was changed after it had been applied to this database. Put its file back as it was, and make the change in a new migration.`,
      );
    }
  }
}

function open(file: string): BetterSqlite3.Database {
  let connection: BetterSqlite3.Database | undefined;
  try {
    // It holds password hashes: no other account of the machine need read it.
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    connection = new BetterSqlite3(file, { timeout: 1_000 });
    // Before the first table: changing the mode later needs every other connection gone.
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = FULL');
    return connection;
  } catch (cause) {
    connection?.close();
    throw cannotUse(file, cause);
  }
}

async function beginImmediate(connection: BetterSqlite3.Database, file: string): Promise<void> {
  const deadline = performance.now() + LOCK_TIMEOUT_MS;
  for (;;) {
    try {
      connection.exec('BEGIN IMMEDIATE');
      return;
    } catch (cause) {
      const busy = cause instanceof Error && 'code' in cause && String(cause.code).startsWith('SQLITE_BUSY');
      if (!busy || performance.now() > deadline) throw cannotUse(file, cause);
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
