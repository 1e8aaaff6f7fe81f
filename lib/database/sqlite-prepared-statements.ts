/**
 * Statements of the embedded database's connection that stay prepared, for Prisma's adapter (`kept-statements.ts`) and, past it,
 * for Belfry's port: see docs/decisions/038-statements-past-the-client.md.
 */
import { DriverAdapterError, type SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import type { Database, Statement } from 'better-sqlite3';
import { KeptStatements, keep, keepPrepared } from '../belfry/storage/kept-statements.ts';

/** Makes the adapter's connection keep its statements, if it is made as expected. */
export function keepAllPrepared(adapter: SqlDriverAdapter): void {
  keepPrepared(adapter, (connection) => new PreparedStatements(connection as Database));
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
export class PreparedStatements extends KeptStatements {
  readonly #connection: Database;
  /** Those of Belfry's port, by their text. */
  readonly #direct = new Map<string, Statement>();

  constructor(connection: Database) {
    super(connection);
    this.#connection = connection;
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

  override close(): void {
    this.#direct.clear();
    super.close();
  }

  #takeDirect(sql: string): Statement {
    return keep(this.#direct, sql, () => this.#connection.prepare(sql).safeIntegers(false));
  }
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
