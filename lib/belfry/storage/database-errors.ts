/** What the database's own errors mean to a caller, and to whoever looks after the server. */
import { toMessage } from '../language/message.ts';
import { BelfryError, isBelfryError } from '../protocol/errors.ts';

/** Why the database does not do what it is asked. Once published, a code keeps its meaning. */
export type DatabaseTroubleCode =
  | 'busy'
  | 'unreachable'
  | 'refused'
  | 'read_only'
  | 'not_allowed'
  | 'disk_full'
  | 'disk_failed'
  | 'damaged'
  | 'removed'
  | 'replaced';

/** A trouble of the database, told so that anybody may read it. */
export interface DatabaseTrouble {
  code: DatabaseTroubleCode;
  /** What is wrong, and how to go on, in English. */
  sentence: string;
  /** When it may be worth trying again. */
  retryAfterSeconds: number;
}

// Somebody has to do something first; whoever asks sooner asks in vain.
const AFTER_REPAIR_SECONDS = 30;

const TROUBLES = {
  busy: { key: 'server.belfry.database.busy', retryAfterSeconds: 2 },
  unreachable: { key: 'server.belfry.database.unreachable', retryAfterSeconds: 5 },
  refused: { key: 'server.belfry.database.refused', retryAfterSeconds: AFTER_REPAIR_SECONDS },
  read_only: { key: 'server.belfry.database.read-only', retryAfterSeconds: AFTER_REPAIR_SECONDS },
  not_allowed: { key: 'server.belfry.database.not-allowed', retryAfterSeconds: AFTER_REPAIR_SECONDS },
  disk_full: { key: 'server.belfry.database.disk-full', retryAfterSeconds: AFTER_REPAIR_SECONDS },
  disk_failed: { key: 'server.belfry.database.disk-failed', retryAfterSeconds: AFTER_REPAIR_SECONDS },
  damaged: { key: 'server.belfry.database.damaged', retryAfterSeconds: AFTER_REPAIR_SECONDS },
  removed: { key: 'server.belfry.database.removed', retryAfterSeconds: AFTER_REPAIR_SECONDS },
  replaced: { key: 'server.belfry.database.replaced', retryAfterSeconds: AFTER_REPAIR_SECONDS },
} as const satisfies Record<DatabaseTroubleCode, unknown>;

/** What lib/database/sqlite-file.ts finds out about the embedded database's file, as codes beside SQLite's own. */
export const FILE_REMOVED = 'DATABASE_REMOVED';
export const FILE_REPLACED = 'DATABASE_REPLACED';

// The database's own codes: of SQLite (https://www.sqlite.org/rescode.html), of the file, and of PostgreSQL
// (https://www.postgresql.org/docs/15/errcodes-appendix.html). The first that fits holds.
const BY_ORIGINAL_CODE: readonly [RegExp, DatabaseTroubleCode][] = [
  [/^(SQLITE_FULL|53100)$/, 'disk_full'],
  [/^DATABASE_REMOVED$/, 'removed'],
  [/^DATABASE_REPLACED$/, 'replaced'],
  [/^SQLITE_(CORRUPT|NOTADB)|^XX00[12]$/, 'damaged'],
  // 25006: a standby, or a server, a database or a role that was made read-only.
  [/^SQLITE_READONLY|^25006$/, 'read_only'],
  // What the operating system refuses, and what PostgreSQL does: a right, or a sign-in.
  [/^SQLITE_(PERM|AUTH)|^(42501|28...)$/, 'not_allowed'],
  [/^SQLITE_(IOERR|CANTOPEN|NOLFS)|^58030$/, 'disk_failed'],
  // A lock or a statement took too long, a deadlock, a conflict between transactions.
  [/^SQLITE_(BUSY|LOCKED|PROTOCOL)|^(55P03|57014|40P01|40001)$/, 'busy'],
  // Connection exceptions, too many clients, a server that stops, has crashed, or starts, a database that is gone.
  [/^(08...|53300|57P0[1-5]|3D000)$/, 'unreachable'],
];

