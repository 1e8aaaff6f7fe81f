/** `belfry import`: takes over the notifications of a table that the app made itself, or of a file. */
import { createReadStream, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ImportResult, importRows } from '../import/import.ts';
import { jsonRows } from '../import/json-rows.ts';
import { COLUMNS } from '../import/row.ts';
import type { Source } from '../import/source.ts';
import { sqlRows } from '../import/sql-rows.ts';
import { migrationStatus } from '../migrations/migrations.ts';
import { BelfryError } from '../protocol/errors.ts';
import type { Command, CommandContext } from './command.ts';
import { findApp } from './find-app.ts';
import { loadRoot } from './load-root.ts';

const MOST_USERS_SAID = 10;

/** Twice does nothing the second time. */
export const importNotifications: Command = async (context) => {
  const { folder, file, sql, dryRun, now, say, complain } = context;
  if ((file === undefined) === (sql === undefined))
    throw new BelfryError(
      'bad_request',
      'Say what to import: npx belfry import <file.json>, <file.ndjson>, - for what is piped in, or --sql "SELECT ...".',
    );
  const { database, users } = await loadRoot(findApp(folder));
  const { pending } = await migrationStatus(database);
  if (pending.length > 0)
    throw new BelfryError(
      'bad_environment',
      `The database lacks ${pending.join(', ')}: run \`npx belfry migrate\`, or apply your migrations, then run this again.`,
    );
  const source = sql === undefined ? fileRows(context) : sqlRows(database, sql);
  const { find } = users;
  const result = await importRows({
    database,
    source,
    ...(find ? { find } : {}),
    dryRun,
    now,
    onProgress: complain,
  });
  for (const line of linesOf(result, dryRun)) say(line);
  if (result.faults === 0) return 0;
  for (const line of faultLines(result)) complain(line);
  return 1;
};

function fileRows({ folder, file = '' }: CommandContext): Source {
  if (file === '-') return jsonRows(process.stdin.setEncoding('utf8'));
  const path = resolve(folder, file);
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new BelfryError('bad_request', `There is no file ${file}.`);
  if (found.isDirectory()) throw new BelfryError('bad_request', `${file} is a folder: name a file in it.`);
  return jsonRows(createReadStream(path, 'utf8'));
}

function linesOf(result: ImportResult, dryRun: boolean): string[] {
  const { read, imported, users, there, expired, doneLongAgo, ofUnknownUsers, unknownUsers, unread } = result;
  const isRefused = result.faults > 0;
  const did = isRefused ? 'Nothing was imported. Without faults' : dryRun ? 'To be imported' : 'Imported';
  const lines = [
    `Read: ${counted(read, 'row')}.`,
    `${did}: ${counted(imported, 'notification')} of ${counted(users, 'user')}.`,
  ];
  if (there > 0) lines.push(`Imported before: ${text(there)}.`);
  if (expired > 0) lines.push(`Left out, as they have expired: ${text(expired)}.`);
  if (doneLongAgo > 0) lines.push(`Left out, as they were done more than 7 days ago: ${text(doneLongAgo)}.`);
  if (ofUnknownUsers > 0) {
    const more = unknownUsers.length > MOST_USERS_SAID ? ', …' : '';
    const ids = `${unknownUsers.slice(0, MOST_USERS_SAID).join(', ')}${more}`;
    lines.push(
      `Left out, as users.find does not know ${counted(unknownUsers.length, 'user')} (${ids}): ${text(ofUnknownUsers)}.`,
    );
  }
  if (unread.length > 0) lines.push(`Not read: ${unread.join(', ')}. What is read: ${COLUMNS.join(', ')}.`);
  return lines;
}

function faultLines({ faults, firstFaults }: ImportResult): string[] {
  const more = faults - firstFaults.length;
  return [
    `${counted(faults, 'row')} cannot be imported as ${faults === 1 ? 'it is' : 'they are'}:`,
    ...firstFaults.map((fault) => `  ${fault}`),
    ...(more > 0 ? [`  and ${text(more)} more`] : []),
    'Mend them, or leave them out (WHERE ...), then run the same command again. Nothing was written.',
  ];
}

function counted(count: number, what: string): string {
  return `${text(count)} ${what}${count === 1 ? '' : 's'}`;
}

function text(count: number): string {
  return count.toLocaleString('en');
}
