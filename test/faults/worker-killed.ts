/** `kill -9` of whoever runs jobs, in the middle of a batch: what was put off comes back, each item once. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ItemJson } from '../../lib/belfry/protocol/item.ts';
import { ask } from '../support/postgresql.ts';
import { type App, idOf, withBelfry } from './belfry.ts';
import { type Circumstances, type Fault, largest, Verdict } from './fault.ts';
import { databaseNameOf, withInstances } from './instances.ts';
import { becomeLikeNew, change, openScreens } from './screens.ts';
import { comesTrue, inParallel, range } from './waiting.ts';

const USERS = 10;
const FULL = { itemsEach: 50, sqliteKills: 3, rounds: 2, putOffMs: 12_000 };
const SHORT = { itemsEach: 20, sqliteKills: 1, rounds: 1, putOffMs: 5_000 };
const AT_ONCE = 8;
const MOST_TRIES = 4;
const SEND_EVERY_MS = 250;
// What was on its way to the database when the process was stopped is there by then.
const QUIET_MS = 50;
const DUE_LIMIT_MS = 20_000;
const ANSWER_LIMIT_MS = 2_000;
const AWAKE_BOUND_SECONDS = 15;
const AWAKE_LIMIT_MS = 30_000;
const ALIKE_LIMIT_MS = 20_000;

const SNOOZED = 'SELECT COUNT(*) AS count FROM belfry_event_receipt WHERE snoozed_until IS NOT NULL';
const JOBS = "SELECT COUNT(*) AS count FROM belfry_job WHERE kind = 'belfry.wake'";
const isInBatch = (instance: string) => `
  SELECT 1 FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
  WHERE a.application_name = '${instance}' AND l.relation = 'belfry_job'::regclass AND l.mode = 'RowShareLock'`;
// Each job wakes one item, and its change stands on the item's receipt until another one is made.
const WAKES = "SELECT COUNT(*) AS count FROM belfry_inbox_change WHERE kind = 'wake'";
const WOKEN = `SELECT COUNT(DISTINCT r.revision) AS count FROM belfry_event_receipt r
  JOIN belfry_inbox_change c ON c.revision = r.revision AND c.user_id = r.user_id AND c.kind = 'wake'`;

/** What is killed, and where its jobs are. */
interface Place {
  database: string;
  app: App;
  query: (statement: string) => Promise<Record<string, unknown>[]>;
  /** One after the other in the same lot of wake-ups. */
  kills: number;
  /** Lots. */
  rounds: number;
  /** An instance that lives through this lot. */
  survivorOf: (round: number) => App;
  /** Ends an instance in the middle of a batch. How many jobs were not done then; 0: it was in none, and goes on. */
  endInBatch: (round: number) => Promise<number>;
  /** All is awake: whatever was ended is started again, unless it was the last lot. */
  afterwards: (when: { isLast: boolean }) => Promise<void>;
}

export const workerKilled: Fault = {
  name: 'worker-killed',
  breaks: `kill -9 of an instance in the middle of a batch of ${USERS * FULL.itemsEach} wake-ups that are due at once (short: ${USERS * SHORT.itemsEach}): of one of two instances on PostgreSQL, of which in full another then hangs in the middle of such a batch, and ${FULL.sqliteKills} times (short: ${SHORT.sqliteKills}) of the only one on SQLite`,
  bound: `every item wakes once, in the database and on the stream, within ${AWAKE_BOUND_SECONDS} s: 0 lost, 0 twice; every page ends like a page that is opened anew`,
  runs: 'beside',
  limitSeconds: { short: 90, full: 240 },
  dependsOnStreamPath: true,
  async take(circumstances) {
    const verdict = new Verdict();
    const [onSqlite, onPostgresql] = await Promise.all([
      sqlite(circumstances, verdict),
      postgresql(circumstances, verdict),
    ]);
    return verdict.finding(`${onSqlite}; ${onPostgresql}`);
  },
};

