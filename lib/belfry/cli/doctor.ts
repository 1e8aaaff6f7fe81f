/** `belfry doctor`: says what an app lacks, and how to mend it. */
import type { Users } from '../accounts/accounts.ts';
import { migrationStatus } from '../migrations/migrations.ts';
import { isBelfryError } from '../protocol/errors.ts';
import { type SqlDatabase, sql } from '../storage/database.ts';
import { sentenceOfDatabase } from '../storage/database-errors.ts';
import type { App } from './app.ts';
import { codeOf, namesIn, readIfThere } from './app-files.ts';
import type { Command } from './command.ts';
import { findApp } from './find-app.ts';
import { generatedFiles } from './generated-files.ts';
import { pagesPath, partsFolder, rootPath, routePaths } from './init-files.ts';
import { loadRoot } from './load-root.ts';
import { ownMigrationsOf } from './own-migrations.ts';
import { packageVersion } from './package-files.ts';
import { NOT_FILLED_IN } from './root-text.ts';
import { isSameText, markedVersion } from './written-file.ts';

/** What is wrong, and what to do about it. */
export interface Finding {
  what: string;
  mend: string;
}

/** Its exit code is 1 when something is wrong. Node's version has been looked at before this is loaded. */
export const doctor: Command = async ({ folder, now, say }) => {
  const app = findApp(folder);
  const findings = [
    ...lookAtRoot(app),
    ...lookAtRoutes(app),
    ...lookAtPages(app),
    ...lookAtStart(app),
    ...lookAtProxy(app),
    ...lookAtParts(app),
    ...lookAtGenerated(app, now),
    ...(await lookAtRunning(app)),
  ];
  say(`belfry ${packageVersion()}, Node ${process.versions.node}`);
  for (const { what, mend } of findings) {
    say();
    say(`✗ ${what}`);
    say(`  ${mend}`);
  }
  say();
  say(findings.length === 0 ? 'Nothing is missing.' : `${findings.length} to mend.`);
  return findings.length === 0 ? 0 : 1;
};

const RUN_INIT = 'Run `npx belfry init`: it writes what is not there.';

function lookAtRoot(app: App): Finding[] {
  const path = rootPath(app);
  const text = readIfThere(app.folder, path);
  if (text === null) return [{ what: `There is no ${path}.`, mend: RUN_INIT }];
  if (/\bcurrent\b/.test(text) && !IS_NOBODY.test(text)) return [];
  return [
    {
      what: `${path} does not say who is signed in, so nobody is.`,
      mend: 'Fill in users.current: it gets the request, and gives back { id } or null.',
    },
  ];
}

// As it was written, so that its comment may stay.
const IS_NOBODY = new RegExp(`${NOT_FILLED_IN}.*\\n(\\s*//.*\\n)*\\s*return null;`);

