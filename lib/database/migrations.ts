/**
 * Applies the SQL files of prisma/migrations at start-up. All of it is one write transaction that is
 * taken before anything is read, so two starts at once apply each file once. Progress is kept in
 * `_prisma_migrations` in the form that Prisma's own command line reads and writes.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BelfryError } from '../belfry/protocol/errors.ts';
import { embeddedDatabaseFile } from '../config/start-settings.mjs';
import type { AppliedMigration, MigrationTransaction } from './migration-transaction.ts';
import { openPostgresqlMigrations } from './postgresql-migrations.ts';
import { openSqliteMigrations } from './sqlite-migrations.ts';

/** A folder of prisma/migrations, read. */
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

/** The folder below prisma/migrations. */
export type Provider = 'sqlite' | 'postgresql';

/** The committed migrations of one provider, oldest first. */
export function readMigrations(
  provider: Provider,
  folder = join(/* turbopackIgnore: true */ process.cwd(), 'prisma', 'migrations', provider),
): Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const sql = readFileSync(join(/* turbopackIgnore: true */ folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    });
}

/**
 * Brings the database up to date, making the embedded one if need be.
 *
 * @param databaseUrl `file:…` or `postgresql://…`
 * @throws BelfryError `database_unusable` when the database cannot be opened or written, was made by a
 * newer version, or holds a migration that was edited after it was applied.
 */
export async function migrate(databaseUrl: string, migrations?: Migration[]): Promise<MigrationOutcome> {
  const file = embeddedDatabaseFile(databaseUrl);
  const wanted = migrations ?? readMigrations(file === null ? 'postgresql' : 'sqlite');
  const transaction =
    file === null ? await openPostgresqlMigrations(databaseUrl) : await openSqliteMigrations(file);
  try {
    const outcome = await applyPending(transaction, wanted);
    await transaction.commit();
    return outcome;
  } finally {
    await transaction.end();
  }
}

async function applyPending(
  transaction: MigrationTransaction,
  migrations: Migration[],
): Promise<MigrationOutcome> {
  const created = (await transaction.countTables()) === 0;
  await transaction.ensureHistory();
  const appliedBefore = await transaction.history();
  refuseUnknown(appliedBefore, migrations);

  const names = new Set(appliedBefore.map(({ name }) => name));
  const pending = migrations.filter(({ name }) => !names.has(name));
  for (const { name, sql, checksum } of pending) {
    const startedAt = new Date();
    await transaction.run(sql);
    await transaction.record({ id: randomUUID(), name, checksum, startedAt, finishedAt: new Date() });
  }
  return { applied: pending.map(({ name }) => name), created };
}

function refuseUnknown(applied: AppliedMigration[], migrations: Migration[]): void {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { name, checksum, finished } of applied) {
    // Ours are written when they are finished; Prisma's own command writes them before.
    if (!finished) {
      throw new BelfryError(
        'database_unusable',
        `The migration ${name} was begun by another tool and did not finish. Mend the database, and say so with \`prisma migrate resolve\`, or set DATABASE_URL to another one.`,
      );
    }
    const migration = known.get(name);
    if (!migration) {
      throw new BelfryError(
        'database_unusable',
        `The database was made by a newer version of Belfry (it holds the migration ${name}, which this version does not know). Run the newer version again, or set DATABASE_URL to another database.`,
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
