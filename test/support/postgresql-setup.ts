/** Starts the PostgreSQL server that the project `integration-postgresql` runs on, and ends it. */
import type { TestProject } from 'vitest/node';
import { startPostgresql } from './postgresql.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgresql();
  project.provide('postgresqlUrl', server.url);
  return server.remove;
}
