/** A migrated database of its own for a test file, gone afterwards. */
import { type Database, openDatabase } from '../../lib/database/db.ts';
import { migrate } from '../../lib/database/migrations.ts';
import { emptyDatabase } from './empty-database.ts';

export interface TestDatabase {
  db: Database;
  url: string;
  /** Disconnects and removes it. */
  remove: () => Promise<void>;
}

export async function freshDatabase(): Promise<TestDatabase> {
  const { url, remove } = await emptyDatabase();
  await migrate(url);
  const db = openDatabase(url);
  return {
    db,
    url,
    remove: async () => {
      await db.$disconnect();
      await remove();
    },
  };
}
