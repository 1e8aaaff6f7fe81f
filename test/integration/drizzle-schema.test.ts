/** What `belfry generate` writes for Drizzle, beside the tables that Belfry's migrations make. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { is, Table } from 'drizzle-orm';
import { getTableConfig as ofPostgresql, type PgTable } from 'drizzle-orm/pg-core';
import { getTableConfig as ofSqlite, type SQLiteTable } from 'drizzle-orm/sqlite-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drizzleSchema } from '../../lib/belfry/cli/drizzle-schema.ts';
import { prismaModels } from '../../lib/belfry/cli/package-files.ts';
import { migrate } from '../../lib/belfry/migrations/migrations.ts';
import { type SqlDatabase, sql } from '../../lib/belfry/storage/database.ts';
import { type Database, openDatabase } from '../../lib/database/db.ts';
import { migrate as migrateApp } from '../../lib/database/migrations.ts';
import { emptyDatabase, ON_POSTGRESQL } from '../support/empty-database.ts';
import { portOf } from '../support/engine.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DIALECT = ON_POSTGRESQL ? 'postgresql' : 'sqlite';

let folder: string;
let client: Database;
let db: SqlDatabase;
let remove: () => Promise<void>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'belfry-drizzle-'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const made = await emptyDatabase();
  remove = made.remove;
  // Without tables of its own.
  await migrateApp(made.url, []);
  client = openDatabase(made.url);
  db = portOf(client);
  await migrate(db);
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await client.$disconnect();
  await remove();
});

type Column = { name: string; type: string; notNull: boolean; preset: string | null };
type Index = { name: string; unique: boolean; columns: string[]; partial: boolean };
type Shape = { table: string; columns: Column[]; key: string[]; indexes: Index[] };

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);

test('every table has the columns, keys and indexes that the migrations give it', async () => {
  const declared = await declaredShapes();
  expect(declared.length).toBeGreaterThan(9);
  expect(declared).toEqual(await (ON_POSTGRESQL ? postgresqlShapes() : sqliteShapes()));
});

async function declaredShapes(): Promise<Shape[]> {
  const file = join(folder, 'belfry-schema.mjs');
  writeFileSync(file, drizzleSchema(prismaModels(), DIALECT));
  const tables = Object.values(await import(pathToFileURL(file).href)).filter((one) => is(one, Table));
  return tables
    .map((table) => shapeOf(table as PgTable & SQLiteTable))
    .sort((a, b) => (a.table < b.table ? -1 : 1));
}

function shapeOf(table: PgTable & SQLiteTable): Shape {
  const { name, columns, primaryKeys, indexes } = ON_POSTGRESQL ? ofPostgresql(table) : ofSqlite(table);
  const names = (all: readonly unknown[]) => all.map((column) => (column as { name: string }).name);
  const single = columns.filter(({ primary }) => primary);
  return {
    table: name,
    columns: columns
      .map((column) => ({
        name: column.name,
        type: typeOf(column),
        notNull: column.notNull,
        preset: column.default === undefined ? null : String(column.default),
      }))
      .sort(byName),
    key: names(primaryKeys[0]?.columns ?? single),
    indexes: indexes
      .map(({ config }) => ({
        name: config.name ?? '',
        unique: config.unique,
        columns: names(config.columns),
        partial: config.where !== undefined,
      }))
      .sort(byName),
  };
}

function typeOf(column: { columnType: string; getSQLType(): string }): string {
  if (!ON_POSTGRESQL) return column.columnType === 'SQLiteTimestamp' ? 'datetime' : column.getSQLType();
  return column
    .getSQLType()
    .replace('serial', 'int')
    .replace(/^int$/, 'integer')
    .replace(/^timestamp.*/, 'timestamp');
}

async function sqliteShapes(): Promise<Shape[]> {
  const tables = await db.query<{ name: string }>(
    sql`SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'belfry%' ORDER BY 1`,
  );
  return Promise.all(
    tables.map(async ({ name: table }) => {
      const columns = await db.query<{
        name: string;
        type: string;
        notnull: bigint;
        dflt_value: string;
        pk: bigint;
      }>(sql`SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(${table})`);
      const indexes = await db.query<{ name: string; unique: bigint; columns: string; partial: bigint }>(
        sql`SELECT l.name, l."unique", l.partial, (SELECT json_group_array(i.name) FROM pragma_index_info(l.name) i) AS columns
          FROM pragma_index_list(${table}) l WHERE l.origin = 'c' ORDER BY 1`,
      );
      return {
        table,
        columns: columns
          .map(({ name, type, notnull, dflt_value: preset }) => ({
            name,
            type: type.toLowerCase(),
            notNull: Number(notnull) === 1,
            preset,
          }))
          .sort(byName),
        key: columns
          .filter(({ pk }) => Number(pk) > 0)
          .sort((a, b) => Number(a.pk) - Number(b.pk))
          .map(({ name }) => name),
        indexes: indexes
          .map((index) => ({
            name: index.name,
            unique: Number(index.unique) === 1,
            columns: JSON.parse(index.columns),
            partial: Number(index.partial) === 1,
          }))
          .sort(byName),
      };
    }),
  );
}

async function postgresqlShapes(): Promise<Shape[]> {
  const columns = await db.query<{
    table: string;
    name: string;
    type: string;
    nullable: string;
    preset: string | null;
  }>(
    sql`SELECT table_name AS "table", column_name AS "name", data_type AS "type", is_nullable AS "nullable",
      CASE WHEN column_default LIKE 'nextval%' THEN NULL ELSE column_default END AS "preset"
      FROM information_schema.columns WHERE table_name LIKE 'belfry%' ORDER BY 1, 2`,
  );
  const indexes = await db.query<{
    table: string;
    name: string;
    unique: boolean;
    key: boolean;
    partial: boolean;
    columns: string;
  }>(
    sql`SELECT t.relname::text AS "table", x.relname::text AS "name", i.indisunique AS "unique", i.indisprimary AS "key",
      i.indpred IS NOT NULL AS "partial",
      (SELECT json_agg(a.attname ORDER BY k.ord) FROM unnest(i.indkey) WITH ORDINALITY AS k(num, ord)
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.num)::text AS "columns"
      FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
      WHERE t.relname LIKE 'belfry%' ORDER BY 1, 2`,
  );
  const tables = [...new Set(columns.map(({ table }) => table))].sort();
  return tables.map((table) => ({
    table,
    columns: columns
      .filter((column) => column.table === table)
      .map(({ name, type, nullable, preset }) => ({
        name,
        type: type.replace(/^timestamp.*/, 'timestamp'),
        notNull: nullable === 'NO',
        preset: preset?.replace(/^'?(\d+)'?(::bigint)?$/, '$1') ?? null,
      }))
      .sort(byName),
    key: JSON.parse(indexes.find((index) => index.table === table && index.key)?.columns ?? '[]'),
    indexes: indexes
      .filter((index) => index.table === table && !index.key)
      .map(({ name, unique, partial, columns: names }) => ({
        name,
        unique,
        columns: JSON.parse(names),
        partial,
      }))
      .sort(byName),
  }));
}
