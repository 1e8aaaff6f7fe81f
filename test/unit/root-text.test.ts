/** The composition root that `belfry init` writes, for every kind of app. */
import { parseSync } from 'rolldown/utils';
import { describe, expect, test } from 'vitest';
import type { App, AppAccounts, AppDatabase } from '../../lib/belfry/cli/app.ts';
import { importPath } from '../../lib/belfry/cli/app.ts';
import { NOT_FILLED_IN, rootText } from '../../lib/belfry/cli/root-text.ts';

const PRISMA: AppDatabase = {
  kind: 'prisma',
  dialect: 'sqlite',
  client: { file: 'lib/db.ts', name: 'client' },
  folder: 'prisma',
  config: null,
  readsOneFile: false,
  migrations: null,
  userId: 'String',
  hasSessionToken: true,
};
const DRIZZLE: AppDatabase = {
  kind: 'drizzle',
  dialect: 'postgresql',
  client: null,
  folder: 'db',
  migrations: 'drizzle',
};

const DATABASES: [string, AppDatabase][] = [
  ['Prisma', PRISMA],
  [
    'Prisma, with migrations, numbers for users and no client to be found',
    { ...PRISMA, client: null, migrations: 'prisma/migrations', userId: 'Int' },
  ],
  ['Prisma without users', { ...PRISMA, userId: null, hasSessionToken: false }],
  ['Prisma, with UUIDs for users', { ...PRISMA, userId: 'Uuid' }],
  ['Drizzle', DRIZZLE],
  ['none', { kind: 'none', instead: null }],
];
const ACCOUNTS: AppAccounts[] = [
  { kind: 'better-auth', auth: { file: 'lib/auth.ts', name: 'auth' } },
  { kind: 'better-auth', auth: null },
  { kind: 'next-auth 4', auth: null, sessions: 'jwt' },
  { kind: 'next-auth 4', auth: null, sessions: 'database' },
  { kind: 'next-auth 5', auth: null, sessions: 'jwt' },
  { kind: 'next-auth 5', auth: null, sessions: 'database' },
  { kind: 'clerk', auth: null },
  { kind: 'none', auth: null },
];

const APP: App = {
  folder: '/app',
  source: '',
  typescript: false,
  packageManager: 'npm',
  alias: '@/',
  tailwind: false,
  database: PRISMA,
  accounts: { kind: 'none', auth: null },
  basePath: '',
  cacheComponents: false,
  nextConfig: null,
  layout: null,
  instrumentation: null,
  proxy: null,
};

describe.each(DATABASES)('on %s', (_name, database) => {
  test.each(ACCOUNTS)(
    'with $kind ($sessions) it is JavaScript, imports each thing once, and says who is signed in or where to',
    (accounts) => {
      const text = rootText({ ...APP, database, accounts }, 'lib/belfry.js', '1.2.3');
      const { errors, module } = parseSync('belfry.js', text);
      expect(errors).toEqual([]);
      const imported = module.staticImports.map(({ moduleRequest }) => moduleRequest.value);
      expect(imported).toContain('belfry/next');
      expect(new Set(imported).size).toBe(imported.length);
      expect(text).toContain('async current(request)');
      const hasSessions = database.kind === 'prisma' && database.hasSessionToken;
      const isUnknown = accounts.kind === 'none' || (accounts.sessions === 'database' && !hasSessions);
      expect(text.includes(NOT_FILLED_IN)).toBe(isUnknown);
      const makesTables = database.kind === 'none' || database.migrations === null;
      expect(text).toContain(`migrates: ${makesTables}`);
    },
  );
});

test('numbers that the column of ids cannot hold are not asked for: Prisma would throw', () => {
  const database: AppDatabase = { ...PRISMA, userId: 'Int' };
  const text = rootText({ ...APP, database }, 'lib/belfry.js', '1.2.3');
  const [, among = ''] = /in: (.*) \} \}/.exec(text) ?? [];
  const asked = new Function('ids', `return ${among};`);
  expect(asked(['7', '2147483647', '2147483648', '9007199254740991', 'x', '1.5', 'Infinity'])).toEqual([
    7, 2_147_483_647,
  ]);
});

test('better-auth is asked which ids are users, whatever database it is on', () => {
  for (const [, database] of DATABASES) {
    const text = rootText(
      { ...APP, database, accounts: ACCOUNTS[0] as AppAccounts },
      'lib/belfry.js',
      '1.2.3',
    );
    expect(text.match(/await auth\.\$context/g)).toHaveLength(2);
    expect(text).not.toContain('.user.findMany');
  }
});

test.each([
  ['String', '{ gt: after }', '=> id)'],
  ['Uuid', '{ gt: after }', '=> id)'],
  ['Int', '{ gt: Number(after) }', '=> String(id))'],
] as const)('a Prisma app with ids of the kind %s lists its users by %s', (userId, after, id) => {
  const text = rootText({ ...APP, database: { ...PRISMA, userId } }, 'lib/belfry.js', '1.2.3');
  expect(text).toContain(after);
  expect(text.split(id)).toHaveLength(3);
});

test.each([
  ['@/', '', 'app/sse/[eventType]/route.ts', 'lib/belfry.ts', '@/lib/belfry'],
  ['~/', 'src/', 'src/lib/belfry.ts', 'src/db/index.ts', '~/db'],
  [null, '', 'app/sse/[eventType]/route.js', 'lib/belfry.js', '../../../lib/belfry'],
  [null, 'src/', 'src/instrumentation.ts', 'src/lib/belfry.ts', './lib/belfry'],
  // What the alias does not reach.
  ['@/', 'src/', 'src/lib/belfry.ts', 'db/client.ts', '../../db/client'],
] as const)('with the alias %s and %s, %s imports %s by %s', (alias, source, from, to, path) => {
  expect(importPath({ ...APP, alias, source }, from, to)).toBe(path);
});
