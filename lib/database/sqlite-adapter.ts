/**
 * The embedded database as a driver adapter of Prisma's: `@prisma/adapter-better-sqlite3` with what a
 * server needs on top.
 *
 * - **Write-ahead log, `synchronous = FULL`.** A commit is on the disk before anybody is told, so what
 *   was acknowledged survives a crash and a power cut. A file that cannot be put into WAL mode (some
 *   network file systems) is refused.
 * - **A transaction has a connection of its own.** The adapter underneath runs everything on one, so
 *   that a query made beside an open transaction would run inside it, see what is not committed, and
 *   be undone with it.
 * - **`BEGIN IMMEDIATE`.** A transaction takes the write lock first and cannot fail half-way for want
 *   of it.
 * - **Waiting happens in JavaScript.** The driver is synchronous: its own busy time-out would stop the
 *   event loop, and with it every stream. It is set to 0; a busy statement is tried again from a timer
 *   for at most `busyTimeoutMs`.
 * - **What is told to be stored is where a restart finds it.** A write looks before and after whether the
 *   file is still the one that was opened, may be written, and is whole: lib/database/sqlite-file.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import {
  DriverAdapterError,
  type IsolationLevel,
  type SqlDriverAdapter,
  type SqlDriverAdapterFactory,
  type SqlQuery,
  type SqlResultSet,
  type Transaction,
} from '@prisma/driver-adapter-utils';
import { BelfryError } from '../belfry/protocol/errors.ts';
import { closeToOthers, makePrivate } from '../config/private-file.ts';
import { SqliteFile } from './sqlite-file.ts';
import { type DirectRunner, keepAllPrepared, preparedOf } from './sqlite-prepared-statements.ts';

/** Where the database is, and how long to wait for it. */
export interface SqliteAdapterOptions {
  /** Absolute path of the database file; it and its folder are made, for their owner alone, when they are missing. */
  file: string;
  /** How long a statement waits for another process's lock, in milliseconds. Default 5,000. */
  busyTimeoutMs?: number;
}

const DEFAULT_BUSY_TIMEOUT_MS = 5_000;
// Another writer's commit takes about a millisecond; past that, ask less often.
const FIRST_RETRY_MS = 1;
const LONGEST_RETRY_MS = 50;
// Of what gives rows, that which changes nothing. A WITH that writes gives none here, and is run as a write.
const READS = /^\s*(SELECT|WITH|PRAGMA)\b/i;
// Moving 4 KiB pages from the log into the file waits for the disk, and the event loop with it. With the 1,000
// that SQLite does itself by default the longest commit of a clean-up took 11 ms, with these 6.
const CHECKPOINT_PAGES = 250;

/** What `new PrismaClient({ adapter })` takes. @throws BelfryError `database_unusable` when it is connected to a file that cannot be used. */
export class SqliteAdapterFactory implements SqlDriverAdapterFactory {
  readonly provider = 'sqlite';
  readonly adapterName = 'belfry-sqlite';
  readonly #file: string;
  readonly #busyTimeoutMs: number;

  constructor({ file, busyTimeoutMs = DEFAULT_BUSY_TIMEOUT_MS }: SqliteAdapterOptions) {
    this.#file = file;
    this.#busyTimeoutMs = busyTimeoutMs;
  }

