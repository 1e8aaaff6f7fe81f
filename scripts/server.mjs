// Runs Next's server as a child, with our words instead of its banner, and stops it properly.

import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { BELFRY_NODE, exitCode, killGroup, startTied, TOOLS, toolEnvironment } from './command.mjs';
import { complain } from './terminal.mjs';

// The app promises to be gone in 5 s.
const STOP_MS = 6000;
const POLL_MS = 50;
const SLOW_START_MS = 30_000;

const BANNER =
  /^\s*(▲ Next\.js|- (Local|Network|Environments|Experiments|Cache Components)\b|✓ (Starting|Ready|Running next\.config)\b|$)/;

/**
 * Starts the server. `ready` resolves once it answers (never, if it exits before); `exited` resolves
 * with its exit code, whatever ended it.
 */
export function startServer({ dev, host, port, url }) {
  const command = [dev ? 'dev' : 'start', '-H', host, '-p', String(port)];
  // A group of its own: Ctrl-C reaches only us, and the server hears of it once, from us.
  const env = serverEnvironment({ dev, host, port });
  const child = startTied('SIGTERM', BELFRY_NODE, TOOLS.next, command, env);
  child.on('error', (error) => complain(`The server could not be started: ${error.message}`));

  const exited = new Promise((resolve) => {
    child.once('close', (code, signal) => resolve(exitCode(code, signal)));
    child.once('error', () => resolve(1));
  });
  passOn(child.stdout, process.stdout);
  passOn(child.stderr, process.stderr);
  passOnSignals(child);
  return { ready: becomeReady(url, child), exited };
}

function serverEnvironment({ dev, host, port }) {
  const env = toolEnvironment({
    NODE_ENV: dev ? 'development' : 'production',
    NEXT_MANUAL_SIG_HANDLE: 'true',
    BELFRY_HOST: host,
    PORT: String(port),
  });
  // Containers and shells set it themselves, and it says nothing about where to listen.
  delete env.HOSTNAME;
  return env;
}

function passOn(from, to) {
  createInterface({ input: from, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
    if (!BANNER.test(line)) to.write(`${line}\n`);
  });
}

function passOnSignals(child) {
  let stopping = false;
  const stop = (signal) => {
    // npm passes on what the terminal has already sent to everybody.
    if (stopping) return;
    stopping = true;
    child.kill(signal);
    setTimeout(() => {
      complain(`The server did not stop within ${STOP_MS / 1000} s, so it was ended.`);
      killGroup(child);
    }, STOP_MS).unref();
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop(signal));
  process.on('SIGHUP', () => stop('SIGTERM'));
}

async function becomeReady(url, child) {
  const startedAt = Date.now();
  let told = false;
  while (!(await isHealthy(url))) {
    if (child.exitCode !== null || child.signalCode !== null) return new Promise(() => {});
    if (!told && Date.now() - startedAt > SLOW_START_MS) {
      complain(
        `The server has not been ready for ${SLOW_START_MS / 1000} s; still waiting for ${url}/api/health.`,
      );
      told = true;
    }
    await sleep(POLL_MS);
  }
}

async function isHealthy(url) {
  try {
    const response = await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(SLOW_START_MS) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}
