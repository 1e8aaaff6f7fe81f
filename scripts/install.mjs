// Installs the packages, and with them the Node that Belfry runs on.

import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BELFRY_NODE, ROOT, run, runTied } from './command.mjs';
import { fingerprint, removeStamp, stampMatches, writeStamp } from './fingerprint.mjs';
import { putBackLeftovers } from './pack-in-place.mjs';
import { refuseWhileUsed } from './running.mjs';
import { Problem, step } from './terminal.mjs';

const STAMP = 'node_modules/.belfry-installed';
const OLDEST_NODE = 20;

/** Says at once what this machine lacks, before anything long is begun; and sees to it that the manifest is the project's. */
export function checkMachine() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < OLDEST_NODE) {
    throw new Problem(`Belfry needs Node ${OLDEST_NODE} or later to start, and this is ${process.version}.`);
  }
  try {
    accessSync(ROOT, constants.W_OK);
  } catch {
    throw new Problem(
      `The folder ${ROOT} cannot be written to. Belfry installs, builds and keeps its database there: ` +
        'change its permissions, or copy it to a folder of your own.',
    );
  }
  putBackLeftovers();
}

/** Installs what is missing. A half-done installation is found by its missing stamp, and repaired. */
export async function install() {
  const wanted = fingerprint(['package-lock.json'], [process.platform, process.arch]);
  if (!stampMatches(STAMP, wanted) || !(await nodeRuns())) {
    removeStamp(STAMP);
    if (!packagesAreInstalled() || !(await nodeRuns())) {
      refuseWhileUsed('node_modules', 'its packages have changed');
      await step(
        'Installing packages (about a minute the first time)',
        'Installed packages',
        installPackages,
      );
    }
    if (!(await nodeRuns())) throw noNode();
    writeStamp(STAMP, wanted);
  }
}

/**
 * Whether npm finished installing exactly what the lock file names: it writes its own record last.
 * Spares whoever ran `npm ci` or `npm install` themselves a second installation.
 */
function packagesAreInstalled() {
  const locked = readPackages('package-lock.json');
  const installed = readPackages('node_modules/.package-lock.json');
  if (!locked || !installed) return false;
  const asLocked = ([path, { version }]) => locked[path]?.version === version && existsSync(join(ROOT, path));
  const isInstalled = ([path, { optional }]) => path === '' || optional || installed[path];
  return Object.entries(installed).every(asLocked) && Object.entries(locked).every(isInstalled);
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(ROOT, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

async function installPackages() {
  // No package's own script runs: Prisma's would download engines, better-sqlite3's would compile.
  // Development and optional packages come whatever NODE_ENV or npm's settings say: building needs some,
  // and Node is one of them.
  // Within `npm pack --dry-run` npm would only say what it would install.
  const { code, output } = await npm([
    'ci',
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    '--no-dry-run',
  ]);
  if (code === 0) return;
  if (output.includes('npm ci` can only install')) {
    throw new Problem(
      'package.json and package-lock.json do not fit together: run `npm install` once, then try again.',
      {
        output,
      },
    );
  }
  throw new Problem(
    'The packages could not be installed; npm says why above. Mend that, then run the same command again.',
    {
      output,
    },
  );
}

function noNode() {
  return new Problem(
    `Belfry brings its own Node along, and there is none for ${process.platform}-${process.arch}, or it cannot ` +
      'run here. The optional dependencies in package.json name the machines that there is one for.',
  );
}

async function nodeRuns() {
  return existsSync(BELFRY_NODE) && (await run(BELFRY_NODE, ['--version'])).code === 0;
}

/** Runs npm quietly, and hands back its code and what it said. */
export async function npm(args) {
  const quiet = ['--loglevel=error', '--no-audit', '--no-fund', '--no-progress'];
  // Inside `npm start` npm says where it is itself; that is surer than searching PATH.
  const { npm_execpath: script, npm_node_execpath: node } = process.env;
  const result =
    node && script?.endsWith('npm-cli.js')
      ? await runTied(node, script, [...args, ...quiet])
      : await run('npm', [...args, ...quiet], { shell: process.platform === 'win32' });
  if (result.code === 127)
    throw new Problem('npm was not found. It comes with Node: install Node from https://nodejs.org.');
  return result;
}
