/** The key that encrypts sessions: from the environment, or made once and kept beside the embedded database. */
import { hkdfSync, randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { embeddedDatabaseFile } from '../database-url.ts';
import { env } from '../env.ts';
import { BelfryError } from '../errors.ts';
import { closeToOthers } from '../private-file.ts';
import { processSingleton } from '../process-singleton.ts';

const SECRET_BYTES = 32;
const SHORTEST_SECRET = 16;

/**
 * `NEXTAUTH_SECRET`, or else the content of the file `auth-secret` beside the embedded database, which
 * the first call makes. Read once a process. Whoever holds it can sign in as anybody; without it every
 * session ends, and nothing else is lost.
 *
 * @throws BelfryError `bad_environment` on PostgreSQL without `NEXTAUTH_SECRET` (several machines have
 * no file in common), or when the file cannot be used.
 */
export function authSecret(): string {
  return env.authSecret ?? processSingleton('auth-secret', secretBesideDatabase);
}

/**
 * The key for what a server action is bound to (variables around it that travel through the browser), as
 * Next wants it: 32 bytes in base64. Derived from the secret, so every instance has the same, and it opens
 * no session.
 */
export function actionKey(): string {
  return Buffer.from(hkdfSync('sha256', authSecret(), '', 'server actions', 32)).toString('base64');
}

function secretBesideDatabase(): string {
  const databaseFile = embeddedDatabaseFile(env.databaseUrl);
  if (databaseFile === null) {
    throw new BelfryError(
      'bad_environment',
      'Set NEXTAUTH_SECRET when DATABASE_URL is PostgreSQL, the same on every machine; `openssl rand -base64 32` makes a good one.',
    );
  }
  return readOrMakeSecret(join(/* turbopackIgnore: true */ dirname(databaseFile), 'auth-secret'));
}

/**
 * The secret in `file`; made with 32 random bytes (base64url, readable by its owner alone) when there
 * is none. Any number of processes may call this at once: all get the same secret.
 *
 * @throws BelfryError `bad_environment` when the file cannot be read or written, or is damaged.
 */
export function readOrMakeSecret(file: string): string {
  let secret: string | null;
  try {
    closeToOthers(file);
    secret = readSecret(file);
    if (secret === null) {
      publishOnce(file, randomBytes(SECRET_BYTES).toString('base64url'));
      secret = readSecret(file);
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BelfryError(
      'bad_environment',
      `The secret for sessions cannot be kept in ${file} (${reason}). Make its folder writable, or set NEXTAUTH_SECRET.`,
      { cause },
    );
  }
  if (secret === null || secret.length < SHORTEST_SECRET) {
    throw new BelfryError(
      'bad_environment',
      `${file} holds no usable secret. Delete it to have a new one made (everybody signs in again), or set NEXTAUTH_SECRET.`,
    );
  }
  return secret;
}

function readSecret(file: string): string | null {
  try {
    return readFileSync(/* turbopackIgnore: true */ file, 'utf8').trim();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

// Written in full under another name, then linked: the name appears with its content or not at all,
// and a link never replaces what another process put there first.
function publishOnce(file: string, secret: string): void {
  mkdirSync(/* turbopackIgnore: true */ dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}.${randomBytes(6).toString('hex')}`;
  const descriptor = openSync(/* turbopackIgnore: true */ draft, 'wx', 0o600);
  try {
    writeSync(descriptor, `${secret}\n`);
    fsyncSync(descriptor);
    linkSync(/* turbopackIgnore: true */ draft, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    closeSync(descriptor);
    rmSync(/* turbopackIgnore: true */ draft, { force: true });
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
