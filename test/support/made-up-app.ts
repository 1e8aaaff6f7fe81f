/** Small apps, files only, in which the package is installed: what its command line is tried on. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageManifest } from '../../scripts/package.mjs';
import { runToEnd } from './run-to-end.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface MadeUpApp {
  folder: string;
  read: (file: string) => string;
  write: (file: string, text: string) => void;
  /** Every file below a folder, from the app's root, but for what is installed. */
  files: () => string[];
  /** Runs `npx belfry` in it. */
  belfry: (...args: string[]) => Promise<{ code: number | null; output: string }>;
  /** The same, in an environment that differs so. */
  within: (
    env: Record<string, string>,
    ...args: string[]
  ) => Promise<{ code: number | null; output: string }>;
  remove: () => void;
}

/** The package must have been built. */
export function madeUpApp(files: Record<string, string>): MadeUpApp {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-app-'));
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  for (const [file, text] of Object.entries(files)) write(file, text);
  install(folder);
  const within: MadeUpApp['within'] = (env, ...args) =>
    runToEnd([join(ROOT, 'dist/package/cli/belfry.mjs'), ...args], { cwd: folder, env });
  return {
    folder,
    write,
    read: (file) => readFileSync(join(folder, file), 'utf8'),
    files: () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .filter((file) => !file.startsWith('node_modules'))
        .sort(),
    belfry: (...args) => within({}, ...args),
    within,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Beside the package that was built, all that this project has itself. */
function install(folder: string): void {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'belfry'), { recursive: true });
  writeFileSync(join(modules, 'belfry/package.json'), JSON.stringify(packageManifest()));
  for (const name of ['dist', 'lib']) symlinkSync(join(ROOT, name), join(modules, 'belfry', name));
  for (const name of readdirSync(join(ROOT, 'node_modules')).filter((one) => !one.startsWith('.')))
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
}
