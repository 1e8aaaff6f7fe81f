/** The one Prisma client of the process. It opens the database at the first query, not at import. */

import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils';
import type { SqlDatabase } from 'belfry';
import { prismaDatabase } from 'belfry/prisma';
import { PrismaClient } from '../../generated/prisma/client.ts';
import { env } from '../config/env.ts';
import { processSingleton } from '../config/process-singleton.ts';
import { embeddedDatabaseFile } from '../config/start-settings.mjs';
import { isPostgresql, openPostgresql } from './postgresql.ts';
import { adapterOf, keepAdapter, shareAdapter, sqlDatabase } from './sql-database.ts';
import { SqliteAdapterFactory } from './sqlite-adapter.ts';

/** The client, on either database: both are generated from one schema. */
export type Database = PrismaClient;

/** A client on the database that `databaseUrl` names. The caller disconnects it. */
export function openDatabase(databaseUrl: string): Database {
  const file = embeddedDatabaseFile(databaseUrl);
  // Both clients are made from the same models. Only a query that SQLite's dialect alone allows would
  // compile here and fail there; the same tests run on both.
  if (file === null) return openPostgresql(databaseUrl) as unknown as Database;
  const shared = shareAdapter(new SqliteAdapterFactory({ file }));
  const client = new PrismaClient({ adapter: shared.factory, errorFormat: 'minimal' });
  keepAdapter(client, shared);
  return client;
}

/** The same database as Belfry's port: on the adapter that the client stands on, or on the client itself. */
export function sqlOf(client: Database): SqlDatabase {
  const dialect = isPostgresql(client) ? 'postgresql' : 'sqlite';
  const shared = adapterOf(client);
  const plain = prismaDatabase(client, { provider: dialect });
  if (!shared) return plain;
  const connect = () =>
    shared.current() ?? client.$connect().then(() => shared.current() as SqlDriverAdapter);
  return sqlDatabase(connect, dialect, plain);
}

/** The app's own client, one in a process. */
export const db: Database = processSingleton('db', () => openDatabase(env.databaseUrl));
