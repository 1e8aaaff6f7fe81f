/**
 * Prints the SQL that leads from an empty database to prisma/schema.prisma, as a start for the next
 * migration file: `node_modules/.bin/node scripts/diff-schema.ts`. Uses Prisma's own schema engine as WebAssembly, which
 * needs no download.
 */
import { readFileSync } from 'node:fs';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { SchemaEngine } from '@prisma/schema-engine-wasm';

const content = readFileSync(new URL('../prisma/schema.prisma', import.meta.url), 'utf8');
const engine = await SchemaEngine.new(
  { datamodels: [['schema.prisma', content]] },
  () => {},
  bindMigrationAwareSqlAdapterFactory(new PrismaBetterSqlite3({ url: ':memory:' })),
);
const { stdout } = await engine.diff({
  from: { tag: 'empty' },
  to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content }] },
  script: true,
  exitCode: null,
  filters: { externalTables: [], externalEnums: [] },
});
process.stdout.write(stdout ?? '');
