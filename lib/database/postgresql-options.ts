/**
 * What a `DATABASE_URL` of PostgreSQL says, as psql reads it. node-postgres takes `sslmode=require` and
 * `prefer` for `verify-full`; here they are what libpq makes of them
 * (https://www.postgresql.org/docs/current/libpq-ssl.html). The names of files and modes are libpq's as well.
 */
import { readFileSync } from 'node:fs';
import { type ConnectionOptions, getCACertificates } from 'node:tls';
import type { ClientConfig } from 'pg';
import { BelfryError } from '../belfry/protocol/errors.ts';

/** How a connection is encrypted. `no-verify` is node-postgres's own name for `require` without a root certificate. */
export const SSL_MODES = [
  'disable',
  'allow',
  'prefer',
  'require',
  'no-verify',
  'verify-ca',
  'verify-full',
] as const;
type SslMode = (typeof SSL_MODES)[number];

/** Parameters of the address that are about encryption; what else stands there is the driver's to read. */
const SSL_PARAMETERS = ['ssl', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'uselibpqcompat'];
// Instead of a file: the certificates that the system trusts.
const SYSTEM_ROOTS = 'system';

/** What the driver is told. */
export interface PostgresqlOptions extends Pick<ClientConfig, 'connectionString' | 'ssl'> {
  connectionString: string;
  ssl: false | ConnectionOptions;
  /** Whether a server that does not speak TLS is spoken to without. */
  takesPlain: boolean;
}

/**
 * Reads the address. Certificates are read from their files at each connect, so that new ones are taken.
 *
 * @throws BelfryError `bad_environment` when it contradicts itself; see `sslProblem`.
 */
export function postgresqlOptions(databaseUrl: string): PostgresqlOptions {
  const problem = sslProblem(databaseUrl);
  if (problem !== null) throw new BelfryError('bad_environment', problem);
  const url = new URL(databaseUrl);
  const given = Object.fromEntries(SSL_PARAMETERS.map((name) => [name, url.searchParams.get(name)]));
  for (const name of SSL_PARAMETERS) url.searchParams.delete(name);
  const mode = isSocket(url) ? 'disable' : modeOf(databaseUrl);
  return {
    connectionString: url.href,
    takesPlain: mode === 'allow' || mode === 'prefer',
    ssl: mode === 'disable' ? false : tlsOptions(mode, given),
  };
}

/** A sentence about what cannot be in the address; null when it can be used. */
export function sslProblem(databaseUrl: string): string | null {
  const parameters = URL.parse(databaseUrl)?.searchParams;
  const mode = parameters?.get('sslmode') ?? null;
  const root = parameters?.get('sslrootcert') ?? null;
  if (mode !== null && !SSL_MODES.some((known) => known === mode)) {
    return `sslmode=${mode} in DATABASE_URL is not known. It is one of disable, allow, prefer, require, verify-ca and verify-full.`;
  }
  if (mode === 'verify-ca' && root === null) {
    return 'sslmode=verify-ca in DATABASE_URL needs sslrootcert=…, the file with the certificate of the authority that signed the server.';
  }
  if (root === SYSTEM_ROOTS && mode !== null && mode !== 'verify-full') {
    return 'sslrootcert=system in DATABASE_URL needs sslmode=verify-full: anybody can get a certificate from one of those authorities.';
  }
  if ((parameters?.has('sslcert') ?? false) !== (parameters?.has('sslkey') ?? false)) {
    return 'sslcert and sslkey in DATABASE_URL belong together: name both, or none.';
  }
  return null;
}

/** The address, with what libpq's own variables say of encryption where it says nothing itself. */
export function withSslDefaults(databaseUrl: string, defaults: Record<string, string | undefined>): string {
  if (databaseUrl.startsWith('file:')) return databaseUrl;
  const url = new URL(databaseUrl);
  for (const [parameter, value] of Object.entries(defaults)) {
    if (value !== undefined && !url.searchParams.has(parameter)) url.searchParams.set(parameter, value);
  }
  return url.href;
}

function modeOf(databaseUrl: string): SslMode {
  const { searchParams: parameters } = new URL(databaseUrl);
  const mode = parameters.get('sslmode');
  if (mode !== null) return mode as SslMode;
  if (parameters.get('sslrootcert') === SYSTEM_ROOTS) return 'verify-full';
  // What other drivers have instead of a mode.
  const ssl = parameters.get('ssl');
  if (ssl !== null) return ssl === 'true' || ssl === '1' ? 'verify-full' : 'disable';
  return 'prefer';
}

function tlsOptions(mode: SslMode, given: Record<string, string | null>): ConnectionOptions {
  const { sslrootcert, sslcert, sslkey } = given;
  const hasRoot = mode !== 'no-verify' && sslrootcert;
  const isVerified = mode === 'verify-full' || mode === 'verify-ca' || (mode === 'require' && hasRoot);
  return {
    // Said in any case: NODE_TLS_REJECT_UNAUTHORIZED is not to decide it.
    rejectUnauthorized: Boolean(isVerified),
    ...(isVerified && mode !== 'verify-full' ? { checkServerIdentity: () => undefined } : {}),
    ...(isVerified && sslrootcert
      ? {
          get ca() {
            return sslrootcert === SYSTEM_ROOTS
              ? getCACertificates('system')
              : readCertificate('sslrootcert', sslrootcert);
          },
        }
      : {}),
    ...(sslcert && sslkey
      ? {
          get cert() {
            return readCertificate('sslcert', sslcert);
          },
          get key() {
            return readCertificate('sslkey', sslkey);
          },
        }
      : {}),
  };
}

function readCertificate(parameter: string, file: string): string {
  try {
    return readFileSync(/* turbopackIgnore: true */ file, 'utf8');
  } catch (cause) {
    throw new BelfryError(
      'database_unusable',
      `The file ${file} that ${parameter} in DATABASE_URL names cannot be read (${(cause as NodeJS.ErrnoException).code}).`,
      { cause },
    );
  }
}

/** A path instead of a host: within one machine there is no TLS. */
function isSocket({ hostname, searchParams }: URL): boolean {
  return /^(\/|%2f)/i.test(searchParams.get('host') ?? hostname);
}
