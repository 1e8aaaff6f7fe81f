/** What a `DATABASE_URL` says. */
import { isAbsolute, resolve } from 'node:path';

/** The file of the embedded database, or null on PostgreSQL. */
export function embeddedDatabaseFile(databaseUrl: string): string | null {
  if (!databaseUrl.startsWith('file:')) return null;
  const path = databaseUrl.slice('file:'.length);
  return isAbsolute(path) ? path : resolve(/* turbopackIgnore: true */ process.cwd(), path);
}
