import { createHash, randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../../lib/database/db.ts';
import { type Migration, migrate, readMigrations } from '../../lib/database/migrations.ts';
import { emptyDatabase } from '../support/empty-database.ts';
import { createStore } from '../support/engine.ts';

let url: string;
beforeEach(async () => {
  ({ url } = await emptyDatabase());
});

function migration(name: string, sql: string): Migration {
  return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
}

const FIRST = migration('001_first', 'CREATE TABLE first (id INT); INSERT INTO first VALUES (1);');
const SECOND = migration(
  '002_second',
  'CREATE TABLE second (id INT); INSERT INTO second SELECT id FROM first;',
);
const BROKEN = migration('003_broken', 'CREATE TABLE third (id INT); INSERT INTO nowhere VALUES (1);');

async function query<Row extends object>(sql: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

const tables = async () =>
  (
    await query<{ name: string }>(
      'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1',
    )
  ).map(({ name }) => name);

test('a new database gets every migration, in order, and a second start applies nothing', async () => {
  const names = readMigrations('postgresql').map(({ name }) => name);
  expect(await migrate(url)).toEqual({ applied: names, created: true });
  expect(await migrate(url)).toEqual({ applied: [], created: false });
  expect(await tables()).toContain('belfry_event_outbox');
});

test('five starts at once apply each migration once', async () => {
  const outcomes = await Promise.all(Array.from({ length: 5 }, () => migrate(url, [FIRST, SECOND])));
  expect(outcomes.flatMap(({ applied }) => applied)).toEqual([FIRST.name, SECOND.name]);
  expect(outcomes.filter(({ created }) => created)).toHaveLength(1);
  expect(await query('SELECT id FROM second')).toEqual([{ id: 1 }]);
});

test('a migration that fails leaves nothing of itself, and nothing of those before it', async () => {
  await expect(migrate(url, [FIRST, BROKEN])).rejects.toThrow(/nowhere/);
  expect(await tables()).toEqual([]);
  expect((await migrate(url, [FIRST])).applied).toEqual([FIRST.name]);
});

test('a database of a newer version, and an edited migration, are refused with a sentence', async () => {
  await migrate(url, [FIRST, SECOND]);
  await expect(migrate(url, [FIRST])).rejects.toMatchObject({
    code: 'database_unusable',
    message: expect.stringContaining('newer version'),
  });
  const edited = migration(FIRST.name, `${FIRST.sql} -- changed`);
  await expect(migrate(url, [edited, SECOND])).rejects.toMatchObject({
    code: 'database_unusable',
    message: expect.stringContaining('was changed after'),
  });
});

test("each row is one that Prisma's command line accepts", async () => {
  await migrate(url);
  const rows = await query<Record<string, unknown>>('SELECT * FROM _prisma_migrations');
  expect(rows).toEqual(
    readMigrations('postgresql').map(({ name, checksum }) => ({
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      checksum,
      migration_name: name,
      started_at: expect.any(Date),
      finished_at: expect.any(Date),
      applied_steps_count: 1,
      logs: null,
      rolled_back_at: null,
    })),
  );
});

test('a server that is not there is a sentence that names the address and no password', async () => {
  const refusal = migrate('postgresql://belfry:secret-word@127.0.0.1:1/belfry');
  await expect(refusal).rejects.toMatchObject({
    code: 'database_unusable',
    message: expect.stringContaining('127.0.0.1:1/belfry'),
  });
  await expect(refusal).rejects.not.toMatchObject({ message: expect.stringContaining('secret-word') });
});

test('a name that may not make tables is told so; once they are there it needs no more than to use them', async () => {
  const guest = `guest_${randomBytes(4).toString('hex')}`;
  await query(`CREATE ROLE ${guest} LOGIN`);
  const asGuest = Object.assign(new URL(url), { username: guest }).href;
  await expect(migrate(asGuest)).rejects.toMatchObject({
    code: 'database_unusable',
    message: expect.stringMatching(/may not make or change tables .*OWNER TO/),
  });
  await migrate(url);
  await expect(migrate(asGuest)).rejects.toMatchObject({
    code: 'database_unusable',
    message: expect.stringMatching(/permission denied for table _prisma_migrations/),
  });
  await query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${guest}`);
  await query(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${guest}`);
  expect(await migrate(asGuest)).toEqual({ applied: [], created: false });
  const db = openDatabase(asGuest);
  const event = await createStore(db).append();
  await db.$disconnect();
  expect(await query('SELECT id::int FROM belfry_event')).toEqual([{ id: event.id }]);
});

test("a time that the database fills in is UTC, whatever the server's own zone", async () => {
  await migrate(url);
  expect(await query('SHOW timezone')).not.toEqual([{ TimeZone: 'UTC' }]);
  const [row] = await query<{ age: number }>(
    `INSERT INTO "user" (email, name, password_hash) VALUES ('a', 'A', '-')
     RETURNING abs(extract(epoch FROM (now() AT TIME ZONE 'UTC') - created_at))::int AS age`,
  );
  expect(row).toEqual({ age: 0 });
});
