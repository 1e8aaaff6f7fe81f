/**
 * The port to the database: a few functions that any library which speaks SQL can fill. Everything that
 * Belfry keeps goes through it, in one of two dialects. `prisma-database.ts` fills it with a Prisma client.
 *
 * Values: numbers are integers, of up to 53 bits; times are `Date`s, kept in milliseconds; nothing else but
 * text and null. What comes back may hold a whole number as a bigint or as text, and a time as a number or as text:
 * `toNumber` and `toDate` read either.
 */
import sql, { Sql } from 'sql-template-tag';

export { empty, join, raw } from 'sql-template-tag';
export { type Sql, sql };

/** `LIMIT`, with a number that SQLite does not look into: it would plan the statement anew each time one is bound. */
export function limitTo(count: number): Sql {
  return sql`LIMIT CAST(${count} AS INTEGER)`;
}

/**
 * A statement that is put together once, for what is asked with every request: from then on only its values are new.
 *
 * @param build Gets a stand-in for each value, and may do nothing else with one than put it into the statement.
 */
export function fixed<Values extends readonly unknown[]>(
  build: (...values: Values) => Sql,
): (...values: Values) => Sql {
  let shape: FixedSql['shape'] | undefined;
  return (...values) => {
    shape ??= shapeOf(build, values.length);
    return new FixedSql(shape, values);
  };
}

function shapeOf<Values extends readonly unknown[]>(build: (...values: Values) => Sql, count: number) {
  // Whoever calculates with one, or puts it into a text, gets a TypeError.
  const standIns: unknown[] = Array.from({ length: count }, () => Symbol('a value'));
  const { strings, sql, text, values } = build(...(standIns as unknown as Values));
  // What is no stand-in is the same each time.
  return { strings, sql, text, values: values.map((value) => ({ value, at: standIns.indexOf(value) })) };
}

class FixedSql extends Sql {
  readonly shape: ReturnType<typeof shapeOf>;

  constructor(shape: FixedSql['shape'], values: readonly unknown[]) {
    super(
      shape.strings,
      shape.values.map(({ value, at }) => (at < 0 ? value : values[at])),
    );
    this.shape = shape;
  }

  override get sql(): string {
    return this.shape.sql;
  }

  override get text(): string {
    return this.shape.text;
  }
}

/** The two ways of saying what SQL itself does not say. */
export type Dialect = 'sqlite' | 'postgresql';

/** What runs statements: a database, or a transaction that is under way. */
export interface SqlRunner {
  readonly dialect: Dialect;
  /**
   * Whether a statement has run by the time that `query` or `execute` returns, and throws at once when it fails: so it is
   * with a transaction that is over when its function returns. Default: no.
   */
  readonly isSynchronous?: boolean;
  /** Runs a statement that gives rows. */
  query<Row>(statement: Sql): Promise<Row[]>;
  /** Runs a statement that gives none. Returns how many rows it concerned. */
  execute(statement: Sql): Promise<number>;
}

/** A database. Connecting, pooling and closing are its owner's. */
export interface SqlDatabase extends SqlRunner {
  /**
   * Runs `work` in a transaction of its own, which commits when it resolves and rolls back when it rejects.
   * On SQLite it has the write lock from its beginning.
   */
  transaction<T>(work: (tx: SqlRunner) => Promise<T>): Promise<T>;
  /**
   * As `transaction`, in one that code of the app can use as well.
   *
   * @param work Gets it as the library hands it out too: what `within` takes.
   */
  appTransaction<T>(work: (tx: SqlRunner, own: unknown) => Promise<T>): Promise<T>;
  /** The caller's own transaction, as its library hands it out, as something that runs statements. */
  within(tx: unknown): SqlRunner;
  /**
   * Whether an error is the database's own trouble (away, locked, full), so that another statement would meet
   * it too.
   */
  isUnavailable(error: unknown): boolean;
}

/** A whole number out of a row. */
export function toNumber(value: bigint | number | string | null | undefined): number {
  return Number(value ?? 0);
}

/** A time out of a row. */
export function toDate(value: Date | bigint | number | string | null | undefined): Date | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Date) return value;
  if (typeof value !== 'string') return new Date(Number(value));
  // PostgreSQL's own form of a time without a zone: all of ours are UTC.
  return new Date(/[Zz]|[+-]\d\d(:?\d\d)?$/.test(value) ? value : `${value.replace(' ', 'T')}Z`);
}

/**
 * Has PostgreSQL end the transaction that this is called in when nothing is asked in it for five seconds: an instance
 * whose host vanished, or stands still, would otherwise keep its locks for as long as the connection seems to stand.
 */
export async function letGoWhenSilent(tx: SqlRunner): Promise<void> {
  if (tx.dialect === 'postgresql')
    await tx.execute(sql`SET LOCAL idle_in_transaction_session_timeout = 5000`);
}
