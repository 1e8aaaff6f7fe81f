/** Belfry's own migrations, on which every other app stands; this one has its tables by prisma/migrations. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type Migration,
  migrate,
  migrationStatus,
  migrations,
} from '../../lib/belfry/migrations/migrations.ts';
import { raw, type SqlDatabase, sql } from '../../lib/belfry/storage/database.ts';
import { type Database, openDatabase } from '../../lib/database/db.ts';
import { migrate as migrateApp } from '../../lib/database/migrations.ts';
import { freshDatabase } from '../support/database.ts';
import { emptyDatabase, ON_POSTGRESQL } from '../support/empty-database.ts';
import { portOf } from '../support/engine.ts';

let client: Database;
let url: string;
let db: SqlDatabase;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ url, remove } = await emptyDatabase());
  // Without tables of its own.
  await migrateApp(url, []);
  client = openDatabase(url);
  db = portOf(client);
});
afterEach(async () => {
  await client.$disconnect();
  await remove();
});

const NEXT: Migration = {
  name: '9999_next',
  sqlite: 'CREATE TABLE "belfry_next" ("id" INTEGER);\n\nINSERT INTO "belfry_next" VALUES (1);',
  postgresql: 'CREATE TABLE "belfry_next" ("id" INTEGER);\n\nINSERT INTO "belfry_next" VALUES (1);',
};

/** Columns, indexes, checks, triggers and functions of Belfry, in no order that depends on how they came about. */
async function shapeOf(database: SqlDatabase): Promise<unknown[]> {
  const questions =
    database.dialect === 'sqlite'
      ? [
          sql`SELECT m.name AS "table", c.name, c.type, c."notnull", c.dflt_value, c.pk FROM sqlite_master m, pragma_table_info(m.name) c
            WHERE m.type = 'table' AND m.name LIKE 'belfry%' ORDER BY 1, 2`,
          sql`SELECT name, sql FROM sqlite_master WHERE type <> 'table' AND tbl_name LIKE 'belfry%' ORDER BY 1`,
          sql`SELECT name, sql LIKE '%AUTOINCREMENT%' AS counts, sql LIKE '%json_valid%' AS checks_json,
            sql LIKE '%BETWEEN 0 AND 3%' AS checks_priority FROM sqlite_master
            WHERE type = 'table' AND name LIKE 'belfry%' ORDER BY 1`,
        ]
      : [
          sql`SELECT table_name, column_name, data_type, is_nullable, column_default, datetime_precision
            FROM information_schema.columns WHERE table_name LIKE 'belfry%' ORDER BY 1, 2`,
          sql`SELECT indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'belfry%' ORDER BY 1`,
          sql`SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
            WHERE conrelid::regclass::text LIKE 'belfry%' ORDER BY 1`,
          sql`SELECT tgname, pg_get_triggerdef(oid) AS definition FROM pg_trigger
            WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'belfry%' ORDER BY 1`,
        ];
  const answers: unknown[] = [];
  for (const question of questions) {
    const rows = await database.query<Record<string, unknown>>(question);
    answers.push(rows.map((row) => Object.values(row).map((value) => String(value))));
  }
  return answers;
}

test('they make the very tables that this app has', async () => {
  const ofApp = await freshDatabase();
  await migrate(db);
  const shape = await shapeOf(db);
  expect(shape[0]).not.toHaveLength(0);
  expect(shape).toEqual(await shapeOf(portOf(ofApp.db)));
  expect((await migrationStatus(portOf(ofApp.db))).pending).toEqual([]);
  await ofApp.remove();
});

test('what is missing is applied once, also by several at once', async () => {
  expect((await migrationStatus(db)).pending).toEqual(migrations.map(({ name }) => name));
  const others = [1, 2, 3].map(() => openDatabase(url));
  const applied = await Promise.all([client, ...others].map((each) => migrate(portOf(each))));
  await Promise.all(others.map((each) => each.$disconnect()));
  expect(applied.flat()).toEqual(migrations.map(({ name }) => name));
  expect(await migrate(db)).toEqual([]);
  expect(await migrate(db, [...migrations, NEXT])).toEqual([NEXT.name]);
  expect(await db.query(sql`SELECT "id" FROM "belfry_next"`)).toHaveLength(1);
});

test('one that fails leaves nothing of those that went before it in the same run', async () => {
  const broken = {
    ...NEXT,
    sqlite: `${NEXT.sqlite}\n\nNO SQL;`,
    postgresql: `${NEXT.postgresql}\n\nNO SQL;`,
  };
  await expect(migrate(db, [...migrations, broken])).rejects.toThrow();
  expect((await migrationStatus(db)).applied).toEqual([]);
  await expect(db.query(sql`SELECT 1 FROM "belfry_event"`)).rejects.toThrow();
  expect(await migrate(db)).toEqual(migrations.map(({ name }) => name));
});

test('the tables of a newer version are refused, with how to go on', async () => {
  await migrate(db, [...migrations, NEXT]);
  await expect(migrate(db)).rejects.toMatchObject({
    code: 'database_unusable',
    message: expect.stringContaining('npm install belfry@latest'),
  });
});

test('tables that something else has made are refused, with how to go on, and stay as they are', async () => {
  await migrate(db);
  await db.execute(sql`DELETE FROM "belfry_migration"`);
  await expect(migrate(db)).rejects.toMatchObject({
    code: 'database_unusable',
    message: expect.stringContaining('Remove the tables that begin with belfry_'),
  });
  expect(await db.query(sql`SELECT "id" FROM "belfry_event"`)).toEqual([]);
});

test('a table or a column of a later version that `prisma db push` has made ahead of its migration is taken as it is', async () => {
  await migrate(db, migrations.slice(0, 1));
  const pushed =
    db.dialect === 'sqlite'
      ? 'CREATE TABLE "belfry_imported" ("id" TEXT NOT NULL PRIMARY KEY)'
      : 'CREATE TABLE "belfry_imported" ("id" TEXT NOT NULL, CONSTRAINT "belfry_imported_pkey" PRIMARY KEY ("id"))';
  await db.execute(raw(pushed));
  await db.execute(raw('ALTER TABLE "belfry_event" ADD COLUMN "content" TEXT'));
  expect(await migrate(db)).toEqual([
    '0002_imported',
    '0003_definitions',
    '0004_questions',
    '0005_groups',
    '0006_settings',
  ]);
  expect(await migrate(db)).toEqual([]);
});

test('looking changes nothing', async () => {
  await migrationStatus(db);
  const table = ON_POSTGRESQL
    ? sql`SELECT 1 FROM pg_tables WHERE tablename LIKE 'belfry%'`
    : sql`SELECT 1 FROM sqlite_master WHERE name LIKE 'belfry%'`;
  expect(await db.query(table)).toEqual([]);
});

test('every statement of every migration is whole', async () => {
  for (const { sqlite, postgresql } of migrations) {
    for (const statement of [...sqlite.trim().split(/\n\n+/), ...postgresql.trim().split(/\n\n+/)]) {
      expect(statement).toMatch(/;$/);
    }
  }
});