  async connect(): Promise<SqlDriverAdapter> {
    try {
      makePrivate(this.#file);
    } catch (cause) {
      throw cannotOpen(this.#file, cause);
    }
    const connection = await this.#open();
    // Made by SQLite with the rights of the file beside them, which may have been others before.
    for (const beside of ['-wal', '-shm']) closeToOthers(`${this.#file}${beside}`);
    return new SqliteAdapter({
      connection,
      openAnother: () => this.#open(),
      file: new SqliteFile(this.#file),
      busyTimeoutMs: this.#busyTimeoutMs,
    });
  }

  async #open(): Promise<SqlDriverAdapter> {
    const factory = new PrismaBetterSqlite3(
      // Made before, if need be: one that is gone is not to be replaced by an empty one.
      { url: this.#file, timeout: 0, fileMustExist: true },
      { timestampFormat: 'unixepoch-ms' },
    );
    let connection: SqlDriverAdapter;
    try {
      connection = await factory.connect();
      keepAllPrepared(connection);
    } catch (cause) {
      throw cannotOpen(this.#file, cause);
    }
    try {
      const journal = await retryWhileBusy(
        () => connection.queryRaw(statement('PRAGMA journal_mode = WAL')),
        this.#busyTimeoutMs,
      );
      const mode = journal.rows[0]?.[0];
      if (mode !== 'wal') {
        throw new BelfryError(
          'database_unusable',
          `${this.#file} cannot be put into write-ahead mode (it is in ${String(mode)} mode), so a notice could be lost. Keep it on a local disk.`,
        );
      }
      await connection.executeScript(
        'PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 0',
      );
      return connection;
    } catch (error) {
      await connection.dispose();
      throw error instanceof BelfryError ? error : cannotOpen(this.#file, error);
    }
  }
}

interface SqliteConnections {
  connection: SqlDriverAdapter;
  openAnother: () => Promise<SqlDriverAdapter>;
  file: SqliteFile;
  busyTimeoutMs: number;
}

class SqliteAdapter implements SqlDriverAdapter {
  readonly provider = 'sqlite';
  readonly adapterName = 'belfry-sqlite';
  /** The same without the adapter's conversions; null when the connection is made otherwise. */
  readonly direct: DirectRunner | null;
  readonly #connection: SqlDriverAdapter;
  readonly #openAnother: () => Promise<SqlDriverAdapter>;
  readonly #file: SqliteFile;
  readonly #busyTimeoutMs: number;
  #transactionConnection: Promise<SqlDriverAdapter> | null = null;
  /** Settles when the transaction before this one has ended: one at a time, in order of asking. */
  #lastTransaction: Promise<void> = Promise.resolve();

  constructor({ connection, openAnother, file, busyTimeoutMs }: SqliteConnections) {
    this.#connection = connection;
    this.#openAnother = openAnother;
    this.#file = file;
    this.#busyTimeoutMs = busyTimeoutMs;
    const prepared = preparedOf(connection);
    this.direct = prepared && {
      rows: <Row>(sql: string, values: readonly unknown[]) => {
        const attempt = () => prepared.rows<Row>(sql, values);
        return READS.test(sql)
          ? this.#readAtOnce(attempt)
          : this.#write(() => this.#whileBusy(async () => attempt()));
      },
      changes: (sql, values) => this.#write(() => this.#whileBusy(async () => prepared.changes(sql, values))),
    };
  }

  queryRaw(query: SqlQuery): Promise<SqlResultSet> {
    const run = () => this.#whileBusy(() => this.#connection.queryRaw(query));
    return READS.test(query.sql) ? this.#read(run) : this.#write(run);
  }

  executeRaw(query: SqlQuery): Promise<number> {
    return this.#write(() => this.#whileBusy(() => this.#connection.executeRaw(query)));
  }

  executeScript(script: string): Promise<void> {
    return this.#write(() => this.#whileBusy(() => this.#connection.executeScript(script)));
  }

  #whileBusy<T>(attempt: () => Promise<T>): Promise<T> {
    return retryWhileBusy(attempt, this.#busyTimeoutMs);
  }

  async #read<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (isDamage(error)) this.#file.noteDamage(error as Error);
      throw error;
    }
  }

  /** A reader hardly ever waits: most are spared the steps that it takes to. */
  async #readAtOnce<T>(attempt: () => T): Promise<T> {
    try {
      return attempt();
    } catch (error) {
      return this.#read(async () => {
        if (!isBusy(error)) throw error;
        return this.#whileBusy(async () => attempt());
      });
    }
  }

  async #write<T>(run: () => Promise<T>): Promise<T> {
    this.#file.assertWritable();
    const result = await this.#read(run);
    this.#file.assertInPlace();
    await checkpointWhenDue(this.#connection, this.#file);
    return result;
  }

  async startTransaction(isolationLevel?: IsolationLevel): Promise<Transaction> {
    if (isolationLevel && isolationLevel !== 'SERIALIZABLE') {
      throw new BelfryError(
        'internal_error',
        'SQLite transactions are always SERIALIZABLE; leave isolationLevel out.',
      );
    }
    const previous = this.#lastTransaction;
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    this.#lastTransaction = ended;
    await previous;
    try {
      this.#file.assertWritable();
      const connection = await this.#connectionForTransactions();
      await retryWhileBusy(() => connection.executeRaw(statement('BEGIN IMMEDIATE')), this.#busyTimeoutMs);
      return new SqliteTransaction(connection, this.#file, end);
    } catch (error) {
      end();
      throw error;
    }
  }

  /** Opened with the first transaction; a failure to open it is not kept. */
  #connectionForTransactions(): Promise<SqlDriverAdapter> {
    this.#transactionConnection ??= this.#openAnother().catch((error) => {
      this.#transactionConnection = null;
      throw cannotOpenAnother(error);
    });
    return this.#transactionConnection;
  }

  async dispose(): Promise<void> {
    try {
      this.#file.assertInPlace();
    } catch {
      // SQLite leaves the log as it is then, and the next start would take it for that of the file which
      // stands there now. It belongs to the one that was opened: it is brought there, and emptied.
      await this.#connection.executeScript('PRAGMA wal_checkpoint(TRUNCATE)').catch(() => undefined);
    }
    await this.#connection.dispose();
    await (await this.#transactionConnection)?.dispose();
  }
}

