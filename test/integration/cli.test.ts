/** `npx belfry` in small apps of several kinds, from the package as it is built. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseSync } from 'rolldown/utils';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { buildPackage } from '../../scripts/package.mjs';
import { type MadeUpApp, madeUpApp } from '../support/made-up-app.ts';
import { startUnderOldNode } from '../support/old-node.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
// Each command is a process of its own, and some tests run many of them.
vi.setConfig({ testTimeout: 60_000 });

const PARTS = readdirSync(join(ROOT, 'components/notifications'));

const TSCONFIG = (source: string) =>
  JSON.stringify({
    compilerOptions: {
      strict: true,
      target: 'es2023',
      module: 'esnext',
      moduleResolution: 'bundler',
      jsx: 'react-jsx',
      noEmit: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      types: ['node', 'next'],
      paths: { '@/*': [`./${source}*`] },
    },
    include: ['**/*.ts', '**/*.tsx'],
    exclude: ['node_modules'],
  });

const LAYOUT =
  'export default function Layout({ children }: { children: React.ReactNode }) {\n  return <html><body>{children}</body></html>;\n}\n';

const PRISMA_APP = {
  'package.json': JSON.stringify({
    dependencies: {
      next: '16.4.6',
      '@prisma/client': '7.10.0',
      'next-auth': '^4.24.15',
      tailwindcss: '4.3.5',
    },
  }),
  'pnpm-lock.yaml': '',
  'tsconfig.json': `// As create-next-app has it.\n${TSCONFIG('src/')}`,
  'next.config.ts': "export default { basePath: '/shop' };\n",
  'src/app/layout.tsx': LAYOUT,
  'src/lib/prisma.ts':
    "import { PrismaClient } from './generated/client';\n\nexport const prisma = new PrismaClient();\n",
  // As much of a client as is used.
  'src/lib/generated/client.ts': `export class PrismaClient {
  declare $queryRaw: (statement: unknown) => Promise<unknown>;
  declare $executeRaw: (statement: unknown) => Promise<number>;
  declare $transaction: <T>(work: (tx: PrismaClient) => Promise<T>) => Promise<T>;
  declare user: { findMany(asked: {
    where?: { id: { in?: number[]; gt?: number } }; orderBy?: { id: 'asc' }; take?: number; select: { id: true };
  }): Promise<{ id: number }[]> };
}\n`,
  'prisma/schema.prisma':
    'datasource db {\n  provider = "postgresql"\n}\n\nmodel User {\n  id    Int    @id @default(autoincrement())\n  email String @unique\n}\n',
  'prisma/migrations/29990101000000_init/migration.sql': 'SELECT 1;\n',
};

const JOURNAL = `{
  "version": "6",
  "dialect": "sqlite",
  "entries": [
    {
      "idx": 0,
      "version": "6",
      "when": 1700000000000,
      "tag": "0000_first",
      "breakpoints": true
    }
  ]
}`;

const DRIZZLE_APP = {
  'package.json': JSON.stringify({
    dependencies: { next: '16.4.6', 'drizzle-orm': '0.45.4', 'better-auth': '1.7.25' },
  }),
  'tsconfig.json': TSCONFIG(''),
  'next.config.mjs': 'export default { cacheComponents: true };\n',
  'app/layout.tsx': LAYOUT,
  'db/index.ts': `import 'server-only';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { fileOfDatabase } from '@/db/file';

const sqlite = new Database(fileOfDatabase());
sqlite.pragma('journal_mode = WAL');
export const db = drizzle(sqlite);
`,
  'db/file.ts': "export const fileOfDatabase = (): string => process.env.DATABASE_FILE ?? '';\n",
  '.env': 'DATABASE_FILE=app.db\n',
  // As it does outside of Next.
  'node_modules/server-only/package.json': '{ "name": "server-only", "main": "index.js" }\n',
  'node_modules/server-only/index.js':
    "throw new Error('This module cannot be imported from a Client Component module.');\n",
  'drizzle.config.ts': "export default { dialect: 'sqlite', out: './drizzle', schema: './db/schema.ts' };\n",
  'drizzle/meta/_journal.json': JOURNAL,
  'drizzle/0000_first.sql': 'SELECT 1;\n',
  'lib/auth.ts': `interface Session { user: { id: string }; session: { id: string; expiresAt: Date } }
interface Asked { headers: Headers; query?: { disableCookieCache?: boolean; disableRefresh?: boolean } }
interface Where { field: string; operator?: 'eq' | 'in' | 'gt'; value: string | string[] }
type ListUsers = (limit?: number, offset?: number, sortBy?: object, where?: Where[]) => Promise<{ id: string }[]>;
const listUsers: ListUsers = async () => [];
const betterAuth = (_options: object) => ({
  api: { getSession: async (_asked: Asked): Promise<Session | null> => null },
  $context: Promise.resolve({ internalAdapter: { listUsers } }),
});

export const auth = betterAuth({});
`,
};

const PLAIN_APP = {
  'package.json': JSON.stringify({ dependencies: { next: '16.4.6' } }),
  'next.config.mjs': 'export default {};\n',
  'app/layout.jsx':
    'export default function Layout({ children }) {\n  return <html><body>{children}</body></html>;\n}\n',
};

function proxyWith(config: string): string {
  return `export const proxy = (request) => Response.redirect(new URL('/login', request.url));\nexport const config = ${config};\n`;
}

let app: MadeUpApp;

// It is compiled anew.
beforeAll(() => buildPackage(), 60_000);
afterEach(() => app?.remove());

/** Every file that was written. */
function added(before: object): string[] {
  return app.files().filter((file) => !(file in before));
}

