/** PostgreSQL fails over to a standby that had not received the last events. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, startPostgresql } from '../support/postgresql.ts';
import { idOf } from './belfry.ts';
import { type Door, openDoor } from './door.ts';
import { type Circumstances, type Fault, type Finding, largest, Verdict } from './fault.ts';
import { type Instances, withInstances } from './instances.ts';
import { atTheEnd } from './leftovers.ts';
import {
  becomeLikeNew,
  beginningFrom,
  change,
  changesStatus,
  openScreens,
  readInbox,
  type Screen,
} from './screens.ts';
import { comesTrue, inParallel, range } from './waiting.ts';

const FULL = { users: 20, pagesEach: 4, after: 120 };
const SHORT = { users: 8, pagesEach: 2, after: 120 };
const LOST = 100;
const KEPT = 40;
const SENDS_AT_ONCE = 8;
const EVERYBODY_EVERY = 5;
const BACK_LIMIT_MS = 10_000;
const TOLD_LIMIT_MS = 8_000;
const ALIKE_LIMIT_MS = 20_000;
// An instance looks every two seconds.
const QUIET_MS = 3_000;
const LEVEL_LIMIT_MS = 10_000;

export const failedOver: Fault = {
  name: 'failed-over',
  breaks: `PostgreSQL is killed with kill -9, and its standby, which lacks the last ${LOST} events, takes its place under two instances`,
  bound: `sending works again within ${BACK_LIMIT_MS / 1_000} s; every stream is told to come back; every page ends like a page that is opened anew; what is sent afterwards, with ids that are used again, is announced once; no position that the standby does not hold is gone on from`,
  runs: 'beside',
  limitSeconds: { short: 90, full: 120 },
  dependsOnStreamPath: true,
  async take(circumstances) {
    const { users } = circumstances.short ? SHORT : FULL;
    let door: Door | undefined;
    const leadTo = async (url: string) => {
      door = await openDoor(url);
      return door.at(url);
    };
    try {
      return await withInstances({ ...circumstances, users, leadTo }, (instances) =>
        take(circumstances, instances, door as Door),
      );
    } finally {
      await door?.close();
    }
  },
};

async function take({ short }: Circumstances, instances: Instances, door: Door): Promise<Finding> {
  const { users, pagesEach, after } = short ? SHORT : FULL;
  const { postgresql } = instances;
  const verdict = new Verdict();
  const userIds = range(users).map((index) => index + 1);
  const standby = await startPostgresql({
    make: (data, run) =>
      run('pg_basebackup', ['-d', postgresql.url, '-D', data, '-R', '-X', 'stream', '-c', 'fast']),
  });
  const removeFolder = atTheEnd(standby.removeFolder);
  try {
    const screens = await openScreens(instances, userIds, pagesEach);
    const send = sender(instances, users);
    await send('kept', KEPT);
    await change(instances, 1, { kind: 'dismiss', ids: [(await readInbox(instances, 1)).items[0]?.id ?? 0] });

    // It has all that was committed so far, and receives no more.
    const [{ lsn } = {}] = await ask(postgresql.url, 'SELECT pg_current_wal_lsn() AS lsn');
    const isLevel = `SELECT pg_last_wal_replay_lsn() >= '${lsn}' AS is_so`;
    verdict.expect(await isSo(standby.url, isLevel), 'The standby did not receive anything.');
    await ask(standby.url, "ALTER SYSTEM SET primary_conninfo = ''");
    await ask(standby.url, 'SELECT pg_reload_conf()');
    const isAlone = 'SELECT COUNT(*) = 0 AS is_so FROM pg_stat_wal_receiver';
    verdict.expect(await isSo(standby.url, isAlone), 'The standby went on receiving.');
    const lost = await send('lost', LOST);
    for (const userId of userIds) {
      const [newest] = (await readInbox(instances, userId)).items;
      if (userId % 2 === 0 && newest) await change(instances, userId, { kind: 'dismiss', ids: [newest.id] });
    }
    const before = await becomeLikeNew(instances, screens, { limitMs: ALIKE_LIMIT_MS });
    for (const difference of before.different) verdict.expect(false, `Before: ${difference}`);
    const stale = new Map<number, string>();
    for (const userId of userIds) stale.set(userId, (await readInbox(instances, userId)).state);

    const told = new Map(screens.map(({ client }) => [client, client.comeBackMs.length]));
    await postgresql.killOutright();
    const since = performance.now();
    await ask(standby.url, 'SELECT pg_promote()');
    door.leadTo(standby.url);
    const again: number[] = [];
    const isBack = async () => {
      const answer = await instances.send({ title: 'back', message: 'Is it kept?', audience: 'all' });
      if (answer.status === 201) again.push(idOf(answer));
      return answer.status === 201;
    };
    verdict.expect(await comesTrue(isBack, BACK_LIMIT_MS * 2), 'Nothing could be sent any more.');
    const backSeconds = (performance.now() - since) / 1_000;
    verdict.expectWithin(
      backSeconds * 1_000 < BACK_LIMIT_MS,
      `The first send was acknowledged after ${backSeconds.toFixed(1)} s.`,
    );
    again.push(...(await send('after', after)));
    const untold = () => screens.filter(({ client }) => client.comeBackMs.length <= (told.get(client) ?? 0));
    await comesTrue(() => untold().length === 0, TOLD_LIMIT_MS);
    verdict.expect(untold().length === 0, `${untold().length} streams were not told to come back.`);
    const end = await becomeLikeNew(instances, screens, { limitMs: ALIKE_LIMIT_MS });
    for (const difference of end.different) verdict.expect(false, difference);
    const alikeSeconds = (performance.now() - since) / 1_000;

    const usedAgain = again.filter((id) => lost.includes(id)).length;
    verdict.expect(usedAgain > 0, 'No id was used again, so nothing was tried.');
    for (const { userId, announced } of screens) {
      for (const { title, addressee } of send.sent.filter(({ title }) => title.startsWith('after'))) {
        const times = announced.filter((each) => each === title).length;
        const wanted = addressee === null || addressee === userId ? 1 : 0;
        verdict.expect(times === wanted, `"${title}" was announced ${times} times to user ${userId}.`);
      }
    }
    let refused = 0;
    for (const instance of instances.all) {
      for (const [userId, state] of stale) {
        const kind = await beginningFrom(instance, userId, state);
        const status = await changesStatus(instance, userId, state);
        verdict.expect(kind === 'snapshot', `From the stale ${state} a stream began with ${kind}.`);
        verdict.expect(status === 409, `What changed since the stale ${state} was answered with ${status}.`);
        if (kind === 'snapshot' && status === 409) refused += 1;
      }
    }
    if (!short) await expectQuiet(standby.url, screens, verdict);
    const times = largest(screens.map(({ client }) => client.comeBackMs.length - (told.get(client) ?? 0)));
    for (const { client } of screens) client.close();
    return verdict.finding(
      `sending again after ${backSeconds.toFixed(1)} s; ${screens.length} streams told to come back, each at most ${times} times; all pages like new ones after ${alikeSeconds.toFixed(1)} s; ${usedAgain} ids used again, each announced once; ${refused} of ${stale.size * instances.all.length} stale positions refused`,
    );
  } finally {
    await standby.remove();
    removeFolder();
  }
}

/** What the server still has to put in order afterwards is no second failover. */
async function expectQuiet(url: string, screens: readonly Screen[], verdict: Verdict): Promise<void> {
  const told = () => screens.reduce((sum, { client }) => sum + client.comeBackMs.length, 0);
  const before = told();
  await ask(url, 'CHECKPOINT');
  await sleep(QUIET_MS);
  const again = told() - before;
  verdict.expect(again === 0, `${again} streams were told once more when all was over.`);
}

/** Whether the answer is yes within the time. */
function isSo(url: string, statement: string): Promise<boolean> {
  return comesTrue(async () => (await ask(url, statement))[0]?.is_so === true, LEVEL_LIMIT_MS);
}

/** Sends so many, a few at once, one in five to everybody; remembers what it sent. Gives their ids. */
function sender(app: Instances, users: number) {
  const sent: { title: string; addressee: number | null }[] = [];
  const send = async (name: string, count: number) => {
    const ids: number[] = [];
    await inParallel(range(count), SENDS_AT_ONCE, async (index) => {
      const addressee = index % EVERYBODY_EVERY === 0 ? null : (index % users) + 1;
      const title = `${name} ${index}`;
      const to = addressee === null ? { audience: 'all' as const } : { targetUserId: addressee };
      ids.push(idOf(await app.send({ title, message: 'Is it kept?', ...to })));
      sent.push({ title, addressee });
    });
    return ids;
  };
  return Object.assign(send, { sent });
}
