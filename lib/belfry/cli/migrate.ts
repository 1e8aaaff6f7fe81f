/** `belfry migrate`: brings the tables up to date, in the database that the composition root names. */
import { migrate as apply, migrationStatus } from '../migrations/migrations.ts';
import type { Command } from './command.ts';
import { findApp } from './find-app.ts';
import { loadRoot } from './load-root.ts';

/** Twice does nothing the second time. */
export const migrate: Command = async ({ folder, dryRun, say }) => {
  const { database } = await loadRoot(findApp(folder));
  const names = dryRun ? (await migrationStatus(database)).pending : await apply(database);
  if (names.length === 0) say('The tables of Belfry are up to date.');
  else say(`${dryRun ? 'To be applied' : 'Applied'}: ${names.join(', ')}.`);
  return 0;
};
