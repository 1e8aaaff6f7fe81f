/** Reads the rows of a SELECT, so many at a time, in the order of their ids: no library has to hold all of them. */
import { BelfryError } from '../protocol/errors.ts';
import { empty, limitTo, raw, type Sql, type SqlRunner, sql, toNumber } from '../storage/database.ts';
import type { FoundRow, Source } from './source.ts';

const ROWS_AT_ONCE = 5_000;

/** @throws BelfryError `invalid_input` when the database refuses the SELECT, or its ids are not one for each row. */
export async function* sqlRows(database: SqlRunner, select: string): Source {
  const from = raw(`FROM (\n${select.trim().replace(/;$/, '')}\n) AS belfry_rows`);
  await assertOneIdEach(database, from);
  let last: unknown;
  for (;;) {
    // Not in quotes: of a column that is not there SQLite would make a text.
    const above: Sql = last === undefined ? empty : sql`WHERE belfry_rows.id > ${last}`;
    const rows = await ask<{ id: unknown }>(
      database,
      sql`SELECT * ${from} ${above} ORDER BY belfry_rows.id ${limitTo(ROWS_AT_ONCE)}`,
    );
    for (const row of rows)
      yield { place: `the row with id ${row.id}`, row: { value: row } } satisfies FoundRow;
    last = rows.at(-1)?.id;
    if (rows.length < ROWS_AT_ONCE) return;
  }
}

async function assertOneIdEach(database: SqlRunner, from: Sql): Promise<void> {
  const [counted] = await ask<{ rows: bigint | number; ids: bigint | number }>(
    database,
    sql`SELECT COUNT(*) AS rows, COUNT(DISTINCT belfry_rows.id) AS ids ${from}`,
  );
  const [rows, ids] = [toNumber(counted?.rows), toNumber(counted?.ids)];
  if (rows === ids) return;
  throw new BelfryError(
    'invalid_input',
    `The SELECT gives ${rows} rows with ${ids} different ids: nothing was imported. Have each row give an id of its own, by which it is known when this runs again.`,
  );
}

async function ask<Row>(database: SqlRunner, statement: Sql): Promise<Row[]> {
  try {
    return await database.query<Row>(statement);
  } catch (cause) {
    throw new BelfryError(
      'invalid_input',
      `The database does not run this SELECT: ${sentenceOf(cause)}. Nothing was imported.`,
      { cause },
    );
  }
}

/** Prisma keeps what the database said behind sentences of its own. */
function sentenceOf(error: unknown): string {
  const { meta, message = '' } = error as {
    message?: string;
    meta?: { driverAdapterError?: { cause?: { originalMessage?: string } } };
  };
  const said = meta?.driverAdapterError?.cause?.originalMessage ?? message;
  return said.trim().split('\n').at(-1)?.replace(/\.$/, '') ?? '';
}
