import { DatabaseSync } from 'node:sqlite';
import type { SqlDatabase } from '../storage/database.ts';
import { sqliteDatabase } from '../storage/sqlite-database.ts';

/**
 * A database in memory, gone with the process: Node's own SQLite, so that nothing need be installed. It obeys the same
 * suite as any other. Its tables are made by `migrate`, or by a Belfry that `migrates`.
 *
 * @throws Error below Node 22.16.
 */
export function memoryDatabase(): SqlDatabase {
  const connection = new DatabaseSync(':memory:');
  if (connection.isTransaction === undefined) {
    throw new Error('A database in memory needs Node 22.16 or later. Run the tests with that.');
  }
  return sqliteDatabase({
    get inTransaction() {
      return connection.isTransaction;
    },
    exec: (source) => connection.exec(source),
    prepare(source) {
      const statement = connection.prepare(source);
      return {
        reader: statement.columns().length > 0,
        all: (values) => statement.all(...values),
        run: (values) => ({ changes: Number(statement.run(...values).changes) }),
      };
    },
  });
}
