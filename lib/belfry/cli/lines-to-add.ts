/** What a developer adds to files of their own, which the command line never changes. */
import { type App, importPath } from './app.ts';
import { readIfThere } from './app-files.ts';
import { pagesPath, rootPath, startLines } from './init-files.ts';
import { ownMigrations } from './own-migrations.ts';

/** Where something is to be added, and what. */
export interface Addition {
  to: string;
  lines: string[];
}

export function linesToAdd(app: App): Addition[] {
  return [
    ...toLayout(app),
    ...toSignOut(app),
    ...toNextConfig(app),
    ...toInstrumentation(app),
    ...toPrisma(app),
    ...toProxy(app),
    ...toInstall(app),
  ];
}

function toLayout(app: App): Addition[] {
  const layout = app.layout ?? `${app.source}app/layout.${app.typescript ? 'tsx' : 'jsx'}`;
  return [
    {
      to: `${layout}, around what is in the body, and the bell where it shall be; its panel opens to the left`,
      lines: [
        `import { NotificationBell, Notifications } from '${importPath(app, layout, pagesPath(app))}';`,
        '',
        '<Notifications>',
        '  <NotificationBell />',
        '  {children}',
        '</Notifications>',
      ],
    },
  ];
}

/** Without it streams end within half a minute, where the accounts then say that nobody is signed in. */
function toSignOut(app: App): Addition[] {
  const { accounts } = app;
  const to = accounts.auth?.file ?? 'where accounts are set up';
  // Without an alias it depends on the file, and which one that is was not found.
  const from = app.alias || accounts.auth ? importPath(app, to, rootPath(app)) : '…/lib/belfry';
  const importing = `import { belfry } from '${from}';`;
  switch (accounts.kind) {
    case 'better-auth':
      return [
        {
          to: `${to}, in betterAuth({ … }), so that a sign-out ends the streams of that session`,
          lines: [
            importing,
            '',
            'databaseHooks: { session: { delete: { after: ({ id, userId }) => belfry.disconnect({ userId, sessions: [id] }) } } },',
          ],
        },
      ];
    case 'next-auth 4':
    case 'next-auth 5':
      return [
        {
          to: 'the options of NextAuth, so that a sign-out ends the streams of that sign-in',
          lines: [importing.replace('{ belfry }', '{ authEvents }'), '', 'events: authEvents,'],
        },
      ];
    case 'clerk':
      return [];
    case 'none':
      return [
        {
          to: 'where somebody signs out, so that the streams of that session end',
          lines: [importing, '', 'await belfry.disconnect({ userId: user.id, sessions: [session.id] });'],
        },
      ];
  }
}

/** Pages have to know the base path, and here only the configuration itself does. */
function toNextConfig({ basePath, nextConfig }: App): Addition[] {
  if (basePath !== null) return [];
  return [
    {
      to: `${nextConfig}, around what it exports`,
      lines: ["import { withBelfry } from 'belfry/next';", '', 'export default withBelfry(nextConfig);'],
    },
  ];
}

function toInstrumentation(app: App): Addition[] {
  const { instrumentation } = app;
  if (instrumentation === null || readIfThere(app.folder, instrumentation)?.includes('belfry')) return [];
  return [
    {
      to: `${instrumentation}, in register()`,
      lines: ["  if (process.env.NEXT_RUNTIME === 'nodejs') {", ...startLines(app, instrumentation), '  }'],
    },
  ];
}

/** What it does not know of, `prisma db push` would remove. */
function toPrisma({ database }: App): Addition[] {
  if (database.kind !== 'prisma' || (database.config !== null && !database.readsOneFile)) return [];
  const to = database.config ?? 'prisma.config.ts';
  return [
    {
      to: `${to}, so that Prisma reads all files of its folder${database.config ? '' : ', if it does not yet'}`,
      lines: [`  schema: '${database.folder}',`],
    },
  ];
}

function toProxy({ proxy }: App): Addition[] {
  if (proxy === null) return [];
  return [
    {
      to: `${proxy.file}, so that it does not get what is asked of Belfry's routes: they answer themselves, with 401 in JSON where nobody is signed in`,
      lines: [proxy.line],
    },
  ];
}

/** To be run once those lines are there: the tables come with the app's own migrations. */
export function commandsToRun({ database }: App): string[] {
  const own = ownMigrations(database);
  if (own === null) return [];
  if (database.kind !== 'prisma') return [own];
  return [
    own,
    'npx prisma generate',
    ...(database.dialect === 'sqlite'
      ? ['npx belfry migrate   # puts the file into write-ahead mode, once']
      : []),
  ];
}

const INSTALLS = { npm: 'npm install', pnpm: 'pnpm add', yarn: 'yarn add', bun: 'bun add' };

function toInstall({ folder, database, packageManager }: App): Addition[] {
  if (database.kind !== 'none' || readIfThere(folder, 'package.json')?.includes('"better-sqlite3"'))
    return [];
  return [
    { to: 'the packages, for the database of Belfry', lines: [`${INSTALLS[packageManager]} better-sqlite3`] },
  ];
}
