/**
 * Belfry's port to the database on the driver adapter that the Prisma client stands on, in this one file.
 *
 * A client of Prisma's takes several times the CPU of the statement itself for each parameter and each cell that passes
 * through it, since what it runs is mostly made of models. What speaks SQL anyway does not need that. The adapter is
 * the same one, with its connections, waiting and errors; on SQLite it also leaves out its conversion of each value
 * (sqlite-prepared-statements.ts). `prismaDatabase` is the plain path, and every test of the store may run on either. See docs/decisions/038-statements-past-the-client.md.
 */
import type {
  SqlDriverAdapter,
  SqlDriverAdapterFactory,
  SqlQuery,
  SqlQueryable,
  SqlResultSet,
  Transaction,
} from '@prisma/driver-adapter-utils';
import type { Dialect, Sql, SqlDatabase, SqlRunner } from '../belfry/storage/database.ts';
import { toBelfryError } from '../belfry/storage/database-errors.ts';
import { type PrismaRunner, prismaRunner } from '../belfry/storage/prisma-database.ts';
import { processSingleton } from '../config/process-singleton.ts';
import type { DirectRunner } from './sqlite-prepared-statements.ts';

type ArgType = SqlQuery['argTypes'][number];

const TEXT: ArgType = { scalarType: 'string', arity: 'scalar' };
const INTEGER: ArgType = { scalarType: 'bigint', arity: 'scalar' };
const TIME: ArgType = { scalarType: 'datetime', arity: 'scalar' };

/** An adapter that a client and the port share. */
export interface SharedAdapter {
  /** For the client. */
  factory: SqlDriverAdapterFactory;
  /** The adapter as long as the client is connected; null otherwise. */
  current: () => SqlDriverAdapter | null;
}

/** Keeps hold of the adapter that a factory makes, until it is disposed of. */
export function shareAdapter(factory: SqlDriverAdapterFactory): SharedAdapter {
  let current: SqlDriverAdapter | null = null;
  return {
    factory: {
      provider: factory.provider,
      adapterName: factory.adapterName,
      async connect() {
        const adapter = await factory.connect();
        const dispose = adapter.dispose.bind(adapter);
        adapter.dispose = async () => {
          if (current === adapter) current = null;
          await dispose();
        };
        current = adapter;
        return adapter;
      },
    },
    current: () => current,
  };
}

const kept = processSingleton('shared-adapters', () => new WeakMap<object, SharedAdapter>());

/** Notes what a client stands on. */
export function keepAdapter(client: object, shared: SharedAdapter): void {
  kept.set(client, shared);
}

/** What a client stands on, if that is known. */
export function adapterOf(client: object): SharedAdapter | undefined {
  return kept.get(client);
}

/**
 * @param connect The adapter, connected; asked at each statement, so that it may be made at the first one.
 * @param ofClient What runs transactions that the app's own code can use: the client's.
 */
export function sqlDatabase(
  connect: () => SqlDriverAdapter | Promise<SqlDriverAdapter>,
  dialect: Dialect,
  ofClient: Pick<SqlDatabase, 'appTransaction'>,
): SqlDatabase {
  const onRunner = <Result>(run: (runner: SqlRunner) => Promise<Result>): Promise<Result> => {
    const adapter = connect();
    return adapter instanceof Promise
      ? adapter.then((connected) => run(runnerOf(connected, dialect)))
      : run(runnerOf(adapter, dialect));
  };
  return {
    dialect,
    query: (statement) => onRunner((runner) => runner.query(statement)),
    execute: (statement) => onRunner((runner) => runner.execute(statement)),
    transaction: async (work) => inTransaction(await (await connect()).startTransaction(), dialect, work),
    appTransaction: (work) => ofClient.appTransaction(work),
    within: (tx) => prismaRunner(tx as PrismaRunner, dialect),
    isUnavailable: (error) => toBelfryError(error) !== null,
  };
}

async function inTransaction<T>(
  transaction: Transaction,
  dialect: Dialect,
  work: (tx: SqlRunner) => Promise<T>,
): Promise<T> {
  try {
    const result = await work(runnerOf(transaction, dialect));
    // The adapter only lets go of its connection then: saying it is the caller's, as Prisma does.
    await transaction.executeRaw(plain('COMMIT'));
    await transaction.commit();
    return result;
  } catch (error) {
    await transaction.executeRaw(plain('ROLLBACK')).catch(() => {});
    await transaction.rollback();
    throw error;
  }
}

const runners = new WeakMap<object, SqlRunner>();

function runnerOf(queryable: SqlQueryable & { direct?: DirectRunner | null }, dialect: Dialect): SqlRunner {
  let runner = runners.get(queryable);
  if (!runner) {
    runner = queryable.direct ? directly(queryable.direct, dialect) : byAdapter(queryable, dialect);
    runners.set(queryable, runner);
  }
  return runner;
}

function directly(direct: DirectRunner, dialect: Dialect): SqlRunner {
  return {
    dialect,
    query: ({ sql, values }) => direct.rows(sql, values),
    execute: ({ sql, values }) => direct.changes(sql, values),
  };
}

function byAdapter(queryable: SqlQueryable, dialect: Dialect): SqlRunner {
  return {
    dialect,
    query: async <Row>(statement: Sql) => rowsOf<Row>(await queryable.queryRaw(toQuery(statement, dialect))),
    execute: (statement) => queryable.executeRaw(toQuery(statement, dialect)),
  };
}

function toQuery({ sql, text, values }: Sql, dialect: Dialect): SqlQuery {
  return { sql: dialect === 'sqlite' ? sql : text, args: values, argTypes: values.map(typeOf) };
}

function typeOf(value: unknown): ArgType {
  if (value instanceof Date) return TIME;
  return typeof value === 'number' ? INTEGER : TEXT;
}

function rowsOf<Row>({ columnNames, rows }: SqlResultSet): Row[] {
  return rows.map((row) => {
    const named: Record<string, unknown> = {};
    for (let at = 0; at < columnNames.length; at += 1) named[columnNames[at] as string] = row[at];
    return named as Row;
  });
}

function plain(sql: string): SqlQuery {
  return { sql, args: [], argTypes: [] };
}
