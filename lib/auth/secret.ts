/** The key that encrypts sessions: from the environment, or made once and kept beside the embedded database. */
import { hkdfSync, randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { BelfryError } from '../belfry/protocol/errors.ts';
import { env } from '../config/env.ts';
import { processSingleton } from '../config/process-singleton.ts';
import { embeddedDatabaseFile } from '../config/start-settings.mjs';
import { readOrMakeSecret } from './kept-secret.ts';

const SECRET_BYTES = 32;

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
export function actionKey(secret: string): string {
  return Buffer.from(hkdfSync('sha256', secret, '', 'server actions', 32)).toString('base64');
}

function secretBesideDatabase(): string {
  const databaseFile = embeddedDatabaseFile(env.databaseUrl);
  if (databaseFile === null) {
    throw new BelfryError(
      'bad_environment',
      'Set NEXTAUTH_SECRET when DATABASE_URL is PostgreSQL, the same on every machine; `openssl rand -base64 32` makes a good one.',
    );
  }
  return readOrMakeSecret(
    {
      file: join(/* turbopackIgnore: true */ dirname(databaseFile), 'auth-secret'),
      what: 'The secret for sessions',
      whenMadeAnew: 'everybody signs in again',
      orElse: 'set NEXTAUTH_SECRET',
    },
    () => randomBytes(SECRET_BYTES).toString('base64url'),
  );
}
