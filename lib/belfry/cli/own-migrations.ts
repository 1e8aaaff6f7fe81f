/** Where the app's own migrations make Belfry's tables. */
import type { App, AppDatabase } from './app.ts';
import { readIfThere } from './app-files.ts';
import { rootPath } from './init-files.ts';

/** The command that applies the migrations that the app keeps; null where it keeps none. */
export function ownMigrations(database: AppDatabase): string | null {
  if (database.kind === 'none' || database.migrations === null) return null;
  return database.kind === 'prisma' ? 'npx prisma migrate deploy' : 'npx drizzle-kit migrate';
}

/** The same, but null as well where the composition root leaves the tables to Belfry. */
export function ownMigrationsOf(app: App): string | null {
  const root = readIfThere(app.folder, rootPath(app)) ?? '';
  return /\bmigrates:\s*false\b/.test(root) ? ownMigrations(app.database) : null;
}
