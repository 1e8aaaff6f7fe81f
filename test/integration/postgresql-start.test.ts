/** A start of the app on a PostgreSQL database that it can reach and not use. */
import { randomBytes } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { migrate } from '../../lib/database/migrations.ts';
import { startAndFail } from '../support/failing-start.ts';
import { ask, createDatabase } from '../support/postgresql.ts';

const SECRET = 'a secret that only the tests use';

test.each([
  ['read the tables', 'GRANT SELECT ON ALL TABLES IN SCHEMA public'],
  [
    'use the tables and not their sequences',
    'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public',
  ],
])('a name that may only %s stops the start with a sentence', async (_, grant) => {
  const url = await createDatabase(inject('postgresqlUrl') as string);
  await migrate(url);
  const guest = `guest_${randomBytes(4).toString('hex')}`;
  await ask(url, `CREATE ROLE ${guest} LOGIN; ${grant} TO ${guest}`);
  const { code, output } = await startAndFail({
    DATABASE_URL: Object.assign(new URL(url), { username: guest }).href,
    NEXTAUTH_SECRET: SECRET,
  });
  expect(code).toBe(1);
  expect(output).toMatch(/may not write to the tables of Belfry.*GRANT USAGE ON ALL SEQUENCES/);
  expect(output).not.toMatch(/^\s+at /m);
});

test('a database that keeps text in another encoding stops it too', async () => {
  const url = await createDatabase(inject('postgresqlUrl') as string, "TEMPLATE template0 ENCODING 'LATIN1'");
  const { code, output } = await startAndFail({ DATABASE_URL: url, NEXTAUTH_SECRET: SECRET });
  expect(code).toBe(1);
  expect(output).toMatch(/keeps text as LATIN1, .*ENCODING 'UTF8'/);
});
