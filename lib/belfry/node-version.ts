/** Which Node the package runs on; `cli/belfry.mjs` says the same. */
import { BelfryError } from './protocol/errors.ts';

// What better-sqlite3 asks for: on an older one it ends the process at its first use, without a word.
const OLDEST_NODE = 22;

/**
 * Refuses a Node that is too old.
 *
 * @throws BelfryError `bad_environment`
 */
export function requireNode(version = process.versions.node): void {
  if (Number(version.split('.')[0]) >= OLDEST_NODE) return;
  throw new BelfryError(
    'bad_environment',
    `Belfry needs Node ${OLDEST_NODE} or later, and this is ${version}. Install a later one, and start the app with it.`,
  );
}
