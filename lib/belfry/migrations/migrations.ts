/**
 * Belfry's own tables, which all begin with `belfry_`, and how a database comes by them: `migrate` applies what is
 * missing, at the start or by `npx belfry migrate`; `migrationFile` is for an app that keeps its migrations with Prisma or
 * Drizzle. Each writes its own row into `belfry_migration`, so that it does not matter who applied it.
 */
import { BelfryError } from '../protocol/errors.ts';
import { type Dialect, raw, type SqlDatabase, type SqlRunner, sql } from '../storage/database.ts';
import { init } from './0001-init.ts';
import { imported } from './0002-imported.ts';
import { definitions } from './0003-definitions.ts';
import { questions } from './0004-questions.ts';
import { groups } from './0005-groups.ts';
import { settings } from './0006-settings.ts';
import type { Migration } from './migration.ts';

export type { Migration } from './migration.ts';

/** All there are, oldest first. What was released is never changed again. */
export const migrations: readonly Migration[] = [init, imported, definitions, questions, groups, settings];

/** What a database has, and what it lacks. */
export interface MigrationStatus {
  applied: string[];
  pending: string[];
}

// The name of the lock; any number would do, as long as it stays the same.
const MIGRATION_LOCK = 4270012;

const TABLE: Record<Dialect, string> = {
  sqlite: `CREATE TABLE IF NOT EXISTS "belfry_migration" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "applied_at" DATETIME NOT NULL
);`,
  postgresql: `CREATE TABLE IF NOT EXISTS "belfry_migration" (
    "name" TEXT NOT NULL,
    "applied_at" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "belfry_migration_pkey" PRIMARY KEY ("name")
);`,
};

const NOW: Record<Dialect, string> = {
  sqlite: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
  postgresql: "now() AT TIME ZONE 'UTC'",
};

/**
 * Brings Belfry's tables up to date, all of it or nothing. Two that do so at once apply each migration once.
 *
 * @returns The names of those that it applied.
 * @throws BelfryError `database_unusable` when a newer version has been there, or something else has made the tables.
 */
export async function migrate(
  database: SqlDatabase,
  all: readonly Migration[] = migrations,
): Promise<string[]> {
  const { pending } = await migrationStatus(database, all);
  if (database.dialect === 'sqlite') await setWriteAheadLog(database);
  if (pending.length === 0) return [];
  // By itself: on SQLite the transaction needs a table whose write lock it can take.
  await database.execute(asSql(TABLE[database.dialect]));
  return database.transaction(async (tx) => {
    if (tx.dialect === 'postgresql') {
      await tx.query(sql`SELECT CAST(pg_advisory_xact_lock(${MIGRATION_LOCK}) AS TEXT) AS "locked"`);
    }
    const names = await appliedNames(tx);
    if (names.length === 0 && (await hasTable(tx, 'belfry_event'))) throw madeOtherwise();
    const missing = all.filter(({ name }) => !names.includes(name));
    for (const migration of missing) {
      for (const statement of statementsOf(migration, tx.dialect)) {
        if (!(await isThereAlready(tx, statement))) await tx.execute(asSql(statement));
      }
    }
    return missing.map(({ name }) => name);
  });
}

/**
 * Looks, and changes nothing.
 *
 * @throws BelfryError `database_unusable` when a newer version has been there.
 */
export async function migrationStatus(
  database: SqlDatabase,
  all: readonly Migration[] = migrations,
): Promise<MigrationStatus> {
  const applied = (await hasTable(database, 'belfry_migration')) ? await appliedNames(database) : [];
  const known = new Set(all.map(({ name }) => name));
  const unknown = applied.filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new BelfryError(
      'database_unusable',
      `The tables of Belfry were made by a newer version of it (they hold ${unknown.join(', ')}). Install that version again: npm install belfry@latest.`,
    );
  }
  const pending = all.map(({ name }) => name).filter((name) => !applied.includes(name));
  return { applied, pending };
}

/** The SQL of a migration as a file of its own, for whoever has other tools apply it. */
export function migrationFile(migration: Migration, dialect: Dialect): string {
  return `${statementsOf(migration, dialect).join('\n\n')}\n`;
}

/** With what keeps track of it. */
function statementsOf(migration: Migration, dialect: Dialect): string[] {
  const record = `INSERT INTO "belfry_migration" ("name", "applied_at") VALUES ('${migration.name}', ${NOW[dialect]});`;
  return [TABLE[dialect], ...migration[dialect].trim().split(/\n\n+/), record];
}

/** Without it a reader holds up a writer, and a commit that meets one fails. It stays with the file. */
async function setWriteAheadLog(database: SqlRunner): Promise<void> {
  const [row] = await database.query<{ journal_mode: string }>(sql`PRAGMA journal_mode`);
  if (row?.journal_mode === 'wal' || row?.journal_mode === 'memory') return;
  const [now] = await database.query<{ journal_mode: string }>(sql`PRAGMA journal_mode = WAL`);
  if (now?.journal_mode === 'wal') return;
  throw new BelfryError(
    'database_unusable',
    `The SQLite file cannot be put into write-ahead mode (it is in ${now?.journal_mode} mode). Keep it on a local disk.`,
  );
}

async function hasTable(database: SqlRunner, table: string): Promise<boolean> {
  const rows = await database.query(
    database.dialect === 'sqlite'
      ? sql`SELECT 1 AS "one" FROM sqlite_master WHERE type = 'table' AND name = ${table}`
      : sql`SELECT 1 AS "one" WHERE to_regclass(${table}) IS NOT NULL`,
  );
  return rows.length > 0;
}

/** A column that `prisma db push` made ahead of its migration. On PostgreSQL the statement says `IF NOT EXISTS` itself. */
async function isThereAlready(tx: SqlRunner, statement: string): Promise<boolean> {
  const [, table, column] = /^ALTER TABLE "(\w+)" ADD COLUMN "(\w+)"/.exec(statement) ?? [];
  if (table === undefined || column === undefined || tx.dialect !== 'sqlite') return false;
  const rows = await tx.query(sql`SELECT 1 AS "one" FROM pragma_table_info(${table}) WHERE name = ${column}`);
  return rows.length > 0;
}

/** Without triggers and checks, which Prisma and Drizzle do not know of. */
function madeOtherwise(): BelfryError {
  return new BelfryError(
    'database_unusable',
    'The tables of Belfry are there, but its migrations did not make them; perhaps `prisma db push` or `drizzle-kit push` did, without the triggers that they need. Remove the tables that begin with belfry_, run `npx belfry migrate`, and push after that.',
  );
}

async function appliedNames(runner: SqlRunner): Promise<string[]> {
  const rows = await runner.query<{ name: string }>(
    sql`SELECT "name" FROM "belfry_migration" ORDER BY "name"`,
  );
  return rows.map(({ name }) => name);
}

/** A library may take the last semicolon for the beginning of another statement. */
function asSql(statement: string) {
  return raw(statement.trim().replace(/;$/, ''));
}
