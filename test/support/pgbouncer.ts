/** A PgBouncer of one's own before a PostgreSQL server, in transaction mode: on a free port, in a folder that goes away. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { ask, ownerOfServers } from './postgresql.ts';

const START_LIMIT_MS = 10_000;
// Debian keeps it where the path of somebody who is not root may not lead.
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
const PROGRAM = FOLDERS.map((folder) => join(folder, 'pgbouncer')).find((file) => existsSync(file));

export const HAS_PGBOUNCER = PROGRAM !== undefined;

export interface PgBouncer {
  /** The address of a database that has this one on the server itself. */
  through: (url: string) => string;
  remove: () => Promise<void>;
}

/** @param settings For the section `[pgbouncer]` of its configuration. */
export async function startPgBouncer(
  serverUrl: string,
  settings: Record<string, string> = {},
): Promise<PgBouncer> {
  const owner = ownerOfServers();
  const folder = mkdtempSync(join(tmpdir(), 'belfry-pgbouncer-'));
  const port = await freePort();
  const { hostname, port: serverPort } = new URL(serverUrl);
  const lines = Object.entries({
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'any',
    pool_mode: 'transaction',
    // Fewer than the app opens: they have to be shared.
    default_pool_size: '5',
    ...settings,
  }).map(([name, value]) => `${name} = ${value}`);
  const file = join(folder, 'pgbouncer.ini');
  const database = `* = host=${hostname} port=${serverPort} user=belfry`;
  writeFileSync(file, ['[databases]', database, '[pgbouncer]', ...lines, ''].join('\n'));
  if (owner) for (const path of [folder, file]) chownSync(path, owner.uid, owner.gid);
  const child = spawn(PROGRAM as string, ['-q', file], { ...owner, cwd: folder, stdio: 'ignore' });
  const through = (url: string) => Object.assign(new URL(url), { port: String(port) }).href;
  const remove = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const isUp = await ask(through(serverUrl), 'SELECT 1').then(
      () => true,
      () => false,
    );
    if (isUp) return { through, remove };
    if (Date.now() > deadline || child.exitCode !== null) {
      await remove();
      throw new Error('PgBouncer did not answer in time.');
    }
    await sleep(20);
  }
}
