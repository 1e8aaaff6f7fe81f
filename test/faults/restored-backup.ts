/** A back-up is put back under open pages, as docs/operations.md says, and as it should not be done. */
import { execFile } from 'node:child_process';
import { copyFileSync, renameSync, rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { postgresqlPrograms } from '../../scripts/servers.mjs';
import { ask, createDatabase, startPostgresql } from '../support/postgresql.ts';
import { startServer, type TestServer } from '../support/server.ts';
import {
  type App,
  belfryEnvironment,
  idOf,
  prepareDatabase,
  temporaryFolder,
  toApp,
  withBelfry,
} from './belfry.ts';
import { Client } from './client.ts';
import { type Door, openDoor } from './door.ts';
import { type Circumstances, type Fault, largest, Verdict } from './fault.ts';
import { atTheEnd } from './leftovers.ts';
import { type HeldStream, holdRaw } from './raw-stream.ts';
import { becomeLikeNew, beginningFrom, change, changesStatus, openScreens, readInbox } from './screens.ts';
import { comesTrue } from './waiting.ts';

const ADA = 2;
const BEN = 3;
const USERS = 4;
const PAGES_EACH = 2;
const TOLD_LIMIT_MS = 5_000;
const ALIKE_LIMIT_MS = 15_000;
const HEALTH_LIMIT_MS = 5_000;
const run = promisify(execFile);

/** What a back-up lacks, and what happens in it before pages are back. */
interface Form {
  lacks: string;
  happens: (world: World) => Promise<unknown>;
  happensAgain?: (world: World) => Promise<unknown>;
}

/** Sends and changes of one form. */
interface World {
  /** One after the other to each of these, `null` being everybody; their ids. */
  send: (name: string, addressees: readonly (number | null)[]) => Promise<number[]>;
  dismissNewest: (userId: number, count: number) => Promise<unknown>;
  dismissOldest: (userId: number, count: number) => Promise<unknown>;
  clear: (userId: number) => Promise<unknown>;
}

const FORMS: readonly Form[] = [
  {
    lacks: 'events',
    happens: ({ send }) => send('lost', [ADA, BEN, null, ADA, BEN, null]),
  },
  {
    lacks: 'dismissals',
    async happens({ dismissNewest }) {
      await dismissNewest(ADA, 2);
      await dismissNewest(BEN, 1);
    },
  },
  { lacks: 'a clear', happens: ({ clear }) => clear(ADA) },
  {
    lacks: 'events and changes whose ids are used again',
    async happens({ send, dismissNewest, clear }) {
      await send('lost', [ADA, BEN, null, ADA, null]);
      await dismissNewest(ADA, 1);
      await clear(BEN);
    },
    async happensAgain({ send, dismissOldest }) {
      // More of them than before, and not the same to the same people.
      await send('again', [null, ADA, BEN, BEN, ADA, null, BEN]);
      for (const userId of [BEN, ADA, BEN]) await dismissOldest(userId, 1);
    },
  },
  {
    lacks: 'more events and changes than are made again with their ids',
    async happens({ send, dismissNewest }) {
      await send('lost', [ADA, BEN, null, ADA, null]);
      for (const userId of [ADA, BEN, ADA, BEN]) await dismissNewest(userId, 1);
    },
    async happensAgain({ send, dismissOldest }) {
      await send('again', [BEN, null]);
      await dismissOldest(BEN, 1);
    },
  },
];
// The fifth is like the fourth; PostgreSQL takes those in which no event tells of the restore.
const SHORT_FORMS = { SQLite: FORMS.slice(0, 4), PostgreSQL: FORMS.slice(2, 4) };

/** A way of putting a back-up back. */
interface Way {
  how: string;
  /** @param before To be called when the restored database is served again, and before pages come back if that can be had. */
  putBack: (before: () => Promise<unknown>) => Promise<void>;
}

/** A server on a database that can be backed up. */
interface House {
  database: keyof typeof SHORT_FORMS;
  /** Reached directly, and as pages reach it. */
  app: App;
  pages: App;
  backUp: () => Promise<unknown>;
  ways: readonly [Way, Way];
}

export const restoredBackup: Fault = {
  name: 'restored-backup',
  breaks:
    'a back-up is put back under open pages: one that lacks only events, only dismissals, only a clear, or what has ids and revisions that are then used again; on SQLite and on PostgreSQL',
  bound:
    'every stream is told to come back; every page ends like a page that is opened anew; what is sent afterwards is announced once; no position that the back-up does not hold is gone on from',
  runs: 'beside',
  limitSeconds: { short: 90, full: 300 },
  dependsOnStreamPath: true,
  async take(circumstances) {
    const verdict = new Verdict();
    const figures = await Promise.all([
      onSqlite(circumstances, (house) => takeAll(circumstances, house, verdict)),
      onPostgresql(circumstances, (house) => takeAll(circumstances, house, verdict)),
    ]);
    return verdict.finding(figures.join('; '));
  },
};

async function takeAll({ short }: Circumstances, house: House, verdict: Verdict): Promise<string> {
  const results: Result[] = [];
  // In the short form each database in one way: the one as the documentation says, the other as it should not be done.
  const ways = short ? [house.ways[house.database === 'SQLite' ? 0 : 1]] : house.ways;
  for (const way of ways) {
    for (const [index, form] of (short ? SHORT_FORMS[house.database] : FORMS).entries())
      results.push(await takeOne(house, way, form, `${way.how} ${index + 1}`, verdict));
  }
  const stale = results.reduce((sum, { refused }) => sum + refused, 0);
  const seconds = largest(results.map(({ alikeSeconds }) => alikeSeconds));
  return `${house.database}: ${results.length} restores, all pages like new ones within ${seconds.toFixed(1)} s, ${stale} of ${stale} stale positions refused`;
}

interface Result {
  alikeSeconds: number;
  refused: number;
}

async function takeOne(house: House, way: Way, form: Form, name: string, verdict: Verdict): Promise<Result> {
  const { pages } = house;
  const expect = (held: boolean, sentence: string) =>
    verdict.expect(held, `${house.database}, ${way.how}, without ${form.lacks}: ${sentence}`);
  const world = worldOf(house.app, name);
  const screens = await openScreens(pages, [ADA, BEN], PAGES_EACH);
  const poller = await new Client({ belfry: pages, userId: ADA, hasStream: false }).start();
  const allScreens = [...screens, { userId: ADA, client: poller, announced: [] }];
  const alike = async (when: string) => {
    await poller.readAllPages();
    const { different, seconds } = await becomeLikeNew(pages, allScreens, {
      limitMs: ALIKE_LIMIT_MS,
      isOneInstance: true,
    });
    for (const difference of different) expect(false, `${when}: ${difference}`);
    return seconds;
  };
  const raws: HeldStream[] = [];
  try {
    await world.send('kept', [ADA, BEN, null, ADA, BEN, null]);
    await world.dismissNewest(ADA, 1);
    await alike('before');
    const kept = await statesOf(pages);
    await house.backUp();

    await form.happens(world);
    await alike('before the restore');
    // Some pages have been told of all that happened, and say so; others know of the last events by their frames alone.
    for (const { client } of screens.filter((_, index) => index % PAGES_EACH === 0))
      await client.readAllPages();
    const stale = [...(await statesOf(pages))].filter(([userId, state]) => state !== kept.get(userId));
    const cookie = await pages.cookieOf(ADA);
    for (const [, state] of stale) {
      const path = `/sse/SystemNotification?since=${encodeURIComponent(state)}`;
      raws.push(await holdRaw({ port: Number(new URL(pages.url).port), cookie, path }));
    }
    await comesTrue(() => raws.every(({ body }) => body().includes('event: inbox')), TOLD_LIMIT_MS);

    const toldBefore = new Map(screens.map(({ client }) => [client, client.comeBackMs.length]));
    await way.putBack(async () => form.happensAgain?.(world));
    const areTold = () =>
      screens.every(({ client }) => client.comeBackMs.length > (toldBefore.get(client) ?? 0)) &&
      raws.every(({ body }) => body().includes('event: reconnect'));
    expect(await comesTrue(areTold, TOLD_LIMIT_MS), 'Not every stream was told to come back.');
    for (const { client } of screens) client.lookAgain();
    const alikeSeconds = await alike('after the restore');

    await world.send('after', [ADA, BEN, null]);
    await alike('after a send');
    const { sent } = world;
    for (const { userId, announced } of screens) {
      for (const { title, addressee } of sent.filter((one) => !/ (kept|lost) /.test(one.title))) {
        const times = announced.filter((each) => each === title).length;
        const wanted = addressee === null || addressee === userId ? 1 : 0;
        expect(times === wanted, `"${title}" was announced ${times} times to user ${userId}.`);
      }
    }
    let refused = 0;
    for (const [userId, state] of stale) {
      const kind = await beginningFrom(pages, userId, state);
      const status = await changesStatus(pages, userId, state);
      expect(kind === 'snapshot', `From the stale ${state} a stream began with ${kind}.`);
      expect(status === 409, `What changed since the stale ${state} was answered with ${status}.`);
      if (kind === 'snapshot' && status === 409) refused += 1;
      const { state: own } = await readInbox(pages, userId);
      const goesOn = await beginningFrom(pages, userId, own);
      expect(goesOn === 'changes', `From its own position a stream began with ${goesOn}.`);
    }
    expect(stale.length > 0, 'No position became stale, so nothing was tried.');
    return { alikeSeconds, refused };
  } finally {
    for (const raw of raws) raw.close();
    for (const { client } of allScreens) client.close();
  }
}

function worldOf(app: App, name: string) {
  const sent: { title: string; addressee: number | null }[] = [];
  const idsOf = async (userId: number) => (await readInbox(app, userId)).items.map(({ id }) => id);
  const dismiss = (userId: number, ids: number[]) => change(app, userId, { kind: 'dismiss', ids });
  const world: World & { sent: typeof sent } = {
    sent,
    async send(phase, addressees) {
      const ids: number[] = [];
      for (const [index, addressee] of addressees.entries()) {
        const title = `${name} ${phase} ${index + 1}`;
        const to = addressee === null ? { audience: 'all' as const } : { targetUserId: addressee };
        ids.push(idOf(await app.send({ title, message: 'Is it kept?', ...to })));
        sent.push({ title, addressee });
      }
      return ids;
    },
    dismissNewest: async (userId, count) => dismiss(userId, (await idsOf(userId)).slice(0, count)),
    dismissOldest: async (userId, count) => dismiss(userId, (await idsOf(userId)).slice(-count)),
    clear: async (userId) => {
      const [throughId = 0] = await idsOf(userId);
      await change(app, userId, { kind: 'clear', throughId });
    },
  };
  return world;
}

async function statesOf(app: App): Promise<Map<number, string>> {
  const states = new Map<number, string>();
  for (const userId of [ADA, BEN]) states.set(userId, (await readInbox(app, userId)).state);
  return states;
}

async function onSqlite(circumstances: Circumstances, work: (house: House) => Promise<string>) {
  const env = { MAX_STREAMS_PER_USER: '50' };
  return withBelfry({ ...circumstances, users: USERS, env }, async (belfry) => {
    const { server, databaseFile: file } = belfry;
    const backUp = `${file}.back-up`;
    const copy = () => {
      copyFileSync(backUp, `${file}.copy`);
      renameSync(`${file}.copy`, file);
      for (const end of ['-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
    };
    return withDoor(server, `file:${file}`, (door, pages) =>
      work({
        database: 'SQLite',
        app: belfry,
        pages,
        backUp: async () => {
          rmSync(backUp, { force: true });
          belfry.sql(`VACUUM INTO '${backUp}'`);
        },
        ways: [
          stopped({ server, door, putBack: async () => copy() }),
          {
            how: 'beside the running server',
            async putBack(before) {
              copy();
              // It serves what it had, stores nothing, and says that a restart is needed.
              const isTold = async () => (await belfry.ask('/api/health?live')).status === 503;
              if (!(await comesTrue(isTold, HEALTH_LIMIT_MS)))
                throw new Error('Nobody noticed the other file.');
              await stopped({ server, door, putBack: async () => {} }).putBack(before);
            },
          },
        ],
      }),
    );
  });
}

async function onPostgresql({ streamPath }: Circumstances, work: (house: House) => Promise<string>) {
  const programs = postgresqlPrograms();
  if (!programs) return 'PostgreSQL: not installed';
  const postgresql = await startPostgresql();
  const removeFolder = atTheEnd(postgresql.removeFolder);
  const { folder, remove } = temporaryFolder();
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  let server: TestServer | undefined;
  try {
    const databaseUrl = await createDatabase(postgresql.url);
    await prepareDatabase(databaseUrl, USERS);
    const env = belfryEnvironment({ databaseUrl, streamPath, env: { MAX_STREAMS_PER_USER: '50' } });
    const started = await startServer({ databaseUrl, env });
    server = started;
    const backUp = join(folder, 'back-up');
    const restore = (...options: string[]) =>
      run(join(programs, 'pg_restore'), [...options, '-d', databaseUrl, backUp]);
    return await withDoor(started, databaseUrl, (door, pages) =>
      work({
        database: 'PostgreSQL',
        app: toApp({ url: started.url, databaseUrl, agent }),
        pages,
        backUp: () => run(join(programs, 'pg_dump'), ['--format=custom', '-f', backUp, databaseUrl]),
        ways: [
          stopped({
            server: started,
            door,
            async putBack() {
              const name = new URL(databaseUrl).pathname.slice(1);
              await ask(postgresql.url, `DROP DATABASE ${name} WITH (FORCE)`);
              await ask(postgresql.url, `CREATE DATABASE ${name}`);
              await restore();
            },
          }),
          {
            how: 'under the running server',
            async putBack(before) {
              await restore('--clean', '--if-exists', '--single-transaction');
              await before();
            },
          },
        ],
      }),
    );
  } finally {
    agent.destroy();
    await server?.remove();
    await postgresql.remove();
    removeFolder();
    remove();
  }
}

/** The server is stopped, and nobody gets in until all is done that is to be done before. */
function stopped({
  server,
  door,
  putBack,
}: {
  server: TestServer;
  door: Door;
  putBack: () => Promise<void>;
}): Way {
  return {
    how: 'with the server stopped',
    async putBack(before) {
      await server.stop();
      door.leadTo(null);
      await putBack();
      await server.start();
      await before();
      door.leadTo(server.url);
    },
  };
}

async function withDoor<T>(
  server: TestServer,
  databaseUrl: string,
  work: (door: Door, pages: App) => Promise<T>,
): Promise<T> {
  const door = await openDoor(server.url);
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  try {
    return await work(door, toApp({ url: `http://127.0.0.1:${door.port}`, databaseUrl, agent }));
  } finally {
    agent.destroy();
    await door.close();
  }
}
