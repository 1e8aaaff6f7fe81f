/** Whether the database has what the schema in prisma/ says: a model without a migration shows at the start. */
import { Prisma } from '../../generated/prisma/client.ts';
import { BelfryError } from '../belfry/protocol/errors.ts';
import { type Database, db } from './db.ts';
import { isPostgresql } from './postgresql.ts';

// https://www.prisma.io/docs/orm/reference/error-reference
const NO_TABLE = 'P2021';
const NO_COLUMN = 'P2022';

/**
 * Asks for a row of every model, with all its columns. Call it when the migrations are applied.
 *
 * @throws BelfryError `database_unusable` that names a table or a column which no migration has made.
 */
export async function checkSchema(
  database: Database = db,
  models: readonly string[] = Object.keys(Prisma.ModelName),
): Promise<void> {
  for (const model of models) {
    try {
      await readerOf(database, model).findFirst();
    } catch (error) {
      const missing = missingIn(error, model);
      if (missing === null) throw error;
      const provider = isPostgresql(database) ? 'postgresql' : 'sqlite';
      throw new BelfryError(
        'database_unusable',
        `The schema in prisma/ has ${missing}, and no migration makes it. Put the SQL that \`npm run print-migration\` prints into prisma/migrations/${provider}/<UTC time as 14 digits>_<name>/migration.sql, then start again.`,
        { cause: error },
      );
    }
  }
}

interface Reader {
  findFirst: () => Promise<unknown>;
}

/** Prisma calls it by the model's name with a small first letter. */
function readerOf(database: Database, model: string): Reader {
  const name = `${model.charAt(0).toLowerCase()}${model.slice(1)}`;
  return (database as unknown as Record<string, Reader>)[name] as Reader;
}

/** As it stands in the sentence; null when something else is wrong. */
function missingIn(error: unknown, model: string): string | null {
  const { code, meta } = error as {
    code?: string;
    meta?: { driverAdapterError?: { cause?: { column?: string } } };
  };
  if (code === NO_TABLE) return `the model ${model}`;
  if (code !== NO_COLUMN) return null;
  const column = meta?.driverAdapterError?.cause?.column?.split('.').at(-1);
  return column ? `the column "${column}" in the model ${model}` : `a new column in the model ${model}`;
}
