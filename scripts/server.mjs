// Runs Next's server as a child, with our words instead of its banner, and stops it properly.

import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { BELFRY_NODE, exitCode, killGroup, startTied, TOOLS, toolEnvironment } from './command.mjs';
import { complain } from './terminal.mjs';

// The app promises to be gone in 5 s.
const STOP_MS = 6000;
const POLL_MS = 50;
const SLOW_START_MS = 30_000;
// A reader that stands still, such as a pager: beyond this its lines would only fill the memory.
const MOST_WAITING_BYTES = 1_048_576;

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

// As lib/telemetry/log-output.ts does it in the server, which does not notice what becomes of its lines here.
function passOn(from, to) {
  let lost = 0;
  const tellOfLost = () => {
    const lines = lost;
    lost = 0;
    const fields = {
      level: 'warn',
      time: new Date().toISOString(),
      lines,
      msg: 'lines of the log were lost',
    };
    write(JSON.stringify(fields), lines);
  };
  const write = (line, worth = 1) => {
    if (to.writableLength > MOST_WAITING_BYTES) lost += worth;
    else
      to.write(`${line}\n`, (error) => {
        if (error) lost += worth;
        else if (lost > 0) tellOfLost();
      });
  };
  createInterface({ input: from, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
    // The line before may have been cut off in the middle.
    if (!BANNER.test(line)) write(lost > 0 ? `\n${line}` : line);
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