async function take({ short }: Circumstances, place: Place, verdict: Verdict): Promise<string> {
  const { app, query, database, kills, rounds } = place;
  const { itemsEach, putOffMs } = short ? SHORT : FULL;
  const items = USERS * itemsEach;
  const expect = (held: boolean, sentence: string) => verdict.expect(held, `${database}: ${sentence}`);
  const count = async (statement: string) => Number((await query(statement))[0]?.count);
  const ids: number[] = [];
  await inParallel(range(itemsEach), AT_ONCE, async (index) => {
    ids.push(idOf(await app.send({ title: `Later ${index}`, message: 'Not now.', audience: 'all' })));
  });
  const userIds = range(USERS).map((index) => index + 1);
  /** Where each item stood when a stream told that it was awake: it would be another place if it woke again. */
  const places = new Map<string, Set<number>>();
  const undone: number[] = [];
  const awakeSeconds: number[] = [];
  let twice = 0;
  for (let round = 0, tries = 1; round < rounds; tries += 1) {
    await putOff(app, { userIds, ids, putOffMs });
    expect((await count(SNOOZED)) === items, 'Some of it woke before all was put off.');
    const wakesBefore = await count(WAKES);
    places.clear();
    const screens = await openScreens(app, userIds, 1, (userId, { id, orderId, snoozedUntil }: ItemJson) => {
      if (snoozedUntil !== null || !ids.includes(id)) return;
      const key = `${userId} ${id}`;
      places.set(key, (places.get(key) ?? new Set()).add(orderId));
    });
    const noise = beginToSend(place.survivorOf(round));
    let left = 0;
    for (let kill = 0; kill < kills; kill += 1) {
      // Further into it each time.
      const enough = (items * 0.6 * kill) / kills;
      await comesTrue(async () => items - (await count(SNOOZED)) > enough, DUE_LIMIT_MS);
      await comesTrue(async () => {
        left = await place.endInBatch(round);
        return left > 0 || (await count(JOBS)) === 0;
      }, DUE_LIMIT_MS);
      if (left > 0) undone.push(left);
    }
    const since = performance.now();
    await comesTrue(async () => (await count(JOBS)) === 0, AWAKE_LIMIT_MS);
    const seconds = (performance.now() - since) / 1_000;
    awakeSeconds.push(seconds);
    verdict.expectWithin(
      seconds < AWAKE_BOUND_SECONDS,
      `${database}: all was awake after ${seconds.toFixed(1)} s.`,
    );
    await noise.stop();
    // On a busy machine all may be over before it can be ended.
    if (left > 0 || tries === MOST_TRIES) round += 1;
    await place.afterwards({ isLast: round === rounds });
    const { different } = await becomeLikeNew(app, screens, { limitMs: ALIKE_LIMIT_MS });
    for (const difference of different) expect(false, difference);

    const snoozed = await count(SNOOZED);
    const jobs = await count(JOBS);
    const wakes = (await count(WAKES)) - wakesBefore;
    const woken = await count(WOKEN);
    const placesOfOne = [...places.values()].map(({ size }) => size);
    expect(snoozed === 0, `${snoozed} items never woke.`);
    expect(jobs === 0, `${jobs} jobs are left.`);
    expect(woken === items && wakes === items, `${wakes} wake-ups stand on ${woken} items.`);
    expect(places.size === items, `${items - places.size} wake-ups were on no stream.`);
    twice += placesOfOne.filter((size) => size > 1).length;
    const announced = screens.flatMap((screen) =>
      screen.announced.map((title) => `${screen.userId} ${title}`),
    );
    const again = announced.length - new Set(announced).size;
    expect(again === 0, `${again} were announced twice.`);
    for (const { client } of screens) client.close();
  }
  expect(twice === 0, `${twice} items woke twice on a stream.`);
  expect(undone.length >= kills * rounds, 'A kill came when all was done, so too little was tried.');
  return `${database}: ended with ${undone.join(', ')} of ${items} wake-ups undone, all awake ${largest(awakeSeconds).toFixed(1)} s later at most, ${twice} twice`;
}

