/** Finds out what an app has for a database, and whether Belfry can live in it. */
import type { Dialect } from '../storage/database.ts';
import type { App, AppDatabase } from './app.ts';
import { type Code, findExported, firstThere, namesIn, readIfThere, withEndings } from './app-files.ts';
import type { Manifest } from './manifest.ts';

interface Looked {
  folder: string;
  source: App['source'];
  manifest: Manifest;
  code: readonly Code[];
}

/** Prisma before Drizzle, where an app has both. */
export function findDatabase(looked: Looked): AppDatabase {
  return findPrisma(looked) ?? findDrizzle(looked) ?? { kind: 'none', instead: null };
}

const PRISMA_DIALECTS: Record<string, Dialect> = {
  sqlite: 'sqlite',
  postgresql: 'postgresql',
  postgres: 'postgresql',
};

// In the order in which Prisma looks for them.
const PRISMA_CONFIGS = withEndings('prisma7.config', '.config/prisma7', 'prisma.config', '.config/prisma');

function findPrisma({ folder, manifest, code }: Looked): AppDatabase | null {
  if (manifest.rangeOf('@prisma/client') === undefined && manifest.rangeOf('prisma') === undefined)
    return null;
  const schema = firstThere(folder, ['prisma/schema.prisma', 'prisma/schema/schema.prisma', 'schema.prisma']);
  if (schema === null) return { kind: 'none', instead: 'Prisma, without prisma/schema.prisma' };
  const at = schema.includes('/') ? schema.slice(0, schema.lastIndexOf('/')) : '.';
  const files = namesIn(folder, at).filter((name) => name.endsWith('.prisma'));
  const text = files.map((name) => readIfThere(folder, `${at}/${name}`)).join('\n');
  const [, provider = ''] = /datasource\s+\w+\s*\{[^}]*?\bprovider\s*=\s*"(\w+)"/.exec(text) ?? [];
  const dialect = PRISMA_DIALECTS[provider];
  if (!dialect)
    return { kind: 'none', instead: `Prisma on ${provider || 'a database that it does not name'}` };
  const [, userId, attributes] = /^model User \{[^}]*?^\s*id\s+(String|Int)\b(.*)/m.exec(text) ?? [];
  const config = firstThere(folder, PRISMA_CONFIGS);
  return {
    kind: 'prisma',
    dialect,
    client: findExported(code, /\bnew PrismaClient\(/),
    folder: at,
    config,
    readsOneFile: config !== null && /schema\.prisma['"`]/.test(readIfThere(folder, config) ?? ''),
    migrations: migrationsIn(folder, [`${at}/migrations`, 'prisma/migrations']),
    userId: attributes?.includes('@db.Uuid') ? 'Uuid' : ((userId as 'String' | 'Int' | undefined) ?? null),
    hasSessionToken: /^model Session \{[^}]*?^\s*sessionToken\s+String\b/m.test(text),
  };
}

function migrationsIn(folder: string, paths: string[]): string | null {
  return (
    paths.find((path) => namesIn(folder, path).some((name) => /^\d+_|^migration_lock/.test(name))) ?? null
  );
}

// Others are driven in ways that Belfry's port does not know.
const DRIZZLE_DRIVERS: Record<string, Dialect> = {
  'better-sqlite3': 'sqlite',
  'node-postgres': 'postgresql',
};

function findDrizzle({ folder, source, manifest, code }: Looked): AppDatabase | null {
  if (manifest.rangeOf('drizzle-orm') === undefined) return null;
  const drivers = code.flatMap(({ text }) =>
    [...text.matchAll(/['"]drizzle-orm\/([\w-]+)['"]/g)].map(([, driver = '']) => driver),
  );
  const dialect = drivers.map((driver) => DRIZZLE_DRIVERS[driver]).find(Boolean);
  if (!dialect)
    return {
      kind: 'none',
      instead: `Drizzle on ${drivers.find((driver) => !driver.endsWith('-core')) ?? 'an unknown driver'}`,
    };
  const client = findExported(code, /\bdrizzle\(/);
  const config = firstThere(folder, withEndings('drizzle.config'));
  const [, out = 'drizzle'] =
    /\bout:\s*['"`](?:\.\/)?([^'"`]+?)\/?['"`]/.exec(config ? (readIfThere(folder, config) ?? '') : '') ?? [];
  return {
    kind: 'drizzle',
    dialect,
    client,
    folder: client?.file.includes('/') ? client.file.slice(0, client.file.lastIndexOf('/')) : `${source}db`,
    migrations: readIfThere(folder, `${out}/meta/_journal.json`) === null ? null : out,
  };
}
