/** Reads the rows of a SELECT, so many at a time, in the order of their ids: no library has to hold all of them. */
import { BelfryError } from '../protocol/errors.ts';
import { empty, limitTo, raw, type Sql, type SqlRunner, sql, toNumber } from '../storage/database.ts';
import { sentenceOfDatabase } from '../storage/database-errors.ts';
import type { Source } from './source.ts';

const ROWS_AT_ONCE = 5_000;

/**
 * @param rowsAtOnce How many rows are in memory. Default: 5,000.
 * @throws BelfryError `invalid_input` when the database refuses the SELECT, or its ids are not one for each row.
 */
export async function* sqlRows(database: SqlRunner, select: string, rowsAtOnce = ROWS_AT_ONCE): Source {
  // On lines of their own: it may end with a remark.
  const from = raw(`FROM (\n${select.trim().replace(/;$/, '')}\n) AS belfry_rows`);
  await assertOneIdEach(database, from);
  let last: unknown;
  for (;;) {
    // Not in quotes: of a column that is not there SQLite would make a text.
    const above = last === undefined ? empty : sql`WHERE belfry_rows.id > ${last}`;
    const page = sql`SELECT * ${from} ${above} ORDER BY belfry_rows.id ${limitTo(rowsAtOnce)}`;
    const rows = await readPage(database, page);
    for (const value of rows) yield { place: null, row: { value } };
    const lastRow = rows.at(-1);
    if (lastRow === undefined || rows.length < rowsAtOnce) return;
    last = idOf(lastRow);
  }
}

/** The rows of SQLite have names as the SELECT writes them, such as `ID`. */
function idOf(row: object): unknown {
  return Object.entries(row).find(([name]) => name.toLowerCase() === 'id')?.[1];
}

/** On PostgreSQL as JSON: drivers make each something else of a time with a zone, and some of them something wrong. */
async function readPage(database: SqlRunner, page: Sql): Promise<object[]> {
  if (database.dialect === 'sqlite') return ask(database, page);
  const rows = await ask<{ json: string }>(
    database,
    sql`SELECT CAST(row_to_json(belfry_page) AS TEXT) AS json FROM (${page}) AS belfry_page`,
  );
  return rows.map(({ json }) => JSON.parse(json));
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
      `The database does not run this SELECT: ${sentenceOfDatabase(cause)}. Nothing was imported.`,
      { cause },
    );
  }
}
