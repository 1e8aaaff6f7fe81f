/**
 * Gives the app itself (`db` of lib/database/db.ts, the secret beside it) a migrated database of its own, in a
 * folder that goes away after the test file. Import it before anything else, on a line of its own:
 * lib/config/env.ts reads the environment when it is loaded.
 */
import { afterAll } from 'vitest';
import { migratedDatabase, ON_POSTGRESQL } from './empty-database.ts';

const { url, remove } = await migratedDatabase();
Object.assign(process.env, { DATABASE_URL: url, LOG_LEVEL: 'silent' });
// What the shell around the tests may have set for a server of its own.
for (const name of ['NEXTAUTH_URL', 'NEXTAUTH_SECRET', 'BELFRY_HOST', 'BELFRY_DEMO', 'REDIS_URL'])
  delete process.env[name];
// There is no folder beside PostgreSQL for a secret.
if (ON_POSTGRESQL) process.env.NEXTAUTH_SECRET = 'a secret that only the tests use';

afterAll(async () => {
  const { db } = await import('../../lib/database/db.ts');
  await db.$disconnect();
  await remove();
});