/** The client runs COMMIT and ROLLBACK as statements; `commit` and `rollback` say that it has. */
class SqliteTransaction implements Transaction {
  readonly provider = 'sqlite';
  readonly adapterName = 'belfry-sqlite';
  readonly options = { usePhantomQuery: false };
  /** As that of the adapter. */
  readonly direct: DirectRunner | null;
  readonly #connection: SqlDriverAdapter;
  readonly #file: SqliteFile;
  readonly #end: () => void;

  constructor(connection: SqlDriverAdapter, file: SqliteFile, end: () => void) {
    this.#connection = connection;
    this.#file = file;
    this.#end = end;
    const prepared = preparedOf(connection);
    this.direct = prepared && {
      rows: async <Row>(sql: string, values: readonly unknown[]) => prepared.rows<Row>(sql, values),
      changes: async (sql, values) => prepared.changes(sql, values),
    };
  }

  queryRaw(query: SqlQuery): Promise<SqlResultSet> {
    return this.#connection.queryRaw(query);
  }

  async executeRaw(query: SqlQuery): Promise<number> {
    const result = await this.#connection.executeRaw(query);
    if (query.sql !== 'COMMIT') return result;
    this.#file.assertInPlace();
    await checkpointWhenDue(this.#connection, this.#file);
    return result;
  }

  async commit(): Promise<void> {
    this.#end();
  }

  async rollback(): Promise<void> {
    // After a COMMIT that failed it has not: left open, the transaction would hold the write lock for ever.
    await this.executeRaw(statement('ROLLBACK')).catch(() => undefined);
    this.#end();
  }

  async createSavepoint(name: string): Promise<void> {
    await this.executeRaw(statement(`SAVEPOINT ${name}`));
  }

  async rollbackToSavepoint(name: string): Promise<void> {
    await this.executeRaw(statement(`ROLLBACK TO ${name}`));
  }

  async releaseSavepoint(name: string): Promise<void> {
    await this.executeRaw(statement(`RELEASE SAVEPOINT ${name}`));
  }
}

/** What SQLite would do itself, but so that the file knows that it was us. What is in the log is stored: a failure undoes nothing. */
async function checkpointWhenDue(connection: SqlDriverAdapter, file: SqliteFile): Promise<void> {
  try {
    const { rows } = await connection.queryRaw(statement('PRAGMA wal_checkpoint(NOOP)'));
    const [, pagesInLog] = rows[0] ?? [];
    if (Number(pagesInLog) < CHECKPOINT_PAGES) return;
    await file.checkpoint(() => connection.queryRaw(statement('PRAGMA wal_checkpoint(PASSIVE)')));
  } catch {
    // It is tried again after the next write.
  }
}

function statement(sql: string): SqlQuery {
  return { sql, args: [], argTypes: [] };
}

async function retryWhileBusy<T>(attempt: () => Promise<T>, timeoutMs: number): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (let pause = FIRST_RETRY_MS; ; pause = Math.min(pause * 2, LONGEST_RETRY_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isBusy(error) || performance.now() + pause > deadline) throw error;
      await sleep(pause);
    }
  }
}

// The adapter reports SQLITE_BUSY, in all its forms, as a `SocketTimeout`.
function isBusy(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('cause' in error)) return false;
  const { cause } = error;
  return typeof cause === 'object' && cause !== null && 'kind' in cause && cause.kind === 'SocketTimeout';
}

function isDamage(error: unknown): boolean {
  const { originalCode = '' } = (error as { cause?: { originalCode?: string } }).cause ?? {};
  return /^SQLITE_(CORRUPT|NOTADB)/.test(originalCode);
}

// While the app runs a sentence with a path in it would be read by strangers.
function cannotOpenAnother(error: Error): DriverAdapterError {
  const message = error.message;
  return new DriverAdapterError({
    kind: 'sqlite',
    extendedCode: 14,
    message,
    originalCode: 'SQLITE_CANTOPEN',
    originalMessage: message,
  });
}

function cannotOpen(file: string, cause: unknown): BelfryError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new BelfryError(
    'database_unusable',
    `The database ${file} cannot be opened (${reason}). Check that its folder exists, is writable and has space, or set DATABASE_URL to another file.`,
    { cause },
  );
}