/** Puts off each item of each user with a request of its own, all until the same instant. */
async function putOff(
  app: App,
  { userIds, ids, putOffMs }: { userIds: readonly number[]; ids: readonly number[]; putOffMs: number },
): Promise<void> {
  const each = userIds.flatMap((userId) => ids.map((id) => ({ userId, id })));
  for (let tries = 1; ; tries += 1) {
    // On a busy machine the first may be due before the last is put off: then there has to be more time.
    const until = Date.now() + putOffMs * tries;
    try {
      await inParallel(each, AT_ONCE, async ({ userId, id }) => {
        await change(app, userId, { kind: 'snooze', ids: [id], until: new Date(until).toISOString() });
      });
      return;
    } catch (error) {
      if (tries === MOST_TRIES || Date.now() < until) throw error;
    }
  }
}

/** Something newer comes all the time: it moves the place at which an item comes back. */
function beginToSend(app: App): { stop: () => Promise<void> } {
  let isOver = false;
  const sending = (async () => {
    for (let index = 0; !isOver; index += 1) {
      // While it is killed it takes nothing.
      await app
        .send({ title: `Newer ${index}`, message: 'Now.', targetUserId: (index % USERS) + 1 })
        .catch(() => {});
      await sleep(SEND_EVERY_MS);
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await sending;
    },
  };
}

function sqlite(circumstances: Circumstances, verdict: Verdict): Promise<string> {
  return withBelfry({ ...circumstances, users: USERS }, (belfry) => {
    const query = async (statement: string) => belfry.sql(statement) as Record<string, unknown>[];
    const place: Place = {
      database: 'SQLite',
      app: belfry,
      query,
      kills: circumstances.short ? SHORT.sqliteKills : FULL.sqliteKills,
      rounds: 1,
      survivorOf: () => belfry,
      async endInBatch() {
        await belfry.server.stop('SIGKILL');
        const left = Number((await query(JOBS))[0]?.count);
        await belfry.server.start();
        return left;
      },
      afterwards: async () => {},
    };
    return take(circumstances, place, verdict);
  });
}

async function postgresql(circumstances: Circumstances, verdict: Verdict): Promise<string> {
  let figure = '';
  const finding = await withInstances({ ...circumstances, users: USERS }, async (instances) => {
    const query = (statement: string) => ask(instances.databaseUrl, statement);
    const victimOf = (round: number) => (round % 2 === 0 ? 0 : 1);
    const place: Place = {
      database: 'PostgreSQL',
      app: instances,
      query,
      // The other one does at once what is not in hand.
      kills: 1,
      rounds: circumstances.short ? SHORT.rounds : FULL.rounds,
      survivorOf: (round) => instances.all[victimOf(round + 1)],
      async endInBatch(round) {
        const { server } = instances.all[victimOf(round)];
        process.kill(server.pid, 'SIGSTOP');
        await sleep(QUIET_MS);
        const isIn = (await query(isInBatch(databaseNameOf(victimOf(round))))).length > 0;
        if (!isIn) {
          process.kill(server.pid, 'SIGCONT');
          return 0;
        }
        const left = Number((await query(JOBS))[0]?.count);
        // The second one stays as it is, with its connections open, as when its host hangs.
        if (round === 0) await server.stop('SIGKILL');
        return left;
      },
      async afterwards({ isLast }) {
        for (const { server } of instances.all) {
          if (server.isRunning() && (await isAnswering(server.url))) continue;
          await server.stop('SIGKILL');
          if (!isLast) await server.start();
        }
      },
    };
    figure = await take(circumstances, place, verdict);
    return verdict.finding(figure);
  });
  return finding.skipped ?? figure;
}

async function isAnswering(url: string): Promise<boolean> {
  const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
  return fetch(`${url}/api/health?live`, { signal }).then(
    () => true,
    () => false,
  );
}
