/** Looks at an app's folder. Nothing of the app is run: all is read out of its files. */
import { dirname, join, posix } from 'node:path';
import { BelfryError } from '../protocol/errors.ts';
import type { App } from './app.ts';
import { codeOf, firstThere, parseJsonWithComments, readIfThere, withEndings } from './app-files.ts';
import { findAccounts } from './find-accounts.ts';
import { findDatabase } from './find-database.ts';
import { findProxy } from './find-proxy.ts';
import { readManifest } from './manifest.ts';

/** @throws BelfryError `bad_environment` where there is no app with an App Router. */
export function findApp(folder: string): App {
  const manifest = readManifest(folder);
  const source = findSource(folder);
  const typescript = firstThere(folder, ['tsconfig.json']) !== null;
  const code = codeOf(folder);
  const nextConfig = firstThere(folder, withEndings('next.config'));
  const settings = nextConfig === null ? '' : withoutComments(readIfThere(folder, nextConfig) ?? '');
  return {
    folder,
    source,
    typescript,
    packageManager: findPackageManager(folder),
    alias: findAlias(folder, source, typescript),
    tailwind: manifest.rangeOf('tailwindcss') !== undefined,
    database: findDatabase({ folder, source, manifest, code }),
    accounts: findAccounts(manifest, code),
    basePath: findBasePath(settings),
    cacheComponents: /\bcacheComponents:\s*true\b/.test(settings),
    nextConfig,
    layout: firstThere(folder, withEndings(`${source}app/layout`, `${source}app/[locale]/layout`)),
    instrumentation: firstThere(folder, withEndings(`${source}instrumentation`)),
    proxy: findProxy(folder, source),
  };
}

/** As Next does: `app` comes before `src/app`. */
function findSource(folder: string): App['source'] {
  const found = firstThere(folder, ['app', 'src/app']);
  if (found !== null) return found === 'app' ? '' : 'src/';
  throw new BelfryError(
    'bad_environment',
    `There is no folder app or src/app in ${folder}: Belfry's routes need Next's App Router. Make the folder app, which may stand beside pages, then run this again.`,
  );
}

const LOCK_FILES = {
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
  'package-lock.json': 'npm',
} as const;

/** In a workspace the lock file lies further up. */
function findPackageManager(folder: string): App['packageManager'] {
  const found = firstThere(folder, Object.keys(LOCK_FILES)) as keyof typeof LOCK_FILES | null;
  if (found !== null) return LOCK_FILES[found];
  const above = dirname(folder);
  const isTop = above === folder || firstThere(folder, ['.git']) !== null;
  return isTop ? 'npm' : findPackageManager(above);
}

function findAlias(folder: string, source: App['source'], typescript: boolean): string | null {
  const text = readIfThere(folder, typescript ? 'tsconfig.json' : 'jsconfig.json');
  if (text === null) return null;
  const { compilerOptions = {} } = parseJsonWithComments(text) as {
    compilerOptions?: { baseUrl?: string; paths?: Record<string, string[]> };
  };
  const { baseUrl = '.', paths = {} } = compilerOptions;
  const root = posix.normalize(`./${source}*`);
  const leadsThere = (target: string) =>
    posix.normalize(join(baseUrl, target).replaceAll('\\', '/')) === root;
  return (
    Object.entries(paths)
      .find(([key, targets]) => key.endsWith('/*') && targets.some(leadsThere))?.[0]
      .slice(0, -1) ?? null
  );
}

/** A template with values in it is no text yet. */
function findBasePath(settings: string): App['basePath'] {
  if (!/\bbasePath\b/.test(settings)) return '';
  return /\bbasePath:\s*(['"`])([^'"`$]*)\1/.exec(settings)?.[2] ?? null;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}
