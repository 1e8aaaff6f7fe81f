/** What imports are tried on: a table as apps make them by themselves, and an app of one file that has it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ImportResult, importRows } from '../../lib/belfry/import/import.ts';
import { jsonRows } from '../../lib/belfry/import/json-rows.ts';
import { raw, type SqlDatabase } from '../../lib/belfry/storage/database.ts';
import { fileOf, ON_POSTGRESQL } from './empty-database.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Runs statements of one's own. */
export async function run(port: SqlDatabase, ...statements: string[]): Promise<void> {
  for (const statement of statements) await port.execute(raw(statement));
}

/** Imports what a file of JSON would hold, given in pieces of so many characters. */
export function importJson(
  database: SqlDatabase,
  text: string,
  { pieces = 7, ...options }: { pieces?: number } & Partial<Parameters<typeof importRows>[0]> = {},
): Promise<ImportResult> {
  async function* inPieces() {
    for (let at = 0; at < text.length; at += pieces) yield text.slice(at, at + pieces);
  }
  return importRows({ database, source: jsonRows(inPieces()), ...options });
}

export interface ImportingApp {
  folder: string;
  write: (file: string, text: string) => void;
  /** Starts `npx belfry`, from the sources. */
  start: (...args: string[]) => Started;
  belfry: (...args: string[]) => Promise<Ended>;
  remove: () => void;
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Started {
  kill: () => void;
  write: (text: string) => void;
  /** Resolves when its error output holds this. */
  says: (words: string) => Promise<void>;
  ended: Promise<Ended>;
}

const SQLITE_ROOT = (file: string) => `
import Database from 'better-sqlite3';
import { defineBelfry } from 'belfry/next';
import { sqliteDatabase } from 'belfry/sqlite';

const database = () => sqliteDatabase(new Database(${JSON.stringify(file)}, { timeout: 250 }));`;

const POSTGRESQL_ROOT = (url: string) => `
import { Pool } from 'pg';
import { defineBelfry } from 'belfry/next';
import { postgresqlDatabase } from 'belfry/postgresql';

const database = () => postgresqlDatabase(new Pool({ connectionString: ${JSON.stringify(url)} }));`;

/** @param users What its root says of its users. */
export function importingApp(url: string, users = '{}'): ImportingApp {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-app-'));
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
  for (const name of ['app', 'lib', 'node_modules']) mkdirSync(join(folder, name));
  const root = ON_POSTGRESQL ? POSTGRESQL_ROOT(url) : SQLITE_ROOT(fileOf({ url }));
  write('package.json', '{ "type": "module", "dependencies": { "next": "16.4.6" } }');
  write('app/layout.jsx', '');
  write('lib/belfry.js', `${root}\nexport const belfry = defineBelfry({ database, users: ${users} });\n`);
  // The sources of the package are the project.
  symlinkSync(ROOT, join(folder, 'node_modules/belfry'));
  for (const name of ['better-sqlite3', 'pg'])
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  const start = (...args: string[]) => startBelfry(folder, args);
  return {
    folder,
    write,
    start,
    belfry: (...args) => start(...args).ended,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function startBelfry(folder: string, args: string[]): Started {
  const child = spawn(process.execPath, [join(ROOT, 'lib/belfry/cli/belfry.mjs'), ...args], {
    cwd: folder,
    env: { ...process.env, NODE_OPTIONS: '' },
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...output }));
  return {
    kill: () => void child.kill('SIGKILL'),
    write: (text) => void child.stdin.end(text),
    async says(words) {
      while (!output.stderr.includes(words))
        await Promise.race([once(child.stderr, 'data'), failWhen(ended, output)]);
    },
    ended,
  };
}

async function failWhen(ended: Promise<Ended>, output: { stderr: string }): Promise<never> {
  await ended;
  throw new Error(`It ended before it said so: ${output.stderr}`);
}
