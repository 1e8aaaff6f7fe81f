/** `belfry migrate`: brings the tables up to date, in the database that the composition root names. */
import { migrate as apply, migrationStatus } from '../migrations/migrations.ts';
import { BelfryError } from '../protocol/errors.ts';
import type { Command } from './command.ts';
import { findApp } from './find-app.ts';
import { loadRoot } from './load-root.ts';
import { ownMigrationsOf } from './own-migrations.ts';

/**
 * Twice does nothing the second time.
 * @throws BelfryError `bad_environment` when tables are lacking that the app's own migrations make: those would then find them there, and fail.
 */
export const migrate: Command = async ({ folder, dryRun, say }) => {
  const app = findApp(folder);
  const { database } = await loadRoot(app);
  const { pending } = await migrationStatus(database);
  const own = ownMigrationsOf(app);
  if (pending.length > 0 && own !== null && !dryRun)
    throw new BelfryError(
      'bad_environment',
      `The app's own migrations make these tables (${pending.join(', ')}): run \`${own}\`. They would fail on what is made here.`,
    );
  const names = dryRun ? pending : await apply(database);
  if (names.length === 0) say('The tables of Belfry are up to date.');
  else say(`${dryRun ? 'To be applied' : 'Applied'}: ${names.join(', ')}.`);
  return 0;
};
