/**
 * `npm run print-migration`: prints the SQL of the next migration, which leads from the schema as it was when
 * the newest one was committed to the schema as it is in prisma/. That is SQLite's; with the address of any
 * PostgreSQL server that answers, `npm run print-migration -- postgresql://…`, that of PostgreSQL.
 *
 * Uses Prisma's own schema engine as WebAssembly, which needs no download. It compares schemas with each
 * other, not with a database: that would find the types that our migrations write in a way of their own.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { SchemaEngine } from '@prisma/schema-engine-wasm';
import { toPostgresqlSchema } from './postgresql-schema.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SCHEMA_FILES = ['prisma/schema.prisma', 'prisma/belfry.prisma'];

const [address] = process.argv.slice(2);
const provider = address ? 'postgresql' : 'sqlite';
const schema = SCHEMA_FILES.map((file) => readFileSync(`${ROOT}/${file}`, 'utf8')).join('\n');
const sql = await diff(schemaOfNewestMigration(), schema);
process.stdout.write(`-- prisma/migrations/${provider}/<UTC time as 14 digits>_<name>/migration.sql\n\n`);
process.stdout.write(sql || '-- The schema has not changed since the newest migration.\n');

/** Null where git does not know it: then all tables are new. */
function schemaOfNewestMigration(): string | null {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
  try {
    const commit = git('log', '-1', '--format=%H', '--', 'prisma/migrations').trim();
    const known = git('ls-tree', '--name-only', commit, ...SCHEMA_FILES)
      .trim()
      .split('\n');
    return known.map((file) => git('show', `${commit}:${file}`)).join('\n');
  } catch {
    return null;
  }
}

async function diff(from: string | null, to: string): Promise<string> {
  const files = (schema: string) => [
    { path: 'schema.prisma', content: address ? toPostgresqlSchema(schema) : schema },
  ];
  const adapter = bindMigrationAwareSqlAdapterFactory(
    address ? new PrismaPg(address) : new PrismaBetterSqlite3({ url: ':memory:' }),
  );
  const datamodels = files(to).map(({ path, content }): [string, string] => [path, content]);
  const engine = await SchemaEngine.new({ datamodels }, () => {}, adapter);
  const { stdout } = await engine.diff({
    from: from === null ? { tag: 'empty' } : { tag: 'schemaDatamodel', files: files(from) },
    to: { tag: 'schemaDatamodel', files: files(to) },
    script: true,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  // Of nothing it says so in a comment.
  return /^(--.*|\s)*$/.test(stdout ?? '') ? '' : (stdout ?? '');
}
