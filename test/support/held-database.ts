/** A database that nobody else can write to. */
import { Client } from 'pg';
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
