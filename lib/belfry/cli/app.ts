/** What the command line knows of an app: what `findApp` found in its folder. */
import type { Dialect } from '../storage/database.ts';

/** A value that a file of the app exports. */
export interface Exported {
  /** From the app's root, such as `src/lib/prisma.ts`. */
  file: string;
  name: string;
}

/** A database that the app has through Prisma. */
export interface PrismaApp {
  kind: 'prisma';
  dialect: Dialect;
  client: Exported | null;
  /** Where schema.prisma lies. */
  folder: string;
  /** The configuration of Prisma's command line. Null: there is none. */
  config: string | null;
  /** That configuration names schema.prisma alone: other models in its folder are not seen. */
  readsOneFile: boolean;
  /** Where `prisma migrate` keeps its migrations. Null: there are none. */
  migrations: string | null;
  /** The type of `User.id`; `Uuid` is text that the database refuses where it is no UUID. Null: there is no such model. */
  userId: 'String' | 'Uuid' | 'Int' | null;
  /** There is a model `Session` as NextAuth's adapter has it. */
  hasSessionToken: boolean;
}

/** A database that the app has through Drizzle. */
export interface DrizzleApp {
  kind: 'drizzle';
  dialect: Dialect;
  client: Exported | null;
  /** Where the database's own files lie, as a rule with the schema. */
  folder: string;
  /** Where drizzle-kit keeps its migrations. Null: there are none. */
  migrations: string | null;
}

/** None that Belfry can share: it gets a SQLite file of its own. */
export interface NoDatabase {
  kind: 'none';
  /** What there is instead, in words, if anything. */
  instead: string | null;
}

export type AppDatabase = PrismaApp | DrizzleApp | NoDatabase;

/** A proxy that gets what is asked of Belfry's routes, as its matcher is written. */
export interface AppProxy {
  file: string;
  /** The line of its matcher that leaves them out. */
  line: string;
  /** It sends some requests elsewhere, as to a page for signing in, and names none of Belfry's routes. */
  redirects: boolean;
}

export interface AppAccounts {
  kind: 'better-auth' | 'next-auth 4' | 'next-auth 5' | 'clerk' | 'none';
  /** Where NextAuth keeps its sessions: in the cookie itself, or in a table of its adapter's. */
  sessions?: 'jwt' | 'database';
  /** What better-auth was set up as. */
  auth: Exported | null;
}

export interface App {
  folder: string;
  /** In front of `app`, `lib` and `components`: `src/`, or nothing. */
  source: '' | 'src/';
  typescript: boolean;
  packageManager: 'npm' | 'pnpm' | 'yarn' | 'bun';
  /** What stands for `source` in imports, such as `@/`. Null: imports are relative. */
  alias: string | null;
  tailwind: boolean;
  database: AppDatabase;
  accounts: AppAccounts;
  /** What Next calls `basePath`. Empty: there is none. Null: there is one, which does not stand there as a text. */
  basePath: string | null;
  cacheComponents: boolean;
  /** From the app's root; null where there is none. */
  nextConfig: string | null;
  layout: string | null;
  instrumentation: string | null;
  proxy: AppProxy | null;
}

/** How one of the app's files, which lies in `source`, imports another. */
export function importPath(app: App, from: string, to: string): string {
  const target = to.replace(/\.[jt]sx?$/, '').replace(/\/index$/, '');
  if (app.alias !== null && target.startsWith(app.source)) return app.alias + target.slice(app.source.length);
  const up = from.split('/').slice(0, -1);
  const down = target.split('/');
  while (up.length > 0 && up[0] === down[0]) {
    up.shift();
    down.shift();
  }
  return `${up.length === 0 ? './' : '../'.repeat(up.length)}${down.join('/')}`;
}
