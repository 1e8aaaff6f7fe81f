/** What the database's own errors mean to a caller. */
import { BelfryError, isBelfryError } from './errors.ts';

// https://www.prisma.io/docs/orm/reference/error-reference
// Of what the adapter throws Prisma keeps the code, and makes an error of its own.
const CANNOT_REACH = ['P1001', 'P1002', 'P1003', 'P1017', 'database_unusable'];
const TIMED_OUT = ['P1008', 'P2024', 'P2028', 'P2034'];

// What the adapters themselves call it. Raw queries carry this alone.
const UNREACHABLE_KINDS = [
  'DatabaseNotReachable',
  'DatabaseDoesNotExist',
  'ConnectionClosed',
  'TooManyConnections',
];
const BUSY_KINDS = ['SocketTimeout', 'TransactionWriteConflict'];

// PostgreSQL's own codes (https://www.postgresql.org/docs/15/errcodes-appendix.html): connection exceptions,
// too many clients, a server that stops, has crashed, or starts, and one that has become a read-only standby.
const POSTGRESQL_UNREACHABLE = /^(08...|53300|57P0[1-5]|25006)$/;
// A lock or a statement took too long, a deadlock, a conflict between transactions.
const POSTGRESQL_BUSY = /^(55P03|57014|40P01|40001)$/;
const POSTGRESQL_DISK_FULL = '53100';

// The driver's sentences for a connection that broke or did not come about; they have no code.
const DRIVER_UNREACHABLE =
  /Connection terminated|timeout exceeded when trying to connect|connection error and is not queryable/;

/** The error that a caller may be told, or null when it is a defect. */
export function toBelfryError(error: unknown): BelfryError | null {
  for (const link of causes(error)) {
    if (isBelfryError(link)) return link;
    const code = String(property(link, 'code'));
    const kind = String(property(link, 'kind'));
    const original = String(property(link, 'originalCode'));
    const message = messageOf(link);
    if (
      original === POSTGRESQL_DISK_FULL ||
      original === 'SQLITE_FULL' ||
      /SQLITE_FULL|database or disk is full/.test(message)
    ) {
      return new BelfryError(
        'database_unusable',
        'The disk is full: nothing was stored. Tell the operator, then try again.',
        { retryAfterSeconds: 30, cause: error },
      );
    }
    if (TIMED_OUT.includes(code) || BUSY_KINDS.includes(kind) || POSTGRESQL_BUSY.test(original)) {
      return new BelfryError('database_busy', 'The database is busy. Try again in a few seconds.', {
        retryAfterSeconds: 2,
        cause: error,
      });
    }
    if (
      CANNOT_REACH.includes(code) ||
      UNREACHABLE_KINDS.includes(kind) ||
      POSTGRESQL_UNREACHABLE.test(original) ||
      DRIVER_UNREACHABLE.test(message)
    ) {
      return new BelfryError(
        'database_unusable',
        'The database cannot be reached. Try again in a few seconds.',
        { retryAfterSeconds: 5, cause: error },
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
