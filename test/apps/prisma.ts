/**
 * What `prisma migrate deploy` does, by Prisma's own engine as WebAssembly: the one that it uses is
 * downloaded, and nothing is downloaded here.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import { type MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm';
import { ask } from '../support/postgresql.ts';

/** `prisma generate` asks for that engine too, and does not use it: any file will do. */
export const NO_DOWNLOAD = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath };

/** Prisma's adapter would take a script apart at every semicolon, within functions too. */
export function postgresqlAt(url: string): SqlMigrationAwareDriverAdapterFactory {
  const factory = new PrismaPg(url);
  const connect = factory.connect.bind(factory);
  const executeScript = async (script: string) => {
    await ask(url, script);
  };
  return Object.assign(factory, { connect: async () => Object.assign(await connect(), { executeScript }) });
}

/** Applies what is missing of the migrations in the folder `prisma` of an app. */
export async function migrateDeploy(
  app: string,
  database: SqlMigrationAwareDriverAdapterFactory,
): Promise<string[]> {
  const connections: SqlDriverAdapter[] = [];
  const connect = database.connect.bind(database);
  Object.assign(database, {
    async connect() {
      const connection = await connect();
      connections.push(connection);
      return connection;
    },
  });
  try {
    const engine = await SchemaEngine.new(
      { datamodels: schemaOf(app) },
      () => {},
      bindMigrationAwareSqlAdapterFactory(database),
    );
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: migrationsOf(join(app, 'prisma/migrations')),
      filters: { externalTables: [], externalEnums: [] },
    });
    return appliedMigrationNames;
  } finally {
    // It locks a file of SQLite for as long as it has it open, which is the process otherwise.
    for (const connection of connections) await connection.dispose();
  }
}

function schemaOf(app: string): [path: string, content: string][] {
  const folder = join(app, 'prisma');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.prisma'))
    .map((path) => [path, readFileSync(join(folder, path), 'utf8')]);
}

function migrationsOf(baseDir: string): MigrationList {
  const lockfile = join(baseDir, 'migration_lock.toml');
  return {
    baseDir,
    lockfile: {
      path: 'migration_lock.toml',
      content: existsSync(lockfile) ? readFileSync(lockfile, 'utf8') : null,
    },
    shadowDbInitScript: '',
    migrationDirectories: readdirSync(baseDir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort()
      .map((path) => ({
        path,
        migrationFile: {
          path: 'migration.sql',
          content: { tag: 'ok', value: readFileSync(join(baseDir, path, 'migration.sql'), 'utf8') },
        },
      })),
  };
}
