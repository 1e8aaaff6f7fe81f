/** Migrates the embedded database that the tests of the project `integration` copy. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../lib/database/migrations.ts';

export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-test-'));
  const file = join(folder, 'migrated.db');
  await migrate(`file:${file}`);
  project.provide('migratedFile', file);
  return () => rmSync(folder, { recursive: true, force: true });
}
