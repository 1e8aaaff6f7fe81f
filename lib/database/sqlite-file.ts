/**
 * What became of the embedded database's files while they are open. SQLite does not look: it goes on writing
 * to a file that was removed, and what it keeps in memory hides that the file was overwritten. So whoever
 * writes asks here before, and again before it says that something is stored.
 *
 * Looks at names and times alone, some microseconds each: opening and closing the file would take SQLite's
 * own locks on it from this process (https://www.sqlite.org/howtocorrupt.html, 2.2).
 */
import { accessSync, constants, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DriverAdapterError } from '@prisma/driver-adapter-utils';
import BetterSqlite3 from 'better-sqlite3';
import { FILE_REMOVED, FILE_REPLACED } from '../belfry/storage/database-errors.ts';

// Reading through a database takes about 2 ms for each megabyte, in which nothing else runs. Damage to a
// larger one shows when the damaged part is read.
const LARGEST_READ_THROUGH_BYTES = 32 * 1_048_576;
// Another process may write all the time, and each time the file is another one than before: reading it
// through takes a twentieth of our time at most.
const PAUSE_FACTOR = 20;
const SMALLEST_DATABASE_BYTES = 512;

/** The files of one database, from when they were opened. Every connection that stays open shares one. */
export class SqliteFile {
  readonly #path: string;
  readonly #logPath: string;
  readonly #opened: { database: string; log: string };
  /** As it was after the last look that found it whole, or after we brought something into it. */
  #known: string;
  #notReadBefore = 0;
  #damage: Error | null = null;

  /** To be made when the database is open, in write-ahead mode: its log is there from then on. */
  constructor(path: string) {
    this.#path = path;
    // SQLite follows links before it puts the log beside the file.
    this.#logPath = `${realpathSync(/* turbopackIgnore: true */ path)}-wal`;
    this.#opened = { database: identityOf(look(path)), log: identityOf(look(this.#logPath)) };
    this.#known = contentOf(look(path));
  }

  /**
   * Throws when a write could not be relied on: the file is gone or another one, may not be written (what
   * an open connection still could, none that is opened later can), or is damaged.
   */
  assertWritable(): void {
    this.assertInPlace();
    for (const path of [this.#path, dirname(this.#path)]) {
      try {
        accessSync(path, constants.R_OK | constants.W_OK);
      } catch (error) {
        throw failure(
          'SQLITE_READONLY',
          `${(error as NodeJS.ErrnoException).code}: ${path} cannot be written`,
        );
      }
    }
    const isKnown = contentOf(look(this.#path)) === this.#known;
    if (!isKnown || this.#damage) this.#readThrough();
    if (this.#damage) throw failure('SQLITE_CORRUPT', this.#damage.message);
  }

  /** Throws unless the files that are open are those that a restart would open. */
  assertInPlace(): void {
    const database = look(this.#path);
    if (!database) throw failure(FILE_REMOVED, `${this.#path} is gone`);
    const log = look(this.#logPath);
    if (identityOf(database) !== this.#opened.database || identityOf(log) !== this.#opened.log) {
      throw failure(FILE_REPLACED, `${this.#path} or its log is not the file that was opened`);
    }
  }

  /**
   * Has what was written brought from the log into the file. In nothing else do we change the file, so every
   * other change is somebody else's; after one it is not touched before it has been read through.
   *
   * @param copy Is not to wait for anything outside: what others write meanwhile would be taken for ours.
   */
  async checkpoint(copy: () => Promise<unknown>): Promise<void> {
    if (contentOf(look(this.#path)) !== this.#known) return;
    try {
      await copy();
    } finally {
      this.#known = contentOf(look(this.#path));
    }
  }

  /** Something was read that cannot be: nothing is written until the file has been read through. */
  noteDamage(error: Error): void {
    this.#damage = error;
    this.#notReadBefore = 0;
  }

  /** Looks at the content as somebody would who opens it now, without what our connections have in memory. */
  #readThrough(): void {
    const since = performance.now();
    if (since < this.#notReadBefore) return;
    const file = look(this.#path);
    const size = file?.size ?? 0;
    // What was found damaged in a large one is not looked for again until somebody has written to it.
    if (this.#damage && size > LARGEST_READ_THROUGH_BYTES && contentOf(file) === this.#known) return;
    try {
      // SQLite takes an empty file for a new database, and removes the log beside it.
      this.#damage =
        size < SMALLEST_DATABASE_BYTES ? new Error('It was cut off.') : damageIn(this.#path, size);
      this.#known = contentOf(file);
    } catch {
      // Another process holds it, perhaps: it is looked at again before the next write.
    }
    const took = performance.now() - since;
    this.#notReadBefore = performance.now() + took * PAUSE_FACTOR;
  }
}

/** What SQLite says against the file; null when it says nothing. Throws when it does not get to reading it. */
function damageIn(path: string, size: number): Error | null {
  try {
    const connection = new BetterSqlite3(path, { fileMustExist: true, readonly: true, timeout: 0 });
    try {
      if (size > LARGEST_READ_THROUGH_BYTES) connection.prepare('SELECT * FROM sqlite_schema LIMIT 1').all();
      const found =
        size > LARGEST_READ_THROUGH_BYTES ? 'ok' : connection.pragma('quick_check(1)', { simple: true });
      return found === 'ok' ? null : new Error(String(found));
    } finally {
      connection.close();
    }
  } catch (error) {
    if (/^SQLITE_(CORRUPT|NOTADB)/.test(String((error as { code?: unknown }).code))) return error as Error;
    throw error;
  }
}

function look(path: string): Stats | undefined {
  return statSync(/* turbopackIgnore: true */ path, { throwIfNoEntry: false });
}

/** Two files at one place differ in this. */
function identityOf(file: Stats | undefined): string {
  return `${file?.dev}:${file?.ino}`;
}

/** Changes when somebody writes to the file. */
function contentOf(file: Stats | undefined): string {
  return `${file?.size}:${file?.mtimeMs}`;
}

function failure(originalCode: string, message: string): DriverAdapterError {
  return new DriverAdapterError({
    kind: 'sqlite',
    extendedCode: 1,
    message,
    originalCode,
    originalMessage: message,
  });
}
