/** Starts the PostgreSQL server that the project `integration-postgresql` runs on, and ends it. */
import type { TestProject } from 'vitest/node';
import { migrate } from '../../lib/database/migrations.ts';
import { ask, createDatabase, startPostgresql } from './postgresql.ts';

// From this version on a new database is written page by page into the server's log, unless told otherwise.
const KNOWS_STRATEGIES = 150_000;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Nobody cuts its power, and waiting for the disk is half of what the tests would take.
  const server = await startPostgresql({ settings: { fsync: 'off', full_page_writes: 'off' } });
  const [row] = await ask(server.url, "SELECT current_setting('server_version_num')::int AS version");
  const strategy = Number(row?.version) >= KNOWS_STRATEGIES ? 'STRATEGY file_copy' : '';
  const migrated = await createDatabase(server.url);
  await migrate(migrated);
  project.provide('postgresqlUrl', server.url);
  project.provide('emptyOptions', strategy);
  project.provide('migratedOptions', `TEMPLATE ${new URL(migrated).pathname.slice(1)} ${strategy}`);
  return server.remove;
}
