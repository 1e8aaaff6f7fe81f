/** What a developer adds to files of their own, which the command line never changes. */
import { type App, importPath } from './app.ts';
import { readIfThere } from './app-files.ts';
import { partsFolder, rootPath, startLines } from './init-files.ts';

/** Where something is to be added, and what. */
export interface Addition {
  to: string;
  lines: string[];
}

export function linesToAdd(app: App): Addition[] {
  return [
    ...toLayout(app),
    toNextConfig(app),
    ...toInstrumentation(app),
    ...toPrisma(app),
    ...toProxy(app),
    ...toInstall(app),
  ];
}

function toLayout(app: App): Addition[] {
  const layout = app.layout ?? `${app.source}app/layout.${app.typescript ? 'tsx' : 'jsx'}`;
  const part = (name: string) => importPath(app, layout, `${partsFolder(app)}/${name}`);
  const props = app.basePath === '' ? '' : ` basePath="${app.basePath}"`;
  return [
    {
      to: `${layout}, around the children`,
      lines: [
        "import { currentUserKey } from 'belfry/next';",
        `import { NotificationBell } from '${part('bell')}';`,
        `import { Notifications } from '${part('notifications')}';`,
        `import { belfry } from '${importPath(app, layout, rootPath(app))}';`,
        '',
        `<Notifications userKey={currentUserKey(belfry)}${props}>`,
        '  <header><NotificationBell /></header>',
        '  {children}',
        '</Notifications>',
      ],
    },
  ];
}

function toNextConfig({ nextConfig }: App): Addition {
  return {
    to: `${nextConfig ?? 'next.config.mjs'}, around what it exports`,
    lines: ["import { withBelfry } from 'belfry/next';", '', 'export default withBelfry(nextConfig);'],
  };
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
  if (database.kind !== 'prisma') return [];
  return [
    {
      to: 'prisma.config.ts, so that Prisma reads all files of its folder, if it does not yet',
      lines: [`  schema: '${database.folder}',`],
    },
  ];
}

function toProxy({ proxy }: App): Addition[] {
  if (proxy === null) return [];
  return [
    {
      to: `${proxy}: Belfry's routes say themselves who may call them, and answer in JSON`,
      lines: ["export const config = { matcher: '/((?!sse/|notifications/|_next/).*)' };"],
    },
  ];
}

const INSTALLS = { npm: 'npm install', pnpm: 'pnpm add', yarn: 'yarn add', bun: 'bun add' };

function toInstall({ database, packageManager }: App): Addition[] {
  if (database.kind !== 'none') return [];
  return [
    { to: 'the packages, for the database of Belfry', lines: [`${INSTALLS[packageManager]} better-sqlite3`] },
  ];
}
