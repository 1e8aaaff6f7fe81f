/** Loads an app's composition root, as the app would: its TypeScript, its aliases, its environment. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createJiti } from 'jiti';
import type { Belfry } from '../create-belfry.ts';
import { BelfryError } from '../protocol/errors.ts';
import type { App } from './app.ts';
import { rootPath } from './init-files.ts';

// As Next reads them; what is set already stays.
function environmentFiles(): string[] {
  const mode = process.env.NODE_ENV === 'production' ? 'production' : 'development';
  return [`.env.${mode}.local`, '.env.local', `.env.${mode}`, '.env'];
}

/** @throws BelfryError `bad_environment` when there is none, or it cannot be loaded. */
export async function loadRoot(app: App): Promise<Belfry> {
  const path = rootPath(app);
  const file = join(app.folder, path);
  if (!existsSync(file))
    throw new BelfryError('bad_environment', `There is no ${path}: run \`npx belfry init\` first.`);
  for (const name of environmentFiles().map((one) => join(app.folder, one)))
    if (existsSync(name)) process.loadEnvFile(name);
  const { belfry } = await importOf(file, path, app);
  if (belfry?.database) return belfry;
  throw new BelfryError(
    'bad_environment',
    `${path} exports no \`belfry\`: it has to, as defineBelfry made it.`,
  );
}

async function importOf(file: string, path: string, app: App): Promise<{ belfry?: Belfry }> {
  // Next puts these in the place of packages that throw anywhere else.
  const alias: Record<string, string> = { 'server-only': NOTHING, 'client-only': NOTHING };
  // By hand: the loader takes those of a jsconfig.json for TypeScript's files alone.
  if (app.alias !== null) alias[app.alias] = `${join(app.folder, app.source)}/`;
  const jiti = createJiti(file, {
    tsconfigPaths: join(app.folder, app.typescript ? 'tsconfig.json' : 'jsconfig.json'),
    alias,
    moduleCache: false,
    fsCache: false,
  });
  try {
    return await jiti.import(file);
  } catch (cause) {
    const { message } = cause as Error;
    throw new BelfryError(
      'bad_environment',
      `${path} could not be loaded: ${message}. Mend that, then run the same command again.`,
      { cause },
    );
  }
}

const NOTHING = fileURLToPath(new URL('./nothing.mjs', import.meta.url));
