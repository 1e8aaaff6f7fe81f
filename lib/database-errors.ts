/** What the database's own errors mean to a caller. */
import { BelfryError, isBelfryError } from './errors.ts';

// https://www.prisma.io/docs/orm/reference/error-reference
// Of what the adapter throws Prisma keeps the code, and makes an error of its own.
const CANNOT_REACH = ['P1001', 'P1002', 'P1003', 'P1017', 'database_unusable'];
const TIMED_OUT = ['P1008', 'P2024', 'P2028', 'P2034'];

/** The error that a caller may be told, or null when it is a defect. */
export function toBelfryError(error: unknown): BelfryError | null {
  for (const link of causes(error)) {
    if (isBelfryError(link)) return link;
    const code = property(link, 'code');
    const kind = property(link, 'kind');
    if (TIMED_OUT.includes(String(code)) || kind === 'SocketTimeout') {
      return new BelfryError('database_busy', 'The database is busy. Try again in a few seconds.', {
        retryAfterSeconds: 2,
        cause: error,
      });
    }
    const isFull = /SQLITE_FULL|database or disk is full/.test(
      `${String(property(link, 'originalCode'))} ${messageOf(link)}`,
    );
    if (isFull) {
      return new BelfryError(
        'database_unusable',
        'The disk is full: nothing was stored. Tell the operator, then try again.',
        {
          retryAfterSeconds: 30,
          cause: error,
        },
      );
    }
    if (CANNOT_REACH.includes(String(code))) {
      return new BelfryError(
        'database_unusable',
        'The database cannot be reached. Try again in a few seconds.',
        {
          retryAfterSeconds: 5,
          cause: error,
        },
      );
    }
  }
  return null;
}

function* causes(error: unknown): Generator<unknown> {
  let link = error;
  for (let depth = 0; depth < 5 && typeof link === 'object' && link !== null; depth += 1) {
    yield link;
    link = property(link, 'cause') ?? property(property(link, 'meta'), 'driverAdapterError');
  }
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function messageOf(value: unknown): string {
  return String(property(value, 'message') ?? '');
}
