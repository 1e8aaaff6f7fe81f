import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkSchema } from '../../lib/database/schema-check.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { ON_POSTGRESQL } from '../support/empty-database.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.remove());

test('the migrations make all that the schema says', async () => {
  await expect(checkSchema(database.db)).resolves.toBeUndefined();
});

test('a model without a table is named, with the command that prints the SQL and where that goes', async () => {
  await database.db.$executeRawUnsafe('ALTER TABLE belfry_inbox RENAME TO inbox_away');
  const provider = ON_POSTGRESQL ? 'postgresql' : 'sqlite';
  await expect(checkSchema(database.db)).rejects.toMatchObject({
    code: 'database_unusable',
    message: `The schema in prisma/ has the model BelfryInbox, and no migration makes it. Put the SQL that \`npm run print-migration\` prints into prisma/migrations/${provider}/<UTC time as 14 digits>_<name>/migration.sql, then start again.`,
  });
});

test('a column that no migration made is named', async () => {
  await database.db.$executeRawUnsafe('ALTER TABLE "user" RENAME COLUMN name TO name_away');
  await expect(checkSchema(database.db)).rejects.toThrow(
    'The schema in prisma/ has the column "name" in the model User, and no migration makes it.',
  );
});

test('a database that cannot be read is another matter', async () => {
  await database.db.$disconnect();
  const gone = { user: { findFirst: () => Promise.reject(new Error('away')) } };
  await expect(checkSchema(gone as never, ['User'])).rejects.toThrow('away');
});
