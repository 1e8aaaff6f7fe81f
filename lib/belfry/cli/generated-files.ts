/**
 * What an app keeps of Belfry that goes with the package's version: its tables as Prisma or Drizzle has them, and its
 * migrations among the app's own.
 */
import { type Migration, migrationFile, migrations } from '../migrations/migrations.ts';
import type { App, DrizzleApp, PrismaApp } from './app.ts';
import { namesIn, readIfThere } from './app-files.ts';
import { drizzleSchema } from './drizzle-schema.ts';
import { prismaModels } from './package-files.ts';
import type { WrittenFile } from './written-file.ts';

/** Nothing for an app without Prisma and Drizzle: there the start makes the tables. */
export function generatedFiles(app: App, now: Date): WrittenFile[] {
  const { database } = app;
  if (database.kind === 'prisma')
    return [prismaFile(database), ...prismaMigrations(app.folder, database, now)];
  if (database.kind === 'drizzle')
    return [drizzleFile(app, database), ...drizzleMigrations(app.folder, database, now)];
  return [];
}

function prismaFile({ folder }: PrismaApp): WrittenFile {
  const path = folder === '.' ? 'belfry.prisma' : `${folder}/belfry.prisma`;
  return { path, text: prismaModels(), isGenerated: true };
}

/** Each in a folder of its own, whose name sorts after all that are there. */
function prismaMigrations(folder: string, { migrations: at, dialect }: PrismaApp, now: Date): WrittenFile[] {
  if (at === null) return [];
  const there = namesIn(folder, at);
  const newest = Number(there.flatMap((name) => /^(\d{14})_/.exec(name)?.[1] ?? []).at(-1) ?? 0);
  const first = Math.max(Number(now.toISOString().replace(/\D/g, '').slice(0, 14)), newest + 1);
  return missing(there).map((migration, index) => ({
    path: `${at}/${first + index}_belfry_${migration.name}/migration.sql`,
    text: migrationFile(migration, dialect),
  }));
}

function drizzleFile({ typescript }: App, { folder, dialect }: DrizzleApp): WrittenFile {
  return {
    path: `${folder}/belfry-schema.${typescript ? 'ts' : 'js'}`,
    text: drizzleSchema(prismaModels(), dialect),
    isGenerated: true,
  };
}

interface Journal {
  version: string;
  entries: { idx: number; version: string; when: number; tag: string; breakpoints: boolean }[];
}

function drizzleMigrations(
  folder: string,
  { migrations: at, dialect }: DrizzleApp,
  now: Date,
): WrittenFile[] {
  if (at === null) return [];
  const path = `${at}/meta/_journal.json`;
  let journal = readIfThere(folder, path) ?? '';
  const files = missing(namesIn(folder, at)).map((migration) => {
    const { version, entries } = JSON.parse(journal) as Journal;
    const last = entries.at(-1);
    const idx = (last?.idx ?? -1) + 1;
    const tag = `${String(idx).padStart(4, '0')}_belfry_${migration.name}`;
    // What is older than the last one that it has applied, drizzle-orm passes over.
    const when = Math.max(now.getTime(), (last?.when ?? 0) + 1);
    journal = withEntry(journal, { idx, version: last?.version ?? version, when, tag, breakpoints: true });
    const text = migrationFile(migration, dialect).trim().split(/\n\n+/).join('\n--> statement-breakpoint\n');
    return { path: `${at}/${tag}.sql`, text: `${text}\n` };
  });
  return files.length === 0 ? [] : [...files, { path, text: journal, isAppended: true }];
}

/** The journal with one entry more, and otherwise as it was, to the letter. */
function withEntry(journal: string, entry: Journal['entries'][number]): string {
  const end = journal.lastIndexOf(']');
  const before = journal.slice(0, end).trimEnd();
  const text = JSON.stringify(entry, null, 2).replaceAll('\n', '\n    ');
  return `${before}${before.endsWith('[') ? '' : ','}\n    ${text}\n  ${journal.slice(end)}`;
}

function missing(names: readonly string[]): Migration[] {
  return migrations.filter(
    ({ name }) => !names.some((there) => there.replace(/\.sql$/, '').endsWith(`_belfry_${name}`)),
  );
}
