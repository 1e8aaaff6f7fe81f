/** The one Prisma client of the process. It opens the database at the first query, not at import. */
import { PrismaClient } from '../../generated/prisma/client.ts';
import { env } from '../config/env.ts';
import { processSingleton } from '../config/process-singleton.ts';
import { embeddedDatabaseFile } from './database-url.ts';
import { openPostgresql } from './postgresql.ts';
import { SqliteAdapterFactory } from './sqlite-adapter.ts';

/** The client, on either database: both are generated from one schema. */
export type Database = PrismaClient;

/** A client on the database that `databaseUrl` names. The caller disconnects it. */
export function openDatabase(databaseUrl: string): Database {
  const file = embeddedDatabaseFile(databaseUrl);
  // Both clients are made from the same models. Only a query that SQLite's dialect alone allows would
  // compile here and fail there; the same tests run on both.
  if (file === null) return openPostgresql(databaseUrl) as unknown as Database;
  return new PrismaClient({ adapter: new SqliteAdapterFactory({ file }), errorFormat: 'minimal' });
}

/** The app's own client, one in a process. */
export const db: Database = processSingleton('db', () => openDatabase(env.databaseUrl));
