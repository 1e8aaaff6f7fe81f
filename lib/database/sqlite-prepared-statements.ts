/**
 * Statements of one SQLite connection that stay prepared, in this one file.
 *
 * `@prisma/adapter-better-sqlite3` prepares every statement anew: for reading an inbox that takes six
 * times as long as running it. The adapter keeps its own connection in a field `client`, and asks of it no
 * more than what `PreparedStatements` offers; put in its place, it lets the adapter's conversion of
 * values and errors run as it is.
 *
 * The field is no API of the adapter's, so nothing rests on it: without it every statement is prepared
 * anew, as before. See docs/decisions/019-prepared-statements.md.
 */
import { DriverAdapterError, type SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import type { ColumnDefinition, Database, Statement } from 'better-sqlite3';

// The app has some 50; what it makes up by the number of its values (rows, ids) must not push those out.
const MOST_KEPT = 200;
// A statement takes several times its text: long ones are those with many values, of which few are alike.
const LONGEST_KEPT = 12_288;
// As wide as a table is at the moment.
const ALL_COLUMNS = /\bSELECT \*|\.\*|\bRETURNING \*/i;

/** Makes the adapter's connection keep its statements, if it is made as expected. Returns whether it is. */
export function keepPrepared(adapter: SqlDriverAdapter): boolean {
  const holder = adapter as SqlDriverAdapter & { client?: Partial<Database> };
  if (typeof holder.client?.prepare !== 'function') return false;
  if (typeof holder.client.exec !== 'function' || typeof holder.client.close !== 'function') return false;
  Object.assign(holder, { client: new PreparedStatements(holder.client as Database) });
  return true;
}

/** Runs statements as the driver itself does: whole numbers come back as numbers, times as numbers of milliseconds. */
export interface DirectRunner {
  /** The rows of a statement; none of one that gives none. */
  rows: <Row>(sql: string, values: readonly unknown[]) => Promise<Row[]>;
  /** How many rows a statement concerned. */
  changes: (sql: string, values: readonly unknown[]) => Promise<number>;
}

/** The kept statements of the adapter's connection; null when it is made otherwise. */
export function preparedOf(adapter: SqlDriverAdapter): PreparedStatements | null {
  const { client } = adapter as SqlDriverAdapter & { client?: unknown };
  return client instanceof PreparedStatements ? client : null;
}

/** What the adapter uses of a connection; and, past the adapter, what Belfry's port does. */
export class PreparedStatements {
  readonly #connection: Database;
  /** Those of Belfry's port, by their text. */
  readonly #direct = new Map<string, Statement>();
  /** By their text; who was used last is last. */
  readonly #kept = new Map<string, KeptStatement>();

  constructor(connection: Database) {
    this.#connection = connection;
  }

  prepare(sql: string): { bind: (args: unknown[]) => BoundStatement } {
    const statement = this.#take(sql);
    return { bind: (args) => new BoundStatement(statement, args) };
  }

  /** The rows of a statement. Errors are those that the adapter would throw. */
  rows<Row>(sql: string, values: readonly unknown[]): Row[] {
    return asAdapter(() => {
      const statement = this.#takeDirect(sql);
      if (statement.reader) return statement.all(values.map(toDriver)) as Row[];
      statement.run(values.map(toDriver));
      return [];
    });
  }

  /** How many rows a statement concerned. Errors as `rows`. */
  changes(sql: string, values: readonly unknown[]): number {
    return asAdapter(() => this.#takeDirect(sql).run(values.map(toDriver)).changes);
  }

  exec(script: string): void {
    this.#connection.exec(script);
  }

  close(): void {
    this.#kept.clear();
    this.#direct.clear();
    this.#connection.close();
  }

  #take(sql: string): KeptStatement {
    return keep(this.#kept, sql, () => new KeptStatement(this.#connection.prepare(withSteadyPlan(sql)), sql));
  }

  #takeDirect(sql: string): Statement {
    return keep(this.#direct, sql, () => this.#connection.prepare(sql).safeIntegers(false));
  }
}

/** What is kept under a text, or made now and kept from now on; who was used longest ago goes. */
function keep<Kept>(all: Map<string, Kept>, sql: string, make: () => Kept): Kept {
  const known = all.get(sql);
  all.delete(sql);
  const statement = known ?? make();
  if (sql.length > LONGEST_KEPT) return statement;
  all.set(sql, statement);
  if (all.size > MOST_KEPT) all.delete(all.keys().next().value as string);
  return statement;
}

function toDriver(value: unknown): unknown {
  return value instanceof Date ? value.getTime() : value;
}

/** Has the driver's errors look like those of the adapter, by which the app knows them. */
function asAdapter<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    if (typeof code !== 'string' || typeof message !== 'string') throw error;
    const original = { originalCode: code, originalMessage: message };
    throw new DriverAdapterError(
      code.startsWith('SQLITE_BUSY')
        ? { kind: 'SocketTimeout', ...original }
        : { kind: 'sqlite', extendedCode: 1, message, ...original },
    );
  }
}

/** A statement, with its columns where the text itself says what they are. */
class KeptStatement {
  readonly statement: Statement;
  readonly #namesItsColumns: boolean;
  #columns: ColumnDefinition[] | null = null;

  constructor(statement: Statement, sql: string) {
    this.statement = statement;
    this.#namesItsColumns = !ALL_COLUMNS.test(sql);
  }

  /** To be asked after a run: only that brings a kept statement up to a changed schema. */
  columns(): ColumnDefinition[] {
    if (!this.#namesItsColumns) return this.statement.columns();
    // For one with 25 columns this takes as long as half of its run.
    this.#columns ??= this.statement.columns();
    return this.#columns;
  }
}

/** A statement with its values; what `bind` would fix for good is given with each run instead. */
class BoundStatement {
  readonly #kept: KeptStatement;
  readonly #statement: Statement;
  readonly #args: unknown[];
  #rows: unknown[] = [];

  constructor(kept: KeptStatement, args: unknown[]) {
    this.#kept = kept;
    this.#statement = kept.statement;
    this.#args = args;
  }

  get reader(): boolean {
    return this.#statement.reader;
  }

  run() {
    return this.#statement.run(this.#args);
  }

  /** Asked before the rows, but only the run itself brings a kept statement up to a changed schema. */
  columns(): ColumnDefinition[] {
    this.#rows = this.#statement.raw().all(this.#args);
    return this.#kept.columns();
  }

  raw(): { all: () => unknown[] } {
    return { all: () => this.#rows };
  }
}

/**
 * SQLite plans a statement again each time another value is bound after LIMIT or OFFSET, in the hope of
 * a better plan. It does not look into an expression.
 */
function withSteadyPlan(sql: string): string {
  // In a text between quotes the words would be a value.
  if (sql.includes("'")) return sql;
  return sql.replaceAll(/\b(LIMIT|OFFSET) \?/g, '$1 CAST(? AS INTEGER)');
}
