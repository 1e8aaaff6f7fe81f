/** The same through HAProxy, as docs/operations.md sets it up. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Belfry, temporaryFolder, withBelfry } from '../faults/belfry.ts';
import { type Fault, type Finding, largest, skipped, Verdict } from '../faults/fault.ts';
import { atTheEnd } from '../faults/leftovers.ts';
import { comesTrue } from '../faults/waiting.ts';
import { freePort } from '../support/free-port.ts';
import { answersOthers, attacks, descriptors, hold } from './held-connections.ts';

const OPERATIONS = fileURLToPath(new URL('../../docs/operations.md', import.meta.url));
const HAPROXY = '/usr/sbin/haproxy';
const OPEN_FILES = 400;
const START_LIMIT_MS = 10_000;
const BACK_LIMIT_MS = 10_000;
// Connections that HAProxy keeps for the next request.
const MOST_KEPT = 40;

export const heldBehindHaproxy: Fault = {
  name: 'held-behind-haproxy',
  breaks: `the same connections through HAProxy as docs/operations.md sets it up, and ${OPEN_FILES} file descriptors`,
  bound: 'others are answered meanwhile, and descriptors are given back',
  runs: 'alone',
  limitSeconds: { short: 90, full: 120 },
  dependsOnStreamPath: false,
  async take(circumstances) {
    if (!existsSync(HAPROXY)) return skipped('haproxy is not installed');
    return withBelfry({ ...circumstances, openFiles: OPEN_FILES }, take);
  },
};

async function take(belfry: Belfry): Promise<Finding> {
  const verdict = new Verdict();
  const proxy = await startHaproxy(belfry.port);
  try {
    const url = `http://127.0.0.1:${proxy.port}`;
    const isUp = () =>
      fetch(`${url}/api/health`)
        .then(({ ok }) => ok)
        .catch(() => false);
    verdict.expect(await comesTrue(isUp, START_LIMIT_MS), `HAProxy did not start: ${proxy.complaints()}`);
    const resting = descriptors(belfry);
    const slowest: number[] = [];
    for (const attack of attacks()) {
      const sockets = await hold(proxy.port, attack);
      slowest.push(await answersOthers(url, verdict, `${attack.what} through HAProxy`));
      for (const socket of sockets) socket.destroy();
    }
    const areBack = await comesTrue(() => descriptors(belfry) <= resting + MOST_KEPT, BACK_LIMIT_MS);
    verdict.expect(areBack, `${descriptors(belfry) - resting} descriptors were not given back.`);
    return verdict.finding(`others answered within ${largest(slowest).toFixed(0)} ms`);
  } finally {
    await proxy.stop();
  }
}

/** With the configuration of the document, but for the port, the certificate and where the app is. */
async function startHaproxy(app: number) {
  const { folder, remove } = temporaryFolder();
  const port = await freePort();
  const [, documented = ''] = /```haproxy\n([\s\S]*?)```/.exec(readFileSync(OPERATIONS, 'utf8')) ?? [];
  const configuration = join(folder, 'haproxy.cfg');
  writeFileSync(
    configuration,
    documented.replace(/bind .*/, `bind 127.0.0.1:${port}`).replace('127.0.0.1:3000', `127.0.0.1:${app}`),
  );
  const child = spawn(HAPROXY, ['-db', '-f', configuration], { stdio: ['ignore', 'ignore', 'pipe'] });
  const killAtTheEnd = atTheEnd(() => child.kill('SIGKILL'));
  let complaints = '';
  child.stderr.on('data', (text: Buffer) => {
    complaints += text.toString();
  });
  return {
    port,
    complaints: () => complaints,
    async stop() {
      const exited = child.exitCode === null ? once(child, 'exit') : null;
      killAtTheEnd();
      await exited;
      remove();
    },
  };
}
