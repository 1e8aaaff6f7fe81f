/**
 * Fills the database's port with a Prisma client (6.2 or later), and with its transactions.
 *
 * On SQLite Prisma's adapters run everything on one connection: what is asked beside an open transaction runs inside it,
 * and is undone with it. Transactions themselves take turns. So whatever writes is one there.
 */

import { type Dialect, raw, type Sql, type SqlDatabase, type SqlRunner } from './database.ts';
import { toBelfryError } from './database-errors.ts';

export { keepStatements } from './kept-statements.ts';

/** The part of a Prisma client that runs SQL; the client of a transaction has it as well. */
export interface PrismaRunner {
  $queryRaw(statement: Sql): PromiseLike<unknown>;
  $executeRaw(statement: Sql): PromiseLike<number>;
}

/** The part of a Prisma client that is used. */
export interface PrismaClientLike extends PrismaRunner {
  // biome-ignore lint/suspicious/noExplicitAny: each generated client has a type of its own for it
  $transaction(work: any, options?: any): Promise<any>;
}

export interface PrismaDatabaseOptions {
  /** As the schema's datasource has it. */
  provider: Dialect;
}

/** The client is neither connected nor disconnected here. */
export function prismaDatabase(client: PrismaClientLike, { provider }: PrismaDatabaseOptions): SqlDatabase {
  const plain = prismaRunner(client, provider);
  const transaction = <T>(work: (tx: SqlRunner) => Promise<T>): Promise<T> =>
    client.$transaction(async (tx: PrismaRunner) => {
      // Its BEGIN takes the write lock with the first statement that writes: nobody is to write between a read and that.
      if (provider === 'sqlite') await tx.$executeRaw(TAKE_WRITE_LOCK);
      return work(prismaRunner(tx, provider));
    });
  const appTransaction = <T>(work: (tx: SqlRunner, own: unknown) => Promise<T>): Promise<T> =>
    client.$transaction(async (tx: PrismaRunner) => {
      if (provider === 'sqlite') await tx.$executeRaw(TAKE_WRITE_LOCK);
      return work(prismaRunner(tx, provider), tx);
    }, PATIENT);
  const inItsOwn = <T>(work: (tx: SqlRunner) => Promise<T>): Promise<T> =>
    client.$transaction((tx: PrismaRunner) => work(prismaRunner(tx, provider)));
  const isUnavailable = (error: unknown) => toBelfryError(error) !== null;
  const within = (tx: unknown) => prismaRunner(tx as PrismaRunner, provider);
  if (provider === 'postgresql') return { ...plain, transaction, appTransaction, within, isUnavailable };
  return {
    dialect: provider,
    query: <Row>(statement: Sql) =>
      READS.test(statement.sql) ? plain.query<Row>(statement) : inItsOwn((tx) => tx.query<Row>(statement)),
    execute: (statement) => inItsOwn((tx) => tx.execute(statement)),
    transaction,
    appTransaction,
    within,
    isUnavailable,
  };
}

/** What runs statements on a Prisma client, or on a transaction of one. */
export function prismaRunner(client: PrismaRunner, dialect: Dialect): SqlRunner {
  return {
    dialect,
    query: async <Row>(statement: Sql) => (await client.$queryRaw(withTimes(statement, dialect))) as Row[],
    execute: async (statement) => client.$executeRaw(withTimes(statement, dialect)),
  };
}

// Many may press a button at once, and each waits for the one before it.
const PATIENT = { maxWait: 10_000, timeout: 10_000 };
const TAKE_WRITE_LOCK = raw('UPDATE "belfry_migration" SET "name" = "name" WHERE 1 = 0');
// None of Belfry's statements that begin with WITH writes.
const READS = /^\s*(SELECT|WITH|PRAGMA)\b/i;

/** On SQLite an adapter writes times as it was told to, as text or as numbers; ours are milliseconds in either case. */
function withTimes(statement: Sql, dialect: Dialect): Sql {
  if (dialect !== 'sqlite' || !statement.values.some((value) => value instanceof Date)) return statement;
  const values = statement.values.map((value) => (value instanceof Date ? BigInt(value.getTime()) : value));
  return Object.assign(Object.create(statement), { values });
}
