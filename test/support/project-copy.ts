/** The project once more, in a folder of its own: with its packages, and with its build where one is wanted. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface ProjectCopy {
  readonly folder: string;
  remove: () => void;
}

/**
 * @param built With `.next` as it is, so that a start has nothing to build. Next's cache stays behind: it
 * is written to in place.
 */
export function copyProject({ built }: { built: boolean }): ProjectCopy {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-copy-'));
  const sources = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const file of sources.split('\0').filter((name) => name && existsSync(join(ROOT, name)))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(ROOT, file), join(folder, file));
  }
  cpSync(join(ROOT, 'generated'), join(folder, 'generated'), {
    recursive: true,
    filter: (path) => !path.includes('.preparing') && !path.includes('.running'),
  });
  linkPackages(folder);
  if (built) {
    for (const name of readdirSync(join(ROOT, '.next')))
      if (!['cache', 'dev'].includes(name))
        cpSync(join(ROOT, '.next', name), join(folder, '.next', name), {
          recursive: true,
          verbatimSymlinks: true,
        });
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The same files once more, which takes no space; real copies where there are no links. */
function linkPackages(folder: string): void {
  const [from, to] = [join(ROOT, 'node_modules'), join(folder, 'node_modules')];
  if (spawnSync('cp', ['-al', from, to]).status === 0) return;
  rmSync(to, { recursive: true, force: true });
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
}
