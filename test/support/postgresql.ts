/** A PostgreSQL server of one's own: on a free port, in a folder that goes away, with as many databases as wanted. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { postgresqlPrograms } from '../../scripts/servers.mjs';
import { freePort } from './free-port.ts';

const START_LIMIT_MS = 30_000;

export interface PostgresqlServer {
  /** The address of its administrative database. */
  readonly url: string;
  /** What it keeps on the disk, and the part of it that is its databases. */
  readonly folder: string;
  readonly data: string;
  /** Ends it at once, as a crash would; what was committed is still there after `start`. */
  kill: () => Promise<void>;
  /** `kill -9` of all its processes, as when its host loses power. */
  killOutright: () => Promise<void>;
  /** Stops all of its processes as they are, with their connections open, or lets them go on. */
  freeze: () => Promise<void>;
  thaw: () => void;
  start: () => Promise<void>;
  /** Ends it and removes its folder. */
  remove: () => Promise<void>;
  /** Removes what it keeps on the disk; for when nobody gets as far as `remove`. */
  removeFolder: () => void;
}

export interface PostgresqlOptions {
  /** For `postgresql.conf`. */
  settings?: Record<string, string | number>;
  /** Who is let in, instead of everybody: the lines of `pg_hba.conf`. The owner, from this machine, always is. */
  admits?: readonly string[];
  /** Files for its folder, by their name there: only the server's own account may read them. */
  files?: Record<string, string>;
  /** Makes what is in its folder, instead of an empty server; the command runs as the server's own account. */
  make?: (data: string, run: (program: string, args: string[]) => void) => void;
}

/** Starts a server whose clock shows another time zone than ours, so that a mix-up shows. */
export async function startPostgresql({
  settings: given = {},
  admits,
  files = {},
  make = initialize,
}: PostgresqlOptions = {}): Promise<PostgresqlServer> {
  const programs = postgresqlPrograms();
  if (programs === undefined) throw new Error('PostgreSQL is not installed here.');
  const owner = ownerOfServers();
  const folder = mkdtempSync(join(tmpdir(), 'belfry-postgresql-'));
  if (owner) chownSync(folder, owner.uid, owner.gid);
  const data = join(folder, 'data');
  make(data, (program, args) => {
    execFileSync(join(programs, program), args, { ...owner, stdio: 'ignore', cwd: folder });
  });
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(data, name), content, { mode: 0o600 });
    if (owner) chownSync(join(data, name), owner.uid, owner.gid);
  }
  if (admits) {
    const lines = [
      'host all belfry 127.0.0.1/32 trust',
      'host replication belfry 127.0.0.1/32 trust',
      ...admits,
    ];
    writeFileSync(join(data, 'pg_hba.conf'), `${lines.join('\n')}\n`);
  }
  const port = await freePort();
  const url = (database: string) => `postgresql://belfry@127.0.0.1:${port}/${database}`;
  let child: ChildProcess | null = null;
  let frozen: number | null = null;

  async function start(): Promise<void> {
    const settings = {
      port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: folder,
      max_connections: 200,
      ...given,
    };
    const args = [
      '-D',
      data,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ];
    const started = spawn(join(programs as string, 'postgres'), [...args, '-c', 'timezone=Pacific/Chatham'], {
      ...owner,
      cwd: folder,
      stdio: 'ignore',
    });
    child = started;
    const deadline = Date.now() + START_LIMIT_MS;
    while (!(await answers(url('postgres')))) {
      if (started.exitCode !== null) throw new Error(`PostgreSQL exited with ${started.exitCode}.`);
      if (Date.now() > deadline) throw new Error('PostgreSQL did not answer in time.');
      await sleep(50);
    }
  }

  async function kill(): Promise<void> {
    const ending = child;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, 'exit');
    // Its "immediate" stop: no checkpoint, no farewell, and all of its processes go. A frozen one finds it waiting.
    ending.kill('SIGQUIT');
    thaw();
    await exited;
  }

  async function killOutright(): Promise<void> {
    const ending = child;
    if (!ending?.pid || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, 'exit');
    // Held still first, so that none of them says goodbye to its client when it sees the others go.
    await freeze();
    signalChildren(ending.pid, 'SIGKILL');
    ending.kill('SIGKILL');
    frozen = null;
    await exited;
  }

  // While the server itself stands still it neither makes children nor takes leave of those that ended, so that
  // the list is of processes that exist. Each of them has a session of its own.
  const signalChildren = (pid: number, name: NodeJS.Signals) => {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
    for (const one of children) process.kill(Number(one), name);
  };

  async function freeze(): Promise<void> {
    const pid = child?.pid;
    if (pid === undefined || frozen !== null) return;
    process.kill(pid, 'SIGSTOP');
    while (!isStopped(pid)) await sleep(1);
    signalChildren(pid, 'SIGSTOP');
    frozen = pid;
  }

  function thaw(): void {
    if (frozen === null) return;
    signalChildren(frozen, 'SIGCONT');
    process.kill(frozen, 'SIGCONT');
    frozen = null;
  }

  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  await start();
  return {
    url: url('postgres'),
    folder,
    data,
    kill,
    killOutright,
    freeze,
    thaw,
    start,
    remove: async () => {
      await kill();
      removeFolder();
    },
    removeFolder,
  };
}

function initialize(data: string, run: (program: string, args: string[]) => void): void {
  const options = ['-D', data, '-U', 'belfry', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--no-locale'];
  run('initdb', options);
}

function isStopped(pid: number): boolean {
  // The state follows the name, which is in brackets and may hold anything: proc(5).
  return /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

/** Makes a new, empty database on the server of `url`, and gives its address. */
export async function createDatabase(url: string, options = ''): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await ask(url, `CREATE DATABASE ${name} ${options}`);
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.href;
}

/** PostgreSQL and PgBouncer refuse to run as root; Debian's package brings a user for them. */
export function ownerOfServers(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

async function answers(url: string): Promise<boolean> {
  return ask(url, 'SELECT 1').then(
    () => true,
    () => false,
  );
}

/** Runs one statement on a connection of its own, and gives its rows. */
export async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  // A server that is killed tells its clients so.
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
