/** A clock that somebody sets, or NTP steps, under a server that works. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InboxPage } from '../../lib/belfry/protocol/item.ts';
import { type Belfry, idOf, temporaryFolder, withBelfry } from './belfry.ts';
import { type Client, openClients } from './client.ts';
import { type Fault, type Finding, largest, Verdict } from './fault.ts';
import { comesTrue } from './waiting.ts';

const CLOCK = new URL('../support/jumping-clock.mjs', import.meta.url);
const HOUR_MS = 60 * 60_000;
/** By how much the clock is ahead of the right time, one after the other: every jump away from it, and back. */
const AHEAD_HOURS = { short: [3, 0, -24, 0], full: [3, 0, -3, 0, 24, 0, -24, 0] };
const READER = 2;
const LIVE_LIMIT_MS = 1_000;
const PUT_OFF_MS = 1_000;
// The queue looks into the database at least every 5 s.
const BACK_LIMIT_MS = PUT_OFF_MS + 5_500;
const HEARTBEAT_LIMIT_MS = 16_000;
const CPU_LIMIT = 0.5;
// What Linux counts a process's time in.
const TICK_MS = 10;

export const jumpingClock: Fault = {
  name: 'jumping-clock',
  breaks: "the server's clock jumps by 3 h and by a day, forwards and back, under an open stream",
  bound: `a notice is live in under 1 s; heartbeats go on; what was put off for 1 s is back within 6.5 s; what expires in 2 h is there exactly while it stands by the server's clock; no stream ends; under half a core`,
  runs: 'beside',
  limitSeconds: { short: 90, full: 150 },
  dependsOnStreamPath: false,
  async take(circumstances) {
    const { folder, remove } = temporaryFolder();
    const file = join(folder, 'ahead');
    const setAhead = (milliseconds: number) => writeFileSync(file, String(milliseconds));
    setAhead(0);
    const env = { NODE_OPTIONS: `--import=${CLOCK.href}`, JUMPING_CLOCK: file };
    try {
      return await withBelfry({ ...circumstances, env }, (belfry) =>
        take(belfry, setAhead, circumstances.short),
      );
    } finally {
      remove();
    }
  },
};

async function take(
  belfry: Belfry,
  setAhead: (milliseconds: number) => void,
  short: boolean,
): Promise<Finding> {
  const hours = AHEAD_HOURS[short ? 'short' : 'full'];
  const verdict = new Verdict();
  const [client] = (await openClients(belfry, [READER])) as [Client];
  verdict.expect(await comesTrue(() => client.isOpen, 10_000), 'The client did not connect.');
  const inbox = await readerOf(belfry);
  const standing = idOf(
    await belfry.send({ title: 'For two hours', message: 'Yes.', audience: 'all', expiresIn: 7_200 }),
  );
  const began = performance.now();
  const cpuBefore = cpuMs(belfry);
  const [liveMs, backMs]: [number[], number[]] = [[], []];
  for (const [index, ahead] of hours.entries()) {
    setAhead(ahead * HOUR_MS);
    const after = `With the clock ${ahead} h ahead`;
    const sentAt = performance.now();
    const id = idOf(await belfry.send({ title: 'Still there?', message: 'Yes.', audience: 'all' }));
    const came = await comesTrue(() => client.known.has(id), 5_000);
    verdict.expect(came, `${after} a notice did not arrive.`);
    liveMs.push(performance.now() - sentAt);

    const { ids, readAt } = await inbox.read();
    const isRight = Math.abs(Date.parse(readAt) - Date.now() - ahead * HOUR_MS) < HOUR_MS;
    verdict.expect(isRight, `${after} the server said that it was ${readAt}.`);
    verdict.expect(
      ids.includes(standing) === ahead < 2,
      `${after}, what expires in 2 h was ${ids.includes(standing) ? 'still' : 'not'} there.`,
    );
    const wasAhead = hours[index - 1] ?? 0;
    // It takes 5 s each time, and a jump back is the one that could make it last for hours.
    if (ahead > wasAhead && short) continue;
    await inbox.putOff(id, Date.parse(readAt) + PUT_OFF_MS);
    const putOffAt = performance.now();
    verdict.expect(!(await inbox.read()).ids.includes(id), `${after} nothing could be put off.`);
    const isBack = await comesTrue(async () => (await inbox.read()).ids.includes(id), 2 * BACK_LIMIT_MS);
    verdict.expect(isBack, `${after} what was put off did not come back.`);
    backMs.push(performance.now() - putOffAt);
  }
  const untilNextBeat = HEARTBEAT_LIMIT_MS - (performance.now() - (client.heartbeats.at(-1) ?? began));
  const beats = client.heartbeats.length;
  await comesTrue(() => client.heartbeats.length > beats, untilNextBeat);
  verdict.expect(client.heartbeats.length > beats, 'The heartbeats ended.');
  const share = (cpuMs(belfry) - cpuBefore) / (performance.now() - began);
  verdict.expect(client.openedAt.length === 1 && client.isOpen, 'The stream ended.');
  verdict.expectWithin(largest(liveMs) < LIVE_LIMIT_MS, `A notice took ${largest(liveMs).toFixed(0)} ms.`);
  verdict.expectWithin(
    largest(backMs) < BACK_LIMIT_MS,
    `What was put off for ${PUT_OFF_MS} ms was back after ${largest(backMs).toFixed(0)} ms.`,
  );
  verdict.expectWithin(share < CPU_LIMIT, `The server took ${(share * 100).toFixed(0)} % of a core.`);
  client.close();
  return verdict.finding(
    `${hours.length} jumps: live in ${largest(liveMs).toFixed(0)} ms, back in ${largest(backMs).toFixed(0)} ms at most, ${(share * 100).toFixed(0)} % of a core`,
  );
}

async function readerOf(belfry: Belfry) {
  const headers = {
    Cookie: await belfry.cookieOf(READER, { seconds: 30 * 24 * 3_600 }),
    Origin: belfry.url,
    'Content-Type': 'application/json',
  };
  return {
    async read(): Promise<{ ids: number[]; readAt: string }> {
      const { notifications, readAt } = JSON.parse(
        (await belfry.ask('/notifications/poll', { headers })).text,
      ) as InboxPage;
      return { ids: notifications.map(({ id }) => id), readAt };
    },
    async putOff(id: number, until: number): Promise<void> {
      const body = JSON.stringify({ ids: [id], until: new Date(until).toISOString() });
      await belfry.ask('/notifications/snooze', { method: 'POST', headers, body });
    },
  };
}

/** The time that the server's process has had of a core; on other systems than Linux not known, and so none. */
function cpuMs({ server }: Belfry): number {
  try {
    const fields = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return 0;
  }
}
