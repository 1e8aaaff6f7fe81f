/** `belfry init`: gives an app all that it needs of Belfry, in files of Belfry's own, and says what else there is to do. */
import type { App, AppDatabase } from './app.ts';
import type { Command } from './command.ts';
import { findApp } from './find-app.ts';
import { generatedFiles } from './generated-files.ts';
import { initFiles } from './init-files.ts';
import { commandsToRun, linesToAdd } from './lines-to-add.ts';
import { outcomeLines } from './outcome-lines.ts';
import { packageVersion } from './package-files.ts';
import { NOT_FILLED_IN } from './root-text.ts';
import { writeFiles } from './written-file.ts';

/** Twice does nothing the second time. */
export const init: Command = async ({ folder, force, dryRun, now, say }) => {
  const app = findApp(folder);
  say('Found:');
  for (const line of found(app)) say(`  ${line}`);
  say();
  say(dryRun ? 'This is what would be done; nothing is written.' : 'Files:');
  const files = [...initFiles(app, packageVersion()), ...generatedFiles(app, now)];
  for (const line of outcomeLines(writeFiles(folder, files, { force, dryRun }), { dryRun })) say(line);
  say();
  say('Now add these lines yourself:');
  for (const { to, lines } of linesToAdd(app)) {
    say();
    say(`To ${to}:`);
    say();
    for (const line of lines) say(line === '' ? '' : `    ${line}`);
  }
  say();
  const commands = commandsToRun(app);
  if (commands.length > 0) {
    say('Then run:');
    say();
    for (const command of commands) say(`    ${command}`);
    say();
  }
  if (app.accounts.kind === 'none')
    say(
      `${commands.length > 0 ? 'And fill' : 'Then fill'} in users.current in ${app.source}lib/belfry.${app.typescript ? 'ts' : 'js'} (${NOT_FILLED_IN}).`,
    );
  else
    say(
      `${commands.length > 0 ? 'And look' : 'Then look'} through ${app.source}lib/belfry.${app.typescript ? 'ts' : 'js'}.`,
    );
  say('`npx belfry doctor` says whether anything is missing.');
  return 0;
};

function found(app: App): string[] {
  return [
    `App Router in ${app.source}app, ${app.typescript ? 'TypeScript' : 'JavaScript'}, ${app.packageManager}`,
    app.alias === null ? 'no alias for imports: they are relative' : `imports by ${app.alias}`,
    databaseLine(app.database),
    app.accounts.kind === 'none' ? 'no accounts that Belfry knows' : `accounts by ${app.accounts.kind}`,
    ...(app.tailwind
      ? ['Tailwind, which the parts go along with: their colours are the tokens of shadcn, where it has them']
      : []),
    ...(app.cacheComponents ? ['Cache Components'] : []),
    ...(app.basePath === '' ? [] : [`the base path ${app.basePath ?? 'that next.config works out'}`]),
  ];
}

function databaseLine(database: AppDatabase): string {
  if (database.kind === 'none')
    return `${database.instead ?? 'no database'}: Belfry gets a SQLite file of its own, belfry.db`;
  const tables = database.migrations === null ? 'no migrations' : `migrations in ${database.migrations}`;
  const client = database.client ? `made in ${database.client.file}` : 'and no file that makes its client';
  return `${database.kind === 'prisma' ? 'Prisma' : 'Drizzle'} on ${database.dialect}, ${client}, ${tables}`;
}