function lookAtRoutes(app: App): Finding[] {
  return Object.entries(routePaths(app)).flatMap(([name, path]) => {
    const text = readIfThere(app.folder, path);
    if (text === null) return [{ what: `There is no ${path}.`, mend: RUN_INIT }];
    return [
      ...(new RegExp(`\\b${name}\\(`).test(text) &&
      METHODS.every((method) => new RegExp(`\\b${method}\\b`).test(text))
        ? []
        : [
            {
              what: `${path} does not export what Belfry answers with.`,
              mend: `export const { ${METHODS.join(', ')} } = ${name}(belfry);`,
            },
          ]),
      ...(app.cacheComponents && /export const dynamic\b/.test(text)
        ? [
            {
              what: `${path} exports \`dynamic\`, which Next refuses with Cache Components.`,
              mend: 'Take that line out.',
            },
          ]
        : []),
    ];
  });
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

function lookAtPages(app: App): Finding[] {
  const { folder, source, nextConfig, basePath } = app;
  const code = codeOf(folder).filter(({ file }) => !file.startsWith(`${partsFolder(app)}/`));
  const pages = readIfThere(folder, pagesPath(app));
  const hasProvider = code.some(({ text }) => /<(Notifications|InboxProvider)\b/.test(text));
  const config = (nextConfig && readIfThere(folder, nextConfig)) ?? '';
  const knowsBasePath = basePath === '' || config.includes('withBelfry(') || pages?.includes('basePath=');
  return [
    ...(pages === null ? [{ what: `There is no ${pagesPath(app)}.`, mend: RUN_INIT }] : []),
    ...(hasProvider
      ? []
      : [
          {
            what: 'No layout has the provider.',
            mend: `Put <Notifications> around what is in the body of ${source}app/layout; \`npx belfry init --dry-run\` prints the lines.`,
          },
        ]),
    ...(knowsBasePath
      ? []
      : [
          {
            what: `Pages do not know of the base path in ${nextConfig}.`,
            mend: `Write basePath="${basePath ?? '/…'}" to <NotificationsOf> in ${pagesPath(app)}, or export withBelfry(nextConfig), from belfry/next.`,
          },
        ]),
  ];
}

function lookAtStart({ folder, source, instrumentation }: App): Finding[] {
  const text = instrumentation === null ? null : readIfThere(folder, instrumentation);
  if (text?.includes('belfry')) return [];
  return [
    {
      what:
        text === null
          ? `There is no ${source}instrumentation file.`
          : `${instrumentation} does not start Belfry.`,
      mend:
        text === null
          ? RUN_INIT
          : 'Call belfry.start() in register(); `npx belfry init --dry-run` prints the lines.',
    },
  ];
}

function lookAtProxy({ proxy }: App): Finding[] {
  if (!proxy?.redirects) return [];
  return [
    {
      what: `${proxy.file} gets what is asked of Belfry's routes, and redirects: pages cannot use that for an answer.`,
      mend: `Leave them out of its matcher, as they answer 401 themselves: ${proxy.line}`,
    },
  ];
}

/** By the line that each begins with. Those that came in another way have none, and nothing is known of them. */
function lookAtParts(app: App): Finding[] {
  const names = namesIn(app.folder, partsFolder(app)).filter((name) => !pagesPath(app).endsWith(`/${name}`));
  if (names.length === 0) return [{ what: `There are no parts in ${partsFolder(app)}.`, mend: RUN_INIT }];
  const versions = names.flatMap(
    (name) => markedVersion(readIfThere(app.folder, `${partsFolder(app)}/${name}`) ?? '') ?? [],
  );
  const old = versions.find((version) => minorOf(version) !== minorOf(packageVersion()));
  if (old === undefined) return [];
  return [
    {
      what: `The parts in ${partsFolder(app)} are those of belfry ${old}, and the package is ${packageVersion()}.`,
      mend: 'Commit, run `npx belfry init --force`, and look at what changed.',
    },
  ];
}

/** Patches change nothing that parts depend on. */
function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

function lookAtGenerated(app: App, now: Date): Finding[] {
  return [...lookAtPrismaConfig(app), ...lookAtGeneratedFiles(app, now)];
}

function lookAtPrismaConfig({ database }: App): Finding[] {
  if (database.kind !== 'prisma' || !database.readsOneFile) return [];
  return [
    {
      what: `${database.config} names schema.prisma alone, and the next \`prisma migrate dev\` would remove Belfry's tables.`,
      mend: `Name its folder there: schema: '${database.folder}'.`,
    },
  ];
}

function lookAtGeneratedFiles(app: App, now: Date): Finding[] {
  const old = generatedFiles(app, now).filter(
    ({ path, text }) => !isSameText(readIfThere(app.folder, path) ?? '', text),
  );
  if (old.length === 0) return [];
  return [
    {
      what: `Not up to date: ${old.map(({ path }) => path).join(', ')}.`,
      mend: 'Run `npx belfry generate`.',
    },
  ];
}

async function lookAtRunning(app: App): Promise<Finding[]> {
  if (readIfThere(app.folder, rootPath(app)) === null) return [];
  try {
    const { database, users } = await loadRoot(app);
    return [...(await lookAtDatabase(app, database)), ...(await lookAtUsers(rootPath(app), users))];
  } catch (error) {
    if (isBelfryError(error)) return [{ what: 'The database could not be looked at.', mend: error.message }];
    return [
      {
        what: 'The database does not answer.',
        mend: `See that it runs, and that the app opens the right one. It says: ${sentenceOfDatabase(error)}.`,
      },
    ];
  }
}

async function lookAtDatabase(app: App, database: SqlDatabase): Promise<Finding[]> {
  const { pending } = await migrationStatus(database);
  const own = ownMigrationsOf(app);
  const tables = {
    what: `The database lacks ${pending.join(', ')}.`,
    mend: own ? `Run \`${own}\`.` : 'Start the app, or run `npx belfry migrate`.',
  };
  const found = pending.length === 0 ? [] : [tables];
  if (database.dialect !== 'sqlite') return found;
  const [row] = await database.query<{ journal_mode: string }>(sql`PRAGMA journal_mode`);
  if (row?.journal_mode === 'wal') return found;
  return [
    ...found,
    {
      what: `SQLite is in the mode ${row?.journal_mode}, in which one that is busy can spoil what another has sent.`,
      mend: "Run `npx belfry migrate` once, or set it where the app opens it: connection.pragma('journal_mode = WAL').",
    },
  ];
}

/** Two pages of them, the smallest that there can be, and whether the app knows whom it names. */
async function lookAtUsers(root: string, { find, list }: Users): Promise<Finding[]> {
  if (!list) return [];
  try {
    const [first, ...more] = await list({ after: null, limit: 1 });
    if (first === undefined) return [];
    const next = await list({ after: first, limit: 1 });
    if (more.length > 0 || next.includes(first))
      return [
        {
          what: `users.list in ${root} gives more users than it was asked for, or the same ones again.`,
          mend: 'Have it give `limit` users at most, in order of their ids, beginning after the id `after`.',
        },
      ];
    const known = (await find?.([first])) ?? [first];
    if (known.includes(first)) return [];
    return [
      {
        what: `users.find in ${root} does not know a user that users.list names.`,
        mend: 'Have both give ids as texts, as users.current does, and look at the same users.',
      },
    ];
  } catch (error) {
    return [
      {
        what: `${root} was asked for users, and failed.`,
        mend: `Mend users.list or users.find there: ${(error as Error).message}`,
      },
    ];
  }
}
