// Finds a Chromium for the end-to-end tests, or installs one.

import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { BELFRY_NODE, run, runTool, toolEnvironment } from './command.mjs';
import { installDebianPackages, isDebianRoot } from './debian.mjs';
import { Problem, step } from './terminal.mjs';

// The same browser without windows, where three files of tests take 35 s instead of 59.
const SHELL = 'chromium-headless-shell';
const NAMES = [SHELL, 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PRINT_PLAYWRIGHTS_OWN =
  "import('playwright').then(({ chromium }) => process.stdout.write(chromium.executablePath()))";

/** The path of a Chromium that can be run, installing one where there is none. On Debian that is the shell. */
export async function findBrowser() {
  const named = process.env.CHROMIUM_PATH;
  if (named) {
    if (isExecutable(named)) return named;
    throw new Problem(`CHROMIUM_PATH is ${named}, and there is no program there.`);
  }
  const found = onPath([SHELL]);
  if (found) return found;

  const installed = isDebianRoot()
    ? await step('Installing Chromium', 'Looked for Chromium', () => installDebianPackages([SHELL]))
    : { output: '' };
  const other = chromiumOnPath() ?? (await playwrightsOwn());
  if (other) return other;

  const { path, output } = await step('Downloading Chromium', 'Looked for Chromium', installFromPlaywright);
  if (path) return path;
  throw new Problem(
    'There is no Chromium for the end-to-end tests, and it could not be installed; the reason stands above. ' +
      'Install Chromium or Google Chrome, or name one with CHROMIUM_PATH=/path/to/chromium npm test.',
    { output: installed.output + output },
  );
}

async function installFromPlaywright() {
  const { output } = await runTool('playwright', ['install', 'chromium']);
  return { path: await playwrightsOwn(), output };
}

async function playwrightsOwn() {
  const { code, output } = await run(BELFRY_NODE, ['-e', PRINT_PLAYWRIGHTS_OWN], { env: toolEnvironment() });
  return code === 0 && existsSync(output) ? output : undefined;
}

/** The first Chromium on PATH, if there is one. */
export function chromiumOnPath() {
  return onPath(NAMES);
}

function onPath(names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