// Of what the adapter throws Prisma makes an error of its own, with a code of its own
// (https://www.prisma.io/docs/orm/reference/error-reference), and keeps what the adapter called it.
const BY_PRISMA_CODE: Record<string, DatabaseTroubleCode> = {
  P1000: 'not_allowed',
  P1010: 'not_allowed',
  P1001: 'unreachable',
  P1002: 'unreachable',
  P1003: 'unreachable',
  P1011: 'unreachable',
  P1017: 'unreachable',
  database_unusable: 'unreachable',
  P1008: 'busy',
  P2024: 'busy',
  P2028: 'busy',
  P2034: 'busy',
};
const BY_KIND: Record<string, DatabaseTroubleCode> = {
  AuthenticationFailed: 'not_allowed',
  DatabaseAccessDenied: 'not_allowed',
  DatabaseNotReachable: 'unreachable',
  DatabaseDoesNotExist: 'unreachable',
  ConnectionClosed: 'unreachable',
  TooManyConnections: 'unreachable',
  TlsConnectionError: 'unreachable',
  SocketTimeout: 'busy',
  TransactionWriteConflict: 'busy',
};

// Sentences of the drivers that come without a code: a full disk in the middle of a transaction, and a
// connection that broke or did not come about.
const BY_MESSAGE: readonly [RegExp, DatabaseTroubleCode][] = [
  [/SQLITE_FULL|database or disk is full/, 'disk_full'],
  [
    /Connection terminated|timeout exceeded when trying to connect|connection error and is not queryable|SSL connection/,
    'unreachable',
  ],
];

/** The trouble with this code. */
export function databaseTrouble(code: DatabaseTroubleCode): DatabaseTrouble {
  const { key, retryAfterSeconds } = TROUBLES[code];
  return { code, sentence: toMessage(key).english, retryAfterSeconds };
}

/** What an error says of the database; null when it says nothing of it. */
export function toDatabaseTrouble(error: unknown): DatabaseTrouble | null {
  for (const link of causes(error)) {
    const code = troubleOf(link);
    if (code) return databaseTrouble(code);
  }
  return null;
}

/** The error that a caller may be told, or null when it is a defect. */
export function toBelfryError(error: unknown): BelfryError | null {
  for (const link of causes(error)) {
    if (isBelfryError(link)) return link;
    const code = troubleOf(link);
    if (code) {
      const { key, retryAfterSeconds } = TROUBLES[code];
      return new BelfryError(code === 'busy' ? 'database_busy' : 'database_unusable', toMessage(key), {
        retryAfterSeconds,
        cause: error,
      });
    }
  }
  return null;
}

/** What the database itself said, without a full stop: Prisma, and its adapters, keep it behind sentences of their own. */
export function sentenceOfDatabase(error: unknown): string {
  const { message = '', cause, meta } = error as ToldError;
  const said = (meta?.driverAdapterError?.cause ?? cause)?.originalMessage ?? message;
  return said.trim().split('\n').at(-1)?.replace(/\.$/, '') ?? '';
}

interface ToldError {
  message?: string;
  cause?: { originalMessage?: string };
  meta?: { driverAdapterError?: { cause?: { originalMessage?: string } } };
}

function troubleOf(link: unknown): DatabaseTroubleCode | undefined {
  // The drivers themselves have it as `code`.
  const original = String(property(link, 'originalCode') ?? property(link, 'code'));
  const message = String(property(link, 'message') ?? '');
  return (
    firstMatch(BY_ORIGINAL_CODE, original) ??
    firstMatch(BY_MESSAGE, message) ??
    own(BY_KIND, property(link, 'kind')) ??
    own(BY_PRISMA_CODE, moreExact(link) ? undefined : property(link, 'code'))
  );
}

// What the adapter called it says more than the code that Prisma made of it.
function moreExact(link: unknown): boolean {
  return property(property(property(link, 'meta'), 'driverAdapterError'), 'cause') !== undefined;
}

function firstMatch(
  patterns: readonly [RegExp, DatabaseTroubleCode][],
  text: string,
): DatabaseTroubleCode | undefined {
  return patterns.find(([pattern]) => pattern.test(text))?.[1];
}

function own(table: Record<string, DatabaseTroubleCode>, key: unknown): DatabaseTroubleCode | undefined {
  return typeof key === 'string' && Object.hasOwn(table, key) ? table[key] : undefined;
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
