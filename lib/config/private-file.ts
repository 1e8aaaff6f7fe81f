/** Files that only the account that runs the server may read: the database, and the secrets beside it. */
import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { log } from '../telemetry/log.ts';

const OWNER_ALONE = 0o600;
const FOLDER_OF_OWNER_ALONE = 0o700;
const OWNER = 0o700;
const OTHERS = 0o077;

/**
 * Makes the file, empty, and its folder, where they are missing. What is there keeps its content; a file
 * that others may read is closed to them. Any number of processes may call this at once.
 */
export function makePrivate(file: string): void {
  mkdirSync(/* turbopackIgnore: true */ dirname(file), { recursive: true, mode: FOLDER_OF_OWNER_ALONE });
  try {
    // Never opened when it is there: closing it would take SQLite's locks on it from this process.
    closeSync(openSync(/* turbopackIgnore: true */ file, 'wx', OWNER_ALONE));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    closeToOthers(file);
  }
}

/** Takes the rights of everybody but the owner from a file, if it is there. Says so in the log where that fails. */
export function closeToOthers(file: string): void {
  const found = statSync(/* turbopackIgnore: true */ file, { throwIfNoEntry: false });
  // Windows has no such modes, and tells of them all the same.
  if (!found?.isFile() || (found.mode & OTHERS) === 0 || process.platform === 'win32') return;
  try {
    chmodSync(/* turbopackIgnore: true */ file, found.mode & OWNER);
  } catch (error) {
    log.warn(
      { err: error, code: 'file_open_to_others', file },
      'others on this machine may read a file of the database; its owner has to run chmod 600 on it',
    );
  }
}
