/** Starts the PostgreSQL server that the project `integration-postgresql` runs on, and ends it. */
import type { TestProject } from 'vitest/node';
import { startPostgresql } from './postgresql.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // Nobody cuts its power, and waiting for the disk is half of what the tests would take.
  const server = await startPostgresql({ settings: { fsync: 'off', full_page_writes: 'off' } });
  project.provide('postgresqlUrl', server.url);
  return server.remove;
}
