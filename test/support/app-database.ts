/**
 * Gives the app itself (`db` of lib/db.ts, the secret beside it) a migrated database of its own, in a
 * folder that goes away after the test file. Import it before anything else, on a line of its own:
 * lib/env.ts reads the environment when it is loaded.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { migrate } from '../../lib/migrations.ts';

const folder = mkdtempSync(join(tmpdir(), 'belfry-test-'));
const file = join(folder, 'belfry.db');
Object.assign(process.env, { DATABASE_URL: `file:${file}`, LOG_LEVEL: 'silent' });
// What the shell around the tests may have set for a server of its own.
for (const name of ['NEXTAUTH_URL', 'NEXTAUTH_SECRET', 'BELFRY_HOST', 'BELFRY_DEMO'])
  delete process.env[name];
await migrate(file);

afterAll(async () => {
  const { db } = await import('../../lib/db.ts');
  await db.$disconnect();
  rmSync(folder, { recursive: true, force: true });
});
