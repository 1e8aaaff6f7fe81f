/**
 * An app of somebody else's, from a folder beside this file: installed with Belfry out of a packed file, set up by
 * `npx belfry init` and the lines that it asks for, built, served, and used by two people in a browser.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../support/free-port.ts';

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 5_000;
const COMMAND_LIMIT_MS = 240_000;

/** A change to a file of the app. */
export interface Edit {
  file: string;
  /** Stands there once. */
  replace: string;
  by: string;
}

/** How its server is started. */
export type Serving = 'next start' | 'next dev' | 'standalone' | 'custom server';

export interface ForeignAppOptions {
  /** The folder beside this file. */
  template: string;
  /** The packed Belfry. */
  tarball: string;
  /** What Next calls so. */
  basePath?: string;
  env?: Record<string, string>;
}

/** One app in a folder of its own. `remove` it at the end. */
export class ForeignApp {
  readonly folder: string;
  readonly #options: ForeignAppOptions;
  #server: ChildProcess | null = null;
  #output = '';
  #port = 0;

  constructor(options: ForeignAppOptions) {
    this.#options = options;
    this.folder = mkdtempSync(join(tmpdir(), 'belfry-app-'));
    cpSync(fileURLToPath(new URL(options.template, import.meta.url)), this.folder, { recursive: true });
  }

  // By the name that Next gives it in what it redirects to: a cookie is one host's.
  get url(): string {
    return `http://localhost:${this.#port}${this.#options.basePath ?? ''}`;
  }

  /** What differs in its environment from that of this process. */
  get env(): Record<string, string> {
    return this.#options.env ?? {};
  }

  /** What the server has printed. */
  get output(): string {
    return this.#output;
  }

  install(tarball = this.#options.tarball): Promise<string> {
    return this.run('npm', [
      'install',
      '--include=dev',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      tarball,
    ]);
  }

  belfry(...args: string[]): Promise<string> {
    return this.run(join(this.folder, 'node_modules/.bin/belfry'), args);
  }

  build(): Promise<string> {
    return this.run(join(this.folder, 'node_modules/.bin/next'), ['build']);
  }

  /** Makes a change, as its developer would. */
  edit({ file, replace, by }: Edit): void {
    const path = join(this.folder, file);
    const text = readFileSync(path, 'utf8');
    if (text.split(replace).length !== 2) throw new Error(`${file} has to hold this once: ${replace}`);
    writeFileSync(
      path,
      text.replace(replace, () => by),
    );
  }

  /** @param file From where the app's code lies, without its ending, which the app's language gives. Throws where there is none. */
  read(file: string): string {
    const names = ['', 'src/'].flatMap((source) => ['.ts', '.js'].map((ending) => source + file + ending));
    const found = names.find((name) => existsSync(join(this.folder, name)));
    if (found === undefined) throw new Error(`There is none of ${names.join(', ')}.`);
    return readFileSync(join(this.folder, found), 'utf8');
  }

  /** Runs a program in its folder. Rejects with what it printed when it fails. */
  async run(program: string, args: string[]): Promise<string> {
    try {
      const { stdout, stderr } = await promisify(execFile)(program, args, {
        cwd: this.folder,
        env: this.#environment(),
        timeout: COMMAND_LIMIT_MS,
        maxBuffer: 16_000_000,
      });
      return stdout + stderr;
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
    }
  }

  /** @param env What differs this time. */
  async start(serving: Serving = 'next start', env: Record<string, string> = {}): Promise<void> {
    this.#port = await freePort();
    const port = String(this.#port);
    this.#server = spawn(process.execPath, this.#program(serving, port), {
      cwd: this.folder,
      // next dev sets NODE_ENV itself, and standalone and custom servers are told of their port so.
      env: {
        ...this.#environment(),
        NODE_ENV: serving === 'next dev' ? 'development' : 'production',
        PORT: port,
        HOSTNAME: '127.0.0.1',
        ...env,
      },
      stdio: 'pipe',
      // A group of its own: `next dev` has a process below it.
      detached: true,
    });
    for (const stream of [this.#server.stdout, this.#server.stderr]) {
      stream?.on('data', (text: Buffer) => {
        this.#output += text.toString();
      });
    }
    const deadline = Date.now() + START_LIMIT_MS;
    while (!(await fetch(this.url).catch(() => null))?.ok) {
      if (Date.now() > deadline || this.#server.exitCode !== null) {
        throw new Error(`The app does not answer:\n${this.#output}`);
      }
      await sleep(100);
    }
  }

  #program(serving: Serving, port: string): string[] {
    const next = join(this.folder, 'node_modules/next/dist/bin/next');
    switch (serving) {
      case 'next start':
        return [next, 'start', '--port', port, '--hostname', '127.0.0.1'];
      case 'next dev':
        return [next, 'dev', '--port', port, '--hostname', '127.0.0.1'];
      case 'custom server':
        return ['server.mjs'];
      case 'standalone':
        // As Next's own documentation says.
        cpSync(join(this.folder, '.next/static'), join(this.folder, '.next/standalone/.next/static'), {
          recursive: true,
        });
        return ['.next/standalone/server.js'];
    }
  }

  /** As a supervisor does. Resolves to the milliseconds that it took. */
  async stop(): Promise<number> {
    const server = this.#server;
    if (!server || server.exitCode !== null || server.signalCode !== null) return 0;
    const since = performance.now();
    const exited = once(server, 'exit');
    server.kill('SIGTERM');
    await Promise.race([exited, sleep(2 * STOP_LIMIT_MS)]);
    end(server);
    return performance.now() - since;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }

  /** As on the machine of its developer: with a Node of theirs, and nothing of this project's. */
  #environment(): NodeJS.ProcessEnv {
    const { HOME, LANG } = process.env;
    return {
      NODE_ENV: 'production',
      HOME,
      LANG,
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      NEXT_TELEMETRY_DISABLED: '1',
      ...this.#options.env,
    };
  }
}

/** With all that it has started. */
function end({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // They have ended.
  }
}