/** Adds to the layout what `init` has printed for it, as its developer would. */
function addLines(output: string, layout: string): void {
  const [, after = ''] = output.split(`\nTo ${layout}, around `);
  const [imports = '', elements = ''] = after
    .slice(after.indexOf('\n\n'), after.search(/\n(To |Then )/))
    .trim()
    .split(/\n\n/);
  expect(elements.trim()).toMatch(/^<Notifications>[\s\S]*<\/Notifications>$/);
  app.write(
    layout,
    `${imports}\n\nexport default function Layout({ children }: { children: React.ReactNode }) {\n  return <html><body>${elements}</body></html>;\n}\n`,
  );
}

async function typeErrors(): Promise<string> {
  app.write(
    'css.d.ts',
    "declare module '*.module.css' {\n  const classes: Record<string, string>;\n  export default classes;\n}\n",
  );
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  try {
    await promisify(execFile)(process.execPath, [tsc, '--noEmit', '-p', app.folder], { cwd: app.folder });
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

describe('`belfry init` in an app with Prisma and next-auth 4, below src', () => {
  test('writes files of its own, which fit the app, and tells what to add', async () => {
    app = madeUpApp(PRISMA_APP);
    const { code, output } = await app.belfry('init');
    expect(output).toContain('App Router in src/app, TypeScript, pnpm');
    expect(output).toContain(
      'Prisma on postgresql, made in src/lib/prisma.ts, migrations in prisma/migrations',
    );
    expect(output).toContain('accounts by next-auth 4');
    expect(output).toContain("import { NotificationBell, Notifications } from '@/components/notifications';");
    expect(output).toContain("import { authEvents } from '@/lib/belfry';");
    expect(output).not.toContain('withBelfry');
    expect(code).toBe(0);
    expect(added(PRISMA_APP)).toEqual(
      [
        'prisma/belfry.prisma',
        'prisma/migrations/29990101000001_belfry_0001_init/migration.sql',
        'prisma/migrations/29990101000002_belfry_0002_imported/migration.sql',
        'prisma/migrations/29990101000003_belfry_0003_definitions/migration.sql',
        'prisma/migrations/29990101000004_belfry_0004_questions/migration.sql',
        'prisma/migrations/29990101000005_belfry_0005_groups/migration.sql',
        'prisma/migrations/29990101000006_belfry_0006_settings/migration.sql',
        'src/app/notifications/[...belfry]/route.ts',
        'src/app/sse/[eventType]/route.ts',
        ...[...PARTS, 'index.tsx'].map((name) => `src/components/notifications/${name}`),
        'src/instrumentation.ts',
        'src/lib/belfry.ts',
      ].sort(),
    );
    expect(app.read('prisma/migrations/29990101000001_belfry_0001_init/migration.sql')).toContain(
      'BIGSERIAL',
    );
    expect(app.read('prisma/belfry.prisma')).toBe(readFileSync(join(ROOT, 'prisma/belfry.prisma'), 'utf8'));
    expect(app.read('src/lib/belfry.ts')).toContain('migrates: false');
    expect(app.read('src/components/notifications/index.tsx')).toContain('basePath="/shop"');
    expect(app.read('src/app/sse/[eventType]/route.ts')).toContain("export const dynamic = 'force-dynamic';");
    addLines(output, 'src/app/layout.tsx');
    expect(await typeErrors()).toBe('');
  });

  test('it names the configuration of Prisma that there is, and what to run; `belfry doctor` looks there', async () => {
    // As `prisma init` of 7.10.1 writes it.
    const config = 'prisma7.config.ts';
    app = madeUpApp({ ...PRISMA_APP, [config]: 'export default { schema: "prisma/schema.prisma" };\n' });
    const { output } = await app.belfry('init');
    expect(output).toContain(`To ${config}, so that Prisma reads all files of its folder:`);
    expect(output).toContain('Then run:\n\n    npx prisma migrate deploy\n    npx prisma generate\n');
    expect((await app.belfry('doctor')).output).toContain(`✗ ${config} names schema.prisma alone`);
    app.write(config, 'export default { schema: "prisma" };\n');
    expect((await app.belfry('init')).output).not.toContain(config);
    expect((await app.belfry('doctor')).output).not.toContain(config);
  });

  test('with sessions in the database it reads their rows, and a sign-out ends the streams of one', {
    tags: 'long',
  }, async () => {
    const client = PRISMA_APP['src/lib/generated/client.ts']
      .replaceAll('number[]', 'string[]')
      .replaceAll('gt?: number', 'gt?: string')
      .replaceAll('id: number }[]>', 'id: string }[]>');
    app = madeUpApp({
      ...PRISMA_APP,
      'prisma/schema.prisma':
        'datasource db {\n  provider = "postgresql"\n}\n\nmodel User {\n  id String @id @default(uuid()) @db.Uuid\n}\n\nmodel Session {\n  sessionToken String @unique\n  userId String @db.Uuid\n  expires DateTime\n}\n',
      'src/lib/generated/client.ts': client.replace(
        'declare user:',
        'declare session: { findUnique(asked: { where: { sessionToken: string } }): Promise<{ sessionToken: string; userId: string; expires: Date } | null> };\n  declare user:',
      ),
      'src/lib/auth.ts': `import type { NextAuthOptions } from 'next-auth';
import type { Adapter } from 'next-auth/adapters';
import { authEvents } from '@/lib/belfry';

export const options = (adapter: Adapter): NextAuthOptions => ({ adapter, providers: [], events: authEvents });
`,
    });
    await app.belfry('init');
    const root = app.read('src/lib/belfry.ts');
    expect(root).toContain('prisma.session.findUnique(');
    expect(root).toContain('sessions: [String(session.sessionToken)]');
    expect(root).toContain('ids.filter((id) => /^');
    expect(await typeErrors()).toBe('');
  });

  test('changes nothing the second time', { tags: 'long' }, async () => {
    app = madeUpApp(PRISMA_APP);
    await app.belfry('init');
    const before = app.files().map((file) => [file, app.read(file)]);
    const { output } = await app.belfry('init');
    expect(app.files().map((file) => [file, app.read(file)])).toEqual(before);
    expect(output).not.toMatch(/\((written|brought up to date|left)/);
  });

  test('leaves a file of somebody else in its way, and says so; with --force as well', {
    tags: 'long',
  }, async () => {
    app = madeUpApp({
      ...PRISMA_APP,
      'src/lib/belfry.ts': 'export const mine = 1;\n',
      'src/instrumentation.ts': 'export function register() {}\n',
    });
    for (const args of [['init'], ['init', '--force']]) {
      const { output, code } = await app.belfry(...args);
      expect(code).toBe(0);
      expect(output).toContain('src/lib/belfry.ts  (left as it is: another file is there)');
      expect(output).toContain('To src/instrumentation.ts, in register():');
      expect(app.read('src/lib/belfry.ts')).toBe('export const mine = 1;\n');
      expect(app.read('src/instrumentation.ts')).toBe('export function register() {}\n');
    }
  });

  test('takes what git has given the ends of lines of Windows for what it was', {
    tags: 'long',
  }, async () => {
    app = madeUpApp(PRISMA_APP);
    await app.belfry('init');
    const files = added(PRISMA_APP);
    for (const file of files) app.write(file, app.read(file).replaceAll('\n', '\r\n'));
    const { output } = await app.belfry('init');
    expect(output).not.toMatch(/\((written|brought up to date|left)/);
    expect((await app.belfry('generate')).output).not.toMatch(/\((written|brought up to date|left)/);
    expect((await app.belfry('doctor')).output).not.toContain('Not up to date');
  });

  test('renews with --force what it wrote itself, and not without', { tags: 'long' }, async () => {
    app = madeUpApp(PRISMA_APP);
    await app.belfry('init');
    const bell = 'src/components/notifications/bell.tsx';
    const written = app.read(bell);
    app.write(bell, `${written}\n// changed\n`);
    await app.belfry('init');
    expect(app.read(bell)).toContain('// changed');
    const root = 'src/lib/belfry.ts';
    app.write(root, `${app.read(root)}\n// filled in\n`);
    const { output } = await app.belfry('init', '--force');
    expect(app.read(bell)).toBe(written);
    expect(app.read(root)).toContain('// filled in');
    expect(output).toContain(`${root}  (there already)`);
  });

  test('writes nothing with --dry-run', async () => {
    app = madeUpApp(PRISMA_APP);
    const { output } = await app.belfry('init', '--dry-run');
    expect(output).toContain('src/lib/belfry.ts  (would be written)');
    expect(added(PRISMA_APP)).toEqual([]);
  });
});

describe('`belfry init` in an app with Drizzle and better-auth, under Cache Components', () => {
  test('writes what fits it, and adds to the journal of its migrations alone', async () => {
    app = madeUpApp(DRIZZLE_APP);
    const { output } = await app.belfry('init');
    expect(output).toContain('Drizzle on sqlite, made in db/index.ts, migrations in drizzle');
    const files = added(DRIZZLE_APP);
    for (const file of ['lib/belfry.ts', 'db/belfry-schema.ts', 'drizzle/0001_belfry_0001_init.sql'])
      expect(files).toContain(file);
    expect(app.read('app/notifications/[...belfry]/route.ts')).not.toContain('dynamic');
    const journal = app.read('drizzle/meta/_journal.json');
    expect(journal.startsWith(JOURNAL.slice(0, JOURNAL.lastIndexOf('\n  ]')))).toBe(true);
    expect(JSON.parse(journal).entries).toMatchObject([
      { idx: 0, tag: '0000_first' },
      { idx: 1, version: '6', tag: '0001_belfry_0001_init', breakpoints: true },
      { idx: 2, version: '6', tag: '0002_belfry_0002_imported', breakpoints: true },
      { idx: 3, version: '6', tag: '0003_belfry_0003_definitions', breakpoints: true },
      { idx: 4, version: '6', tag: '0004_belfry_0004_questions', breakpoints: true },
      { idx: 5, version: '6', tag: '0005_belfry_0005_groups', breakpoints: true },
      { idx: 6, version: '6', tag: '0006_belfry_0006_settings', breakpoints: true },
    ]);
    addLines(output, 'app/layout.tsx');
    expect(await typeErrors()).toBe('');
    await app.belfry('generate');
    expect(app.read('drizzle/meta/_journal.json')).toBe(journal);
  });

  test("the app's own migrations make the tables then", { tags: 'long' }, async () => {
    app = madeUpApp(DRIZZLE_APP);
    await app.belfry('init');
    app.write(
      'apply.mjs',
      `import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { migrate } from 'drizzle-orm/better-sqlite3/migrator';
const sqlite = new Database('app.db');
sqlite.pragma('journal_mode = WAL');
migrate(drizzle(sqlite), { migrationsFolder: 'drizzle' });
`,
    );
    // They would find those tables there already.
    expect(await app.belfry('migrate')).toMatchObject({
      code: 1,
      output: expect.stringContaining('run `npx drizzle-kit migrate`'),
    });
    expect((await app.belfry('doctor')).output).toContain('  Run `npx drizzle-kit migrate`.\n');
    await promisify(execFile)(process.execPath, ['apply.mjs'], { cwd: app.folder });
    expect((await app.belfry('migrate')).output).toContain('The tables of Belfry are up to date.');
  });
});

describe('in an app in JavaScript without database and accounts', () => {
  test('`belfry init` writes JavaScript, with a database of its own', async () => {
    app = madeUpApp(PLAIN_APP);
    const { output } = await app.belfry('init');
    expect(output).toContain('npm install better-sqlite3');
    app.write(
      'package.json',
      JSON.stringify({ dependencies: { next: '16.4.6', 'better-sqlite3': '12.11.1' } }),
    );
    expect((await app.belfry('init')).output).not.toContain('npm install');
    const files = added(PLAIN_APP);
    expect(files.filter((file) => /\.tsx?$|prisma|drizzle/.test(file))).toEqual([]);
    expect(files).toContain('components/notifications/bell.jsx');
    expect(app.read('app/sse/[eventType]/route.js')).toContain("from '../../../lib/belfry'");
    for (const file of files.filter((name) => /\.jsx?$/.test(name)))
      expect(parseSync(file, app.read(file)).errors, file).toEqual([]);
    expect(app.read('components/notifications/bell.jsx')).toMatch(
      /^\/\/ Made by .*\n'use client';\n\nimport/,
    );
  });

  test('`belfry doctor` names what is missing, with the mend, until nothing is', async () => {
    app = madeUpApp(PLAIN_APP);
    const before = await app.belfry('doctor');
    expect(before.code).toBe(1);
    for (const what of [
      'There is no lib/belfry.js.',
      'There is no app/notifications/[...belfry]/route.js.',
      'There is no app/sse/[eventType]/route.js.',
      'No layout has the provider.',
      'There is no components/notifications/index.jsx.',
      'There is no instrumentation file.',
      'There are no parts in components/notifications.',
    ])
      expect(before.output).toContain(`✗ ${what}`);

    await app.belfry('init');
    const after = await app.belfry('doctor');
    expect(after.code).toBe(1);
    expect(after.output).toContain('✗ lib/belfry.js does not say who is signed in, so nobody is.');
    expect(after.output).toContain(
      '✗ The database lacks 0001_init, 0002_imported, 0003_definitions, 0004_questions, 0005_groups, 0006_settings.',
    );
    expect(after.output).not.toContain('There is no');
    expect(after.output).toContain('  Start the app, or run `npx belfry migrate`.\n');

    app.write('app/layout.jsx', 'export default () => <Notifications />;\n');
    // The comment above it may stay.
    app.write('lib/belfry.js', app.read('lib/belfry.js').replace('return null;', "return { id: 'ann' };"));
    expect((await app.belfry('migrate', '--dry-run')).output).toBe(
      'To be applied: 0001_init, 0002_imported, 0003_definitions, 0004_questions, 0005_groups, 0006_settings.\n',
    );
    expect((await app.belfry('migrate')).output).toBe(
      'Applied: 0001_init, 0002_imported, 0003_definitions, 0004_questions, 0005_groups, 0006_settings.\n',
    );
    expect((await app.belfry('migrate')).output).toBe('The tables of Belfry are up to date.\n');
    expect(await app.belfry('doctor')).toMatchObject({
      code: 0,
      output: expect.stringContaining('Nothing is missing.'),
    });

    const root = app.read('lib/belfry.js');
    for (const [list, find, found] of [
      ["['1', '2']", 'ids', 'users.list in lib/belfry.js gives more users than it was asked for'],
      ["['1']", 'ids', 'users.list in lib/belfry.js gives more users than it was asked for, or the same'],
      ["after ? [] : ['1']", '[]', 'users.find in lib/belfry.js does not know a user that users.list names.'],
      ['nobody', 'ids', 'Mend users.list or users.find there: nobody is not defined'],
      ["after ? [] : ['1']", 'ids', 'Nothing is missing.'],
    ]) {
      const said = `users: {\n    list: async ({ after }) => ${list},\n    find: async (ids) => ${find},`;
      app.write('lib/belfry.js', root.replace('users: {', said));
      expect((await app.belfry('doctor')).output).toContain(found);
    }
    app.write('lib/belfry.js', root);

    app.write('next.config.mjs', 'export default { basePath: process.env.SHOP };\n');
    expect((await app.belfry('init')).output).toContain('export default withBelfry(nextConfig);');
    expect(await app.belfry('doctor')).toMatchObject({
      code: 1,
      output: expect.stringContaining('✗ Pages do not know of the base path in next.config.mjs.'),
    });
    app.write('next.config.mjs', 'export default withBelfry({ basePath: process.env.SHOP });\n');
    expect((await app.belfry('doctor')).code).toBe(0);

    app.write('next.config.mjs', `export default {};\n`);

    app.write('app/sse/[eventType]/route.js', 'export const GET = () => new Response();\n');
    app.write(
      'lib/belfry.js',
      app.read('lib/belfry.js').replace('journal_mode = WAL', 'journal_mode = DELETE'),
    );
    app.write('components/notifications/bell.jsx', '// Made by `npx belfry init` (belfry 0.0.1)\n');
    const broken = await app.belfry('doctor');
    expect(broken.code).toBe(1);
    expect(broken.output).toContain(
      '✗ app/sse/[eventType]/route.js does not export what Belfry answers with.',
    );
    expect(broken.output).toContain('✗ SQLite is in the mode delete');
    expect(broken.output).toContain('are those of belfry 0.0.1');
  });
});

test('files that begin with the mark of Windows for Unicode are read as any other', async () => {
  const marked = ['package.json', 'tsconfig.json', 'drizzle/meta/_journal.json'] as const;
  app = madeUpApp(DRIZZLE_APP);
  for (const file of marked) app.write(file, `\uFEFF${app.read(file)}`);
  const { code, output } = await app.belfry('init');
  expect([code, output]).toEqual([0, expect.stringContaining('imports by @/')]);
  expect(output).toContain('migrations in drizzle');
});

test.each([
  ['production', 'live.db'],
  ['development', 'dev.db'],
])(
  'with NODE_ENV=%s it is the database of that environment, as Next has it',
  { tags: 'long' },
  async (mode, file) => {
    app = madeUpApp({
      ...DRIZZLE_APP,
      '.env.production': 'DATABASE_FILE=live.db\n',
      '.env.development': 'DATABASE_FILE=dev.db\n',
    });
    await app.belfry('init');
    app.write('lib/belfry.ts', app.read('lib/belfry.ts').replace('migrates: false', 'migrates: true'));
    const { output } = await app.within({ NODE_ENV: mode }, 'migrate');
    expect(output).toContain('Applied: 0001_init');
    expect(app.files().filter((name) => name.endsWith('.db'))).toEqual([file]);
  },
);

describe('in an app whose proxy sends everybody without a session to a page', () => {
  const OUTCOME = 'its matcher %s has to leave the routes out';
  const MATCHERS: [string, string][] = [
    [
      '{ matcher: ["/((?!login|_next|favicon.ico).*)"] }',
      'export const config = { matcher: ["/((?!sse/|notifications/|login|_next|favicon.ico).*)"] };',
    ],
    [
      "{\n  matcher: [\n    '/((?!_next|[^?]*\\\\.(?:html?|css)).*)',\n    '/(api|trpc)(.*)',\n  ],\n}",
      "'/((?!sse/|notifications/|_next|[^?]*\\\\.(?:html?|css)).*)',",
    ],
    ["{ matcher: '/:path*' }", "export const config = { matcher: '/((?!sse/|notifications/|_next/).*)' };"],
    ['{}', "export const config = { matcher: '/((?!sse/|notifications/|_next/).*)' };"],
  ];
  test.each(MATCHERS.slice(0, 1))(OUTCOME, leaveRoutesOut);
  test.each(MATCHERS.slice(1))(OUTCOME, { tags: 'long' }, leaveRoutesOut);

  async function leaveRoutesOut(matcher: string, line: string) {
    app = madeUpApp({ ...PLAIN_APP, 'proxy.js': proxyWith(matcher) });
    expect((await app.belfry('init')).output).toContain(`    ${line}\n`);
    expect((await app.belfry('doctor')).output).toContain(
      `✗ proxy.js gets what is asked of Belfry's routes, and redirects`,
    );
    app.write(
      'proxy.js',
      proxyWith(line.startsWith('export') ? line.slice(22, -1) : `{ matcher: [${line}] }`),
    );
    expect((await app.belfry('init')).output).not.toContain('To proxy.js');
    expect((await app.belfry('doctor')).output).not.toContain('proxy.js');
  }

  test('one that gets only other pages is left alone', async () => {
    const proxy = proxyWith("{ matcher: ['/dashboard/:path*', '/account'] }");
    app = madeUpApp({ ...PLAIN_APP, 'middleware.js': proxy });
    expect((await app.belfry('init')).output).not.toContain('middleware.js');
    expect((await app.belfry('doctor')).output).not.toContain('middleware.js');
  });
});

describe('where it cannot go on it says how', () => {
  test('without an App Router', async () => {
    app = madeUpApp({ 'package.json': '{}', 'pages/index.js': '' });
    const { code, output } = await app.belfry('init');
    expect(code).toBe(1);
    expect(output).toContain('Make the folder app, which may stand beside pages');
  });

  test('without a composition root', async () => {
    app = madeUpApp(PLAIN_APP);
    expect(await app.belfry('migrate')).toMatchObject({
      code: 1,
      output: 'There is no lib/belfry.js: run `npx belfry init` first.\n',
    });
  });

  test('with a database that is away', async () => {
    app = madeUpApp({
      ...PLAIN_APP,
      'lib/belfry.js': `import { Pool } from 'pg';
import { defineBelfry } from 'belfry/next';
import { postgresqlDatabase } from 'belfry/postgresql';

const pool = new Pool({ connectionString: 'postgresql://127.0.0.1:1/app' });
export const belfry = defineBelfry({ database: postgresqlDatabase(pool) });
`,
    });
    expect(await app.belfry('migrate')).toEqual({
      code: 1,
      output:
        'The database cannot be reached. Try again in a few seconds. It says: connect ECONNREFUSED 127.0.0.1:1.\n',
    });
  });

  test('with a command that there is not', async () => {
    app = madeUpApp(PLAIN_APP);
    expect(await app.belfry('inot')).toMatchObject({
      code: 2,
      output: expect.stringContaining('npx belfry <command>'),
    });
  });

  test('below Node 22', async () => {
    app = madeUpApp(PLAIN_APP);
    const { code, output } = await startUnderOldNode(app.folder, [
      join(ROOT, 'dist/package/cli/belfry.mjs'),
      'init',
    ]);
    expect([code, output]).toEqual([
      1,
      'Belfry needs Node 22 or later, and this is 20.20.2. Install a later one, and run the same command again.\n',
    ]);
    const create =
      "import('belfry').then(({ createBelfry }) => createBelfry({})).catch((error) => console.log(error.message))";
    expect(await startUnderOldNode(app.folder, ['-e', create])).toMatchObject({
      output:
        'Belfry needs Node 22 or later, and this is 20.20.2. Install a later one, and start the app with it.\n',
    });
  });
});
