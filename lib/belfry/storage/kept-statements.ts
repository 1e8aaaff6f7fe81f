/**
 * Statements of one SQLite connection that stay prepared, in this one file.
 *
 * `@prisma/adapter-better-sqlite3` prepares every statement anew: for reading an inbox that takes many
 * times as long as running it. The adapter keeps its own connection in a field `client`, and asks of it no
 * more than what `KeptStatements` offers; put in its place, it lets the adapter's conversion of
 * values and errors run as it is.
 *
 * The field is no API of the adapter's, so nothing rests on it: without it every statement is prepared
 * anew, as before. See docs/decisions/019-prepared-statements.md.
 */

// An app has some 50; what it makes up by the number of its values (rows, ids) must not push those out.
const MOST_KEPT = 200;
// A statement takes several times its text: long ones are those with many values, of which few are alike.
const LONGEST_KEPT = 12_288;
// As wide as a table is at the moment: every asterisk may say so, but for that of COUNT(*).
const ALL_COLUMNS = /(?<!\(\s*)\*/;

/** What is used of a statement of better-sqlite3. */
interface DriverStatement {
  readonly reader: boolean;
  run(...values: unknown[]): unknown;
  columns(): unknown[];
  raw(): { all(...values: unknown[]): unknown[] };
}

/** What is used of a connection of better-sqlite3. */
export interface DriverConnection {
  prepare(sql: string): DriverStatement;
  exec(script: string): unknown;
  close(): unknown;
}

/**
 * Has Prisma's adapter for better-sqlite3 keep its statements prepared: reading an inbox through it then costs a seventh, and what an app
 * asks itself costs less too. Any other adapter is left as it is.
 *
 *     new PrismaClient({ adapter: keepStatements(new PrismaBetterSqlite3({ url: 'file:app.db' })) });
 */
export function keepStatements<Factory extends { connect(): Promise<object> }>(factory: Factory): Factory {
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const adapter = await connect();
    keepPrepared(adapter);
    return adapter;
  };
  return factory;
}

/** Makes an adapter's connection keep its statements, if it is made as expected. Returns whether it is. */
export function keepPrepared(
  adapter: object,
  keeping: (connection: DriverConnection) => KeptStatements = (connection) => new KeptStatements(connection),
): boolean {
  const holder = adapter as { client?: Partial<DriverConnection> };
  if (typeof holder.client?.prepare !== 'function') return false;
  if (typeof holder.client.exec !== 'function' || typeof holder.client.close !== 'function') return false;
  Object.assign(holder, { client: keeping(holder.client as DriverConnection) });
  return true;
}

/** What an adapter uses of a connection. */
export class KeptStatements {
  readonly #connection: DriverConnection;
  /** By their text; who was used last is last. */
  readonly #kept = new Map<string, KeptStatement>();

  constructor(connection: DriverConnection) {
    this.#connection = connection;
  }

  prepare(sql: string): BoundStatement {
    return new BoundStatement(this.#take(sql), []);
  }

  exec(script: string): void {
    this.#connection.exec(script);
  }

  close(): void {
    this.#kept.clear();
    this.#connection.close();
  }

  #take(sql: string): KeptStatement {
    return keep(this.#kept, sql, () => new KeptStatement(this.#connection.prepare(withSteadyPlan(sql)), sql));
  }
}

/** What is kept under a text, or made now and kept from now on; who was used longest ago goes. */
export function keep<Kept>(all: Map<string, Kept>, sql: string, make: () => Kept): Kept {
  const known = all.get(sql);
  all.delete(sql);
  const statement = known ?? make();
  if (sql.length > LONGEST_KEPT) return statement;
  all.set(sql, statement);
  if (all.size > MOST_KEPT) all.delete(all.keys().next().value as string);
  return statement;
}

/** A statement, with its columns where the text itself says what they are. */
class KeptStatement {
  readonly statement: DriverStatement;
  readonly #namesItsColumns: boolean;
  #columns: unknown[] | null = null;

  constructor(statement: DriverStatement, sql: string) {
    this.statement = statement;
    this.#namesItsColumns = !ALL_COLUMNS.test(sql);
  }

  /** To be asked after a run: only that brings a kept statement up to a changed schema. */
  columns(): unknown[] {
    if (!this.#namesItsColumns) return this.statement.columns();
    // For one with 25 columns this takes as long as half of its run.
    this.#columns ??= this.statement.columns();
    return this.#columns;
  }
}

/** A statement with its values; what `bind` would fix for good is given with each run instead. */
class BoundStatement {
  readonly #kept: KeptStatement;
  readonly #statement: DriverStatement;
  readonly #args: unknown[];
  #rows: unknown[] = [];

  constructor(kept: KeptStatement, args: unknown[]) {
    this.#kept = kept;
    this.#statement = kept.statement;
    this.#args = args;
  }

  bind(args: unknown[]): BoundStatement {
    return new BoundStatement(this.#kept, args);
  }

  get reader(): boolean {
    return this.#statement.reader;
  }

  run() {
    return this.#statement.run(this.#args);
  }

  /** Asked before the rows, but only the run itself brings a kept statement up to a changed schema. */
  columns(): unknown[] {
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
