/** The disk is full: a file system of a few megabytes, and a file that takes the rest of it. */
import { spawnSync } from 'node:child_process';
import { closeSync, fsyncSync, openSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type Answer, type Belfry, temporaryFolder, withBelfry } from './belfry.ts';
import { openClients } from './client.ts';
import { type Fault, type Finding, skipped, Verdict } from './fault.ts';
import { atTheEnd } from './leftovers.ts';
import { comesTrue } from './waiting.ts';

const DISK_SIZE = '12m';
const MOST_SENDS = 400;
const REFUSALS = 20;
const READER = 2;
const ROOM_LEFT = 300_000;
const MESSAGE = 'x'.repeat(9_000);

export const fullDisk: Fault = {
  name: 'full-disk',
  breaks: 'the disk is full',
  bound:
    '503 with a sentence, reading goes on, nothing acknowledged lost or damaged, and sending works once there is space',
  runs: 'beside',
  limitSeconds: { short: 90, full: 90 },
  dependsOnStreamPath: false,
  async take(circumstances) {
    const { folder, remove } = temporaryFolder();
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_SIZE}`, 'belfry-faults', folder]);
    if (mounted.status !== 0) {
      remove();
      return skipped('a small file system can only be mounted by root on Linux');
    }
    const unmount = atTheEnd(() => spawnSync('umount', ['--lazy', folder]));
    try {
      return await withBelfry({ ...circumstances, folder }, (belfry) => take(belfry, folder));
    } finally {
      unmount();
      remove();
    }
  },
};

async function take(belfry: Belfry, folder: string): Promise<Finding> {
  const verdict = new Verdict();
  const [client] = await openClients(belfry, [READER]);
  if (!client) throw new Error('No client was made.');
  verdict.expect(await comesTrue(() => client.isOpen, 10_000), 'The client did not connect.');
  const acknowledged: number[] = [];
  const send = async (): Promise<Answer> => {
    const answer = await belfry.send({ title: 'Is there room?', message: MESSAGE, audience: 'all' });
    if (answer.status === 201) acknowledged.push((JSON.parse(answer.text) as { id: number }).id);
    return answer;
  };
  await send();
  const filler = join(folder, 'filler');
  fill(filler);
  // A little room, so that some sends still succeed and one meets the end of it.
  truncateSync(filler, statSync(filler).size - ROOM_LEFT);
  const refusals: Answer[] = [];
  for (let count = 0; count < MOST_SENDS && refusals.length < REFUSALS; count += 1) {
    const answer = await send();
    if (answer.status !== 201) refusals.push(answer);
  }
  verdict.expect(refusals.length === REFUSALS, `Only ${refusals.length} sends were refused.`);
  const asTheyShould = refusals.filter(
    ({ status, text, headers }) =>
      status === 503 && /disk is full/.test(text) && Number(headers['retry-after']) > 0,
  );
  const [other] = refusals.filter((answer) => !asTheyShould.includes(answer));
  verdict.expect(other === undefined, `A refusal was ${other?.status} ${other?.text}`);

  const poll = await belfry.ask('/notifications/poll', {
    headers: { Cookie: await belfry.cookieOf(READER) },
  });
  verdict.expect(poll.status === 200, `Poll was answered with ${poll.status} while the disk was full.`);
  verdict.expect(isWhole(belfry), 'The database is damaged.');

  rmSync(filler);
  const recovers = await comesTrue(async () => (await send()).status === 201, 15_000);
  verdict.expect(recovers, 'Sending did not work again when there was space.');
  await belfry.server.stop('SIGKILL');
  await belfry.server.start();
  const rows = belfry.sql('SELECT id FROM belfry_event') as { id: number }[];
  const stored = new Set(rows.map(({ id }) => id));
  const lost = acknowledged.filter((id) => !stored.has(id)).length;
  verdict.expect(lost === 0, `${lost} acknowledged rows are lost.`);
  verdict.expect(
    stored.size === acknowledged.length,
    `There are ${stored.size - acknowledged.length} rows too many.`,
  );
  verdict.expect(isWhole(belfry), 'The database is damaged after the restart.');
  verdict.expect(await comesTrue(() => client.isOpen, 15_000), 'The client did not come back.');
  await client.readAllPages();
  verdict.expect(
    client.known.size === stored.size,
    `The client knows ${client.known.size} of ${stored.size}.`,
  );
  client.close();
  return verdict.finding(
    `${asTheyShould.length} of ${refusals.length} refusals as they should be; ${lost} of ${acknowledged.length} acknowledged lost; integrity ok`,
  );
}

/** Writes until nothing more fits. */
function fill(file: string): void {
  const descriptor = openSync(file, 'w');
  try {
    for (let size = 65_536; size >= 1; ) {
      try {
        writeSync(descriptor, Buffer.alloc(size));
        fsyncSync(descriptor);
      } catch {
        size = Math.floor(size / 4);
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

function isWhole(belfry: Belfry): boolean {
  const [row] = belfry.sql('PRAGMA integrity_check') as { integrity_check: string }[];
  return row?.integrity_check === 'ok';
}
