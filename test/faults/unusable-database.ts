/** A database that cannot be opened, or must not be. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import BetterSqlite3 from 'better-sqlite3';
import { belfryEnvironment, prepareDatabase, temporaryFolder } from './belfry.ts';
import { type Fault, Verdict } from './fault.ts';
import { inParallel } from './waiting.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXIT_LIMIT_MS = 20_000;
const STARTS_AT_ONCE = 2;

interface Case {
  what: string;
  /** Part of the sentence that the operator is to read. */
  sentence: RegExp;
  /** Makes the trouble below a folder of its own, and gives the file to use. */
  make: (folder: string) => string | Promise<string>;
}

const CASES: readonly Case[] = [
  {
    what: 'a file that is no database',
    sentence: /The database .+ cannot be used \(.+\)\. Check/,
    make: (folder) => {
      writeFileSync(join(folder, 'belfry.db'), randomBytes(100_000));
      return join(folder, 'belfry.db');
    },
  },
  {
    what: 'a folder that is a file',
    sentence: /The database .+ cannot be used \(.+\)\. Check that its folder is writable/,
    make: (folder) => {
      writeFileSync(join(folder, 'data'), '');
      return join(folder, 'data', 'belfry.db');
    },
  },
  {
    what: 'a folder that nobody may write to',
    sentence: /The database .+ cannot be used \(.+\)\. Check that its folder is writable/,
    make: (folder) => {
      // Root may write anywhere but there.
      if (process.getuid?.() === 0) return '/proc/belfry.db';
      const closed = join(folder, 'closed');
      mkdirSync(closed);
      chmodSync(closed, 0o555);
      return join(closed, 'belfry.db');
    },
  },
  {
    what: 'a database of a newer version',
    sentence: /made by a newer version of Belfry/,
    make: (folder) =>
      changed(folder, (database) => {
        database.exec(`INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
          VALUES ('later', 'x', '29990101000000_later', 1, 1)`);
      }),
  },
  {
    what: 'a migration that was edited afterwards',
    sentence: /was changed after it had been applied/,
    make: (folder) =>
      changed(folder, (database) => {
        database.exec("UPDATE _prisma_migrations SET checksum = 'another'");
      }),
  },
];

export const unusableDatabase: Fault = {
  name: 'unusable-database',
  breaks: CASES.map(({ what }) => what).join('; '),
  bound: 'the start ends with an exit code and a sentence, without a stack trace',
  runs: 'beside',
  limitSeconds: { short: 90, full: 90 },
  dependsOnStreamPath: false,
  async take({ streamPath }) {
    const verdict = new Verdict();
    let told = 0;
    await inParallel(CASES, STARTS_AT_ONCE, async ({ what, sentence, make }) => {
      const { folder, remove } = temporaryFolder();
      try {
        const databaseFile = await make(folder);
        const { code, output } = await start(
          belfryEnvironment({ databaseUrl: `file:${databaseFile}`, streamPath }),
        );
        const isTold = sentence.test(output) && !/^\s+at .+:\d+/m.test(output);
        verdict.expect(code !== null && code > 0, `With ${what} the start ended with ${code}.`);
        verdict.expect(isTold, `With ${what} it said: ${output}`);
        if (code && isTold) told += 1;
      } finally {
        remove();
      }
    });
    return verdict.finding(`${told} of ${CASES.length} ended with a code and a sentence`);
  },
};

async function changed(folder: string, change: (database: BetterSqlite3.Database) => void): Promise<string> {
  const file = join(folder, 'belfry.db');
  await prepareDatabase(`file:${file}`, 1);
  const database = new BetterSqlite3(file);
  change(database);
  database.close();
  return file;
}

/** Starts the built app and waits for its end; the code is null when it went on. */
async function start(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const next = join(ROOT, 'node_modules/next/dist/bin/next');
  const child = spawn(process.execPath, [next, 'start', '-H', '127.0.0.1', '-p', '0'], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '', NEXT_MANUAL_SIG_HANDLE: 'true', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (text: Buffer) => {
    output += text.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const closed = once(child, 'close');
  const over = new AbortController();
  const tooLong = sleep(EXIT_LIMIT_MS, null, { signal: over.signal }).catch(() => null);
  await Promise.race([closed, tooLong]);
  over.abort();
  const { exitCode } = child;
  child.kill('SIGKILL');
  await closed;
  return { code: exitCode, output };
}
