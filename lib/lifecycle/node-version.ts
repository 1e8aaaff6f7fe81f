/** Which Node the server can run on; `deploy/check-node.mjs` says the same for containers. */
import { BelfryError } from '../belfry/protocol/errors.ts';

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
    `Belfry needs Node ${OLDEST_NODE} or later, and this is ${version}. Start it with \`npm start\`, which uses the Node that comes with the packages.`,
  );
}
