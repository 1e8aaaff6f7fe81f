/** The client on PostgreSQL: a pool of connections with limits, so that a server that hangs is told of in time. */
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../generated/prisma-postgresql/client.ts';
import { processSingleton } from './process-singleton.ts';

// A server that is down answers at once; one that cannot be reached must not hold a request for minutes.
const CONNECT_LIMIT_MS = 5_000;
// As long as the embedded database waits for its lock.
const LOCK_LIMIT_MS = 5_000;
// Far above what any of our statements takes, below what a person would wait for.
const STATEMENT_LIMIT_MS = 30_000;

/**
 * A client on the database that `databaseUrl` names. Connects at the first query; the caller disconnects it.
 *
 * @param lockLimitMs How long a statement waits for others' locks. Default 5,000.
 */
export function openPostgresql(
  databaseUrl: string,
  { lockLimitMs = LOCK_LIMIT_MS }: { lockLimitMs?: number } = {},
): PrismaClient {
  const adapter = new PrismaPg(
    {
      connectionString: databaseUrl,
      connectionTimeoutMillis: CONNECT_LIMIT_MS,
      lock_timeout: lockLimitMs,
      statement_timeout: STATEMENT_LIMIT_MS,
      // The pool's own clock for idle connections must not keep a process alive that is done.
      allowExitOnIdle: true,
      keepAlive: true,
    },
    // An idle connection that broke is replaced at the next query, and a broken query tells it itself.
    { onPoolError: () => {}, onConnectionError: () => {} },
  );
  const client = new PrismaClient({ adapter, errorFormat: 'minimal' });
  opened.add(client);
  return client;
}

const opened = processSingleton('postgresql-clients', () => new WeakSet<object>());

/** Whether a client is on PostgreSQL; otherwise it is on the embedded database. */
export function isPostgresql(client: object): boolean {
  return opened.has(client);
}
