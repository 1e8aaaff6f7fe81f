/**
 * What `prisma migrate deploy` does, by Prisma's own engine as WebAssembly: the one that it uses is
 * downloaded, and nothing is downloaded here.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import { type MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm';
import { ask } from '../support/postgresql.ts';

/** `prisma generate` asks for that engine too, and does not use it: any file will do. */
export const NO_DOWNLOAD = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath };

const NONE = { externalTables: [], externalEnums: [] };

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
  const engine = await engineFor(app, database);
  const { appliedMigrationNames } = await engine.applyMigrations({
    migrationsList: migrationsOf(join(app, 'prisma/migrations')),
    filters: NONE,
  });
  return appliedMigrationNames;
}

function engineFor(app: string, database: SqlMigrationAwareDriverAdapterFactory): Promise<SchemaEngine> {
  const datamodels = schemaOf(app).map(({ path, content }): [string, string] => [path, content]);
  return SchemaEngine.new({ datamodels }, () => {}, bindMigrationAwareSqlAdapterFactory(database));
}

function schemaOf(app: string): { path: string; content: string }[] {
  const folder = join(app, 'prisma');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.prisma'))
    .map((path) => ({ path, content: readFileSync(join(folder, path), 'utf8') }));
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
