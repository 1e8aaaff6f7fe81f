/**
 * Which database a test project is about: a real SQLite file, or in `integration-postgresql` a database
 * on a real PostgreSQL server. Imports nothing of the app, which reads its environment when it is loaded.
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { Dialect } from '../../lib/belfry/storage/database.ts';
import { createDatabase } from './postgresql.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The server to test on, by its administrative database; undefined: the embedded database. */
    postgresqlUrl: string | undefined;
    /** How that server makes an empty database, and a migrated one, which it copies: that takes a tenth of the time. */
    emptyOptions: string;
    migratedOptions: string;
    /** The embedded database that is copied where a migrated one is asked for. */
    migratedFile: string;
  }
}

export const ON_POSTGRESQL = inject('postgresqlUrl') !== undefined;
export const DIALECT: Dialect = ON_POSTGRESQL ? 'postgresql' : 'sqlite';

interface PlainDatabase {
  url: string;
  remove: () => Promise<void>;
}

/** The address of a new, empty database, and how to remove it. */
export async function emptyDatabase(): Promise<PlainDatabase> {
  const server = inject('postgresqlUrl');
  if (server !== undefined) return onServer(server, inject('emptyOptions'));
  const folder = mkdtempSync(join(tmpdir(), 'belfry-test-'));
  return {
    url: `file:${join(folder, 'belfry.db')}`,
    remove: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The same with all migrations applied. */
export async function migratedDatabase(): Promise<PlainDatabase> {
  const server = inject('postgresqlUrl');
  if (server !== undefined) return onServer(server, inject('migratedOptions'));
  const empty = await emptyDatabase();
  copyFileSync(inject('migratedFile'), fileOf(empty));
  return empty;
}

/** What is made on the server goes with the server. */
async function onServer(server: string, options: string): Promise<PlainDatabase> {
  return { url: await createDatabase(server, options), remove: async () => {} };
}

/** The file of an embedded test database. */
export function fileOf({ url }: { url: string }): string {
  return url.slice('file:'.length);
}
