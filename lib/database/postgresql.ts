/** The client on PostgreSQL: a pool of connections with limits, so that a server that hangs is told of in time. */
import type { Socket } from 'node:net';
import { PrismaPg } from '@prisma/adapter-pg';
import type { ClientBase, PoolConfig } from 'pg';
import { PrismaClient } from '../../generated/prisma-postgresql/client.ts';
import { processSingleton } from '../config/process-singleton.ts';
import { PostgresqlClient, type PostgresqlClientOptions } from './postgresql-client.ts';
import { postgresqlOptions } from './postgresql-options.ts';
import { keepAdapter, shareAdapter } from './sql-database.ts';

// A server that is down answers at once; one that cannot be reached must not hold a request for minutes.
const CONNECT_LIMIT_MS = 5_000;
// As long as the embedded database waits for its lock.
const LOCK_LIMIT_MS = 5_000;
// Far above what any of our statements takes, below what a person would wait for.
const STATEMENT_LIMIT_MS = 15_000;
// By then the server has ended the statement. A host that vanished, or hangs, says nothing at all, and the
// operating system would wait a quarter of an hour for it.
const SILENCE_LIMIT_MS = STATEMENT_LIMIT_MS + 5_000;

/**
 * What every connection to the database that `databaseUrl` names is made with.
 *
 * @param lockLimitMs How long a statement waits for others' locks. Default 5,000.
 */
export function connectionOptions(
  databaseUrl: string,
  { lockLimitMs = LOCK_LIMIT_MS }: { lockLimitMs?: number } = {},
): PostgresqlClientOptions {
  return {
    ...postgresqlOptions(databaseUrl),
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    lock_timeout: lockLimitMs,
    statement_timeout: STATEMENT_LIMIT_MS,
    keepAlive: true,
  };
}

/**
 * A client on the database that `databaseUrl` names. Connects at the first query; the caller disconnects it.
 *
 * @param limits As for `connectionOptions`.
 */
export function openPostgresql(databaseUrl: string, limits?: { lockLimitMs?: number }): PrismaClient {
  const pool: PoolConfig = {
    ...connectionOptions(databaseUrl, limits),
    Client: PostgresqlClient,
    // The pool's own clock for idle connections must not keep a process alive that is done.
    allowExitOnIdle: true,
    onConnect: giveUpWhenSilent,
  };
  const adapter = new PrismaPg(
    pool,
    // An idle connection that broke is replaced at the next query, and a broken query tells it itself.
    { onPoolError: () => {}, onConnectionError: () => {} },
  );
  const shared = shareAdapter(adapter);
  const client = new PrismaClient({ adapter: shared.factory, errorFormat: 'minimal' });
  opened.add(client);
  keepAdapter(client, shared);
  return client;
}

/**
 * Ends a connection that is silent for so long: what was asked on it fails, as when the server ends it.
 * Not the driver's `query_timeout`, which fails the query alone: the connection would go back to the pool
 * with its transaction still open.
 */
function giveUpWhenSilent(client: ClientBase): void {
  // The driver's types do not know its connection.
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  stream.setTimeout(SILENCE_LIMIT_MS, () => stream.destroy());
}

const opened = processSingleton('postgresql-clients', () => new WeakSet<object>());

/** Whether a client is on PostgreSQL; otherwise it is on the embedded database. */
export function isPostgresql(client: object): boolean {
  return opened.has(client);
}
