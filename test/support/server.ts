/** The built app as a child process, on a port and a database of its own, spoken to over HTTP. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NEXT = join(ROOT, 'node_modules/next/dist/bin/next');
const START_LIMIT_MS = 30_000;

export const DEMO_PASSWORD = 'belfry-demo';

export interface TestServer {
  readonly url: string;
  readonly databaseUrl: string;
  /** The embedded database, when no other was named. */
  readonly databaseFile: string;
  /** The server's process, anew after each `start`. */
  readonly pid: number;
  /** Everything the server printed so far. */
  log: () => string;
  /** Whether its process is there. */
  isRunning: () => boolean;
  /** Stops with a signal, by default SIGTERM, and waits for the exit. Resolves to the time it took. */
  stop: (signal?: NodeJS.Signals) => Promise<{ milliseconds: number; code: number | null }>;
  /** Starts again after a stop, on the same port and database; with other variables, this once. */
  start: (env?: Record<string, string>) => Promise<void>;
  /** Signs in as a demo account, as a browser does. */
  signIn: (email: string, password?: string) => Promise<SignedIn>;
  /** Stops, and removes the database. */
  remove: () => Promise<void>;
}

/** Somebody who is signed in, without a browser. */
export interface SignedIn {
  cookie: string;
  /** `fetch` with the session, and with the Origin that a page of the app would send. */
  fetch: (path: string, init?: RequestInit) => Promise<Response>;
  /** POST of JSON. */
  post: (path: string, body?: unknown) => Promise<Response>;
}

/** Starts the built app (`npm test` builds it first) and waits until it is healthy. */
export async function startServer({
  databaseUrl: given,
  onRemoved = async () => {},
  env = {},
  standalone,
  openFiles,
}: {
  /** Default: a new embedded database, which goes with the server. */
  databaseUrl?: string;
  onRemoved?: () => Promise<void>;
  env?: Record<string, string>;
  /** A folder with the files of a container: it is started instead. */
  standalone?: string;
  /** How many files and connections it may have open. Default: what the tests themselves may. */
  openFiles?: number | undefined;
} = {}): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-server-'));
  const databaseFile = join(folder, 'belfry.db');
  const databaseUrl = given ?? `file:${databaseFile}`;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | null = null;
  let log = '';

  const isRunning = () => child !== null && child.exitCode === null && child.signalCode === null;

  async function start(thisOnce: Record<string, string> = {}): Promise<void> {
    if (isRunning()) throw new Error('The server is running: stop it first.');
    const command = standalone ? ['start.mjs'] : [NEXT, 'start', '-H', '127.0.0.1', '-p', String(port)];
    const limit = openFiles === undefined ? [] : ['sh', '-c', `ulimit -n ${openFiles}; exec "$0" "$@"`];
    const [program = process.execPath, ...args] = [...limit, process.execPath, ...command];
    const started = spawn(program, args, {
      cwd: standalone ?? ROOT,
      env: {
        ...process.env,
        NODE_ENV: 'production',
        NODE_OPTIONS: '',
        NEXT_TELEMETRY_DISABLED: '1',
        NEXT_MANUAL_SIG_HANDLE: 'true',
        PORT: String(port),
        DATABASE_URL: databaseUrl,
        // So that tests know the password.
        BELFRY_DEMO: '1',
        ...env,
        ...thisOnce,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    const keep = (text: Buffer) => {
      log += text.toString();
    };
    started.stdout?.on('data', keep);
    started.stderr?.on('data', keep);
    const deadline = Date.now() + START_LIMIT_MS;
    while (!(await isHealthy(url))) {
      if (started.exitCode !== null) throw new Error(`The server exited with ${started.exitCode}:\n${log}`);
      if (Date.now() > deadline) throw new Error(`The server was not healthy in time:\n${log}`);
      await sleep(50);
    }
  }

  async function stop(signal: NodeJS.Signals = 'SIGTERM') {
    const stopping = child;
    if (!stopping || !isRunning()) return { milliseconds: 0, code: stopping?.exitCode ?? null };
    const since = performance.now();
    const exited = once(stopping, 'exit');
    stopping.kill(signal);
    await exited;
    return { milliseconds: performance.now() - since, code: stopping.exitCode };
  }

  async function remove(): Promise<void> {
    await stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    await onRemoved();
  }

  try {
    await start();
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    url,
    databaseUrl,
    databaseFile,
    get pid() {
      return child?.pid ?? 0;
    },
    log: () => log,
    isRunning,
    stop,
    start,
    signIn: (email, password) => signIn(url, email, password),
    remove,
  };
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/api/health`)).ok;
  } catch {
    return false;
  }
}

/**
 * Signs in at an address, which may be that of a proxy.
 *
 * @param origin Of the pages that the browser is on, where they have another address than the server.
 */
export async function signIn(
  url: string,
  email: string,
  password = DEMO_PASSWORD,
  origin = url,
): Promise<SignedIn> {
  const cookies = new Map<string, string>();
  const keepCookies = (response: Response) => {
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const at = pair.indexOf('=');
      cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
  };
  const cookie = () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');

  const csrf = await fetch(`${url}/api/auth/csrf`);
  keepCookies(csrf);
  const { csrfToken } = (await csrf.json()) as { csrfToken: string };
  const answer = await fetch(`${url}/api/auth/callback/credentials`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Cookie: cookie(), Origin: origin, 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ csrfToken, email, password, json: 'true' }),
  });
  keepCookies(answer);
  if (!answer.ok) throw new Error(`Signing in as ${email} answered ${answer.status}: ${await answer.text()}`);

  const withSession = (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    headers.set('Cookie', cookie());
    if (!headers.has('Origin')) headers.set('Origin', origin);
    return fetch(`${url}${path}`, { ...init, headers });
  };
  return {
    cookie: cookie(),
    fetch: withSession,
    post: (path, body) =>
      withSession(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
  };
}
