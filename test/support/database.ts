/** A database of its own for a test file: a real SQLite file, migrated, in a folder that goes away. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '../../lib/db.ts';
import { migrate } from '../../lib/migrations.ts';

export interface TestDatabase {
  db: Database;
  file: string;
  /** Disconnects and removes the files. */
  remove: () => Promise<void>;
}

export async function freshDatabase(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-test-'));
  const file = join(folder, 'belfry.db');
  await migrate(file);
  const db = openDatabase(`file:${file}`);
  return {
    db,
    file,
    remove: async () => {
      await db.$disconnect();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
