/**
 * What the start-up scripts and the app both have to know of the settings. In plain JavaScript, on Node's built-ins:
 * the scripts run before anything is installed, on whatever Node there is. All else is in env.ts.
 */
import { isAbsolute, resolve } from 'node:path';

export const DEFAULT_PORT = 3000;
export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_DATABASE_URL = 'file:./data/belfry.db';

/**
 * Whether a host, as it stands in an address or not, is this machine and no other can reach it.
 *
 * @param {string} host
 */
export function isLoopbackHost(host) {
  return ['127.0.0.1', 'localhost', '::1', '[::1]'].includes(host);
}

/**
 * The file of the embedded database, or null on PostgreSQL.
 *
 * @param {string} databaseUrl
 * @param {string} [folder] What a relative path begins at. Default: where the process runs.
 * @returns {string | null}
 */
export function embeddedDatabaseFile(databaseUrl, folder) {
  if (!databaseUrl.startsWith('file:')) return null;
  const path = databaseUrl.slice('file:'.length);
  return isAbsolute(path) ? path : resolve(/* turbopackIgnore: true */ folder ?? process.cwd(), path);
}

/**
 * Where the password of the demo accounts is kept, if it was made for this database.
 *
 * @param {string} databaseFile
 */
export function demoPasswordFile(databaseFile) {
  return `${databaseFile}.demo-password`;
}

/**
 * Whether there are demo accounts, and with what password. An empty setting counts as unset.
 *
 * @param {{ BELFRY_DEMO?: string | undefined, BELFRY_HOST?: string | undefined, DATABASE_URL?: string | undefined, NEXTAUTH_URL?: string | undefined, TRUSTED_PROXIES?: unknown }} settings
 * @returns {'public-password' | 'own-password' | 'none'}
 */
export function demoAccounts({
  BELFRY_DEMO,
  BELFRY_HOST = DEFAULT_HOST,
  DATABASE_URL = DEFAULT_DATABASE_URL,
  NEXTAUTH_URL,
  TRUSTED_PROXIES,
}) {
  if (BELFRY_DEMO) return BELFRY_DEMO === '1' ? 'public-password' : 'none';
  // Behind a proxy it listens on this machine alone, and is public all the same.
  const address = NEXTAUTH_URL && URL.canParse(NEXTAUTH_URL) ? new URL(NEXTAUTH_URL).hostname : undefined;
  const isPublic = Boolean(TRUSTED_PROXIES) || (address !== undefined && !isLoopbackHost(address));
  // Their password is kept beside the database, and PostgreSQL has no such place.
  return isLoopbackHost(BELFRY_HOST) && !isPublic && DATABASE_URL.startsWith('file:')
    ? 'own-password'
    : 'none';
}
