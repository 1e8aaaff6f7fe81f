/**
 * Prints the SQL that leads from an empty database to prisma/schema.prisma, as a start for the next
 * migration file: `npx node scripts/diff-schema.ts`, or `… postgresql://…` with any server that answers.
 * Uses Prisma's own schema engine as WebAssembly, which needs no download.
 */
import { readFileSync } from 'node:fs';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { SchemaEngine } from '@prisma/schema-engine-wasm';
import { connectionOptions } from '../lib/database/postgresql.ts';
import { toPostgresqlSchema } from './postgresql-schema.mjs';

const postgresqlUrl = process.argv[2];
const source = readFileSync(new URL('../prisma/schema.prisma', import.meta.url), 'utf8');
const content = postgresqlUrl ? toPostgresqlSchema(source) : source;
const adapter = postgresqlUrl
  ? bindMigrationAwareSqlAdapterFactory(new PrismaPg(connectionOptions(postgresqlUrl)))
  : bindMigrationAwareSqlAdapterFactory(new PrismaBetterSqlite3({ url: ':memory:' }));
const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', content]] }, () => {}, adapter);
const { stdout } = await engine.diff({
  from: { tag: 'empty' },
  to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content }] },
  script: true,
  exitCode: null,
  filters: { externalTables: [], externalEnums: [] },
});
process.stdout.write(stdout ?? '');
