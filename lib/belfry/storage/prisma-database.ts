/** Fills the database's port with a Prisma client (6.2 or later), and with its transactions. */
import type { Dialect, Sql, SqlDatabase, SqlRunner } from './database.ts';

/** The part of a Prisma client that runs SQL; the client of a transaction has it as well. */
export interface PrismaRunner {
  $queryRaw(statement: Sql): PromiseLike<unknown>;
  $executeRaw(statement: Sql): PromiseLike<number>;
}

/** The part of a Prisma client that is used. */
export interface PrismaClientLike extends PrismaRunner {
  // biome-ignore lint/suspicious/noExplicitAny: each generated client has a type of its own for it
  $transaction(work: (tx: any) => Promise<any>): Promise<any>;
}

/**
 * @param isUnavailable Whether an error that the client threw tells of the database's own trouble. Default:
 * Prisma's codes for a database that cannot be reached, is locked, or has no connection free.
 */
export function prismaDatabase(
  client: PrismaClientLike,
  dialect: Dialect,
  isUnavailable: (error: unknown) => boolean = hasCodeOfTrouble,
): SqlDatabase {
  return {
    ...prismaRunner(client, dialect),
    transaction: (work) => client.$transaction((tx: PrismaRunner) => work(prismaRunner(tx, dialect))),
    within: (tx) => prismaRunner(tx as PrismaRunner, dialect),
    isUnavailable,
  };
}

/** What runs statements on a Prisma client, or on a transaction of one. */
export function prismaRunner(client: PrismaRunner, dialect: Dialect): SqlRunner {
  return {
    dialect,
    query: async <Row>(statement: Sql) => (await client.$queryRaw(statement)) as Row[],
    execute: async (statement) => client.$executeRaw(statement),
  };
}

// https://www.prisma.io/docs/orm/reference/error-reference
const CODES_OF_TROUBLE = new Set(['P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2028', 'P2034']);

function hasCodeOfTrouble(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && CODES_OF_TROUBLE.has(String(error.code))
  );
}
