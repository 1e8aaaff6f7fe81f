/** The one Prisma client of the process. It opens the database at the first query, not at import. */
import { PrismaClient } from '../generated/prisma/client.ts';
import { embeddedDatabaseFile, env } from './env.ts';
import { BelfryError } from './errors.ts';
import { processSingleton } from './process-singleton.ts';
import { SqliteAdapterFactory } from './sqlite-adapter.ts';

export type Database = PrismaClient;

/** A client on the database that `databaseUrl` names. The caller disconnects it. */
export function openDatabase(databaseUrl: string): Database {
  const file = embeddedDatabaseFile(databaseUrl);
  if (file === null) {
    throw new BelfryError(
      'bad_environment',
      'This version of Belfry runs on its embedded database only. Leave DATABASE_URL out, or set it to file:./data/belfry.db.',
    );
  }
  return new PrismaClient({ adapter: new SqliteAdapterFactory({ file }), errorFormat: 'minimal' });
}

export const db: Database = processSingleton('db', () => openDatabase(env.databaseUrl));
