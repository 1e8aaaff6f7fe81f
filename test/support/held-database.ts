/** A database that nobody else can write to, and a client that does not wait long for it. */
import { Client } from 'pg';
import { PrismaClient } from '../../generated/prisma/client.ts';
import type { Database } from '../../lib/database/db.ts';
import { openPostgresql } from '../../lib/database/postgresql.ts';
import { keepAdapter, shareAdapter } from '../../lib/database/sql-database.ts';
import { SqliteAdapterFactory } from '../../lib/database/sqlite-adapter.ts';
import { fileOf, ON_POSTGRESQL } from './empty-database.ts';
import { startSqliteProcess } from './sqlite-process.ts';

/** Takes the lock that writers of events take, from another connection. Returns how to let go of it. */
export async function holdWrites(url: string): Promise<() => Promise<void>> {
  if (!ON_POSTGRESQL) {
    const holder = await startSqliteProcess('hold', fileOf({ url }));
    return async () => void (await holder.proceed());
  }
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('BEGIN; LOCK TABLE belfry_event IN EXCLUSIVE MODE');
  return () => client.end();
}

/** A client that gives up waiting for a lock after this long. */
export function openImpatient(url: string, milliseconds: number): Database {
  if (ON_POSTGRESQL) return openPostgresql(url, { lockLimitMs: milliseconds }) as unknown as Database;
  const shared = shareAdapter(
    new SqliteAdapterFactory({ file: fileOf({ url }), busyTimeoutMs: milliseconds }),
  );
  const client = new PrismaClient({ adapter: shared.factory });
  keepAdapter(client, shared);
  return client;
}
