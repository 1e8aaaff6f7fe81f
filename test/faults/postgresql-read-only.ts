/** PostgreSQL may only be read: first because somebody set it so, then because a standby took its place. */

import { Agent } from 'node:http';
import { postgresqlPrograms } from '../../scripts/servers.mjs';
import { ask, createDatabase, type PostgresqlServer, startPostgresql } from '../support/postgresql.ts';
import { startServer } from '../support/server.ts';
import { type App, belfryEnvironment, prepareDatabase, toApp } from './belfry.ts';
import { openDoor } from './door.ts';
import { type Circumstances, type Fault, type Finding, skipped, Verdict } from './fault.ts';
import { atTheEnd } from './leftovers.ts';
import { comesTrue } from './waiting.ts';

const READER = 2;
const SENDS = 20;
const HEALTH_LIMIT_MS = 5_000;
const BACK_LIMIT_MS = 5_000;

export const postgresqlReadOnly: Fault = {
  name: 'postgresql-read-only',
  breaks:
    'default_transaction_read_only is turned on for a while, for the server and for the database; then the server ends, and its standby is there in its place, is read from, and is promoted',
  bound:
    'health says down and why; sends answer 503 with Retry-After; reading goes on; all works within 5 s of its end, on every connection; 0 acknowledged lost',
  runs: 'beside',
  limitSeconds: { short: 90, full: 90 },
  dependsOnStreamPath: false,
  async take(circumstances) {
    if (!postgresqlPrograms())
      return skipped('PostgreSQL: not installed, and only root can install it, on Debian');
    const undoes: (() => Promise<void>)[] = [];
    try {
      return await take(circumstances, undoes);
    } finally {
      for (const undo of undoes.reverse()) await undo();
    }
  },
};

async function take({ streamPath }: Circumstances, undoes: (() => Promise<void>)[]): Promise<Finding> {
  const keep = (server: PostgresqlServer) => {
    const removeFolder = atTheEnd(server.removeFolder);
    undoes.push(async () => {
      await server.remove();
      removeFolder();
    });
    return server;
  };
  const verdict = new Verdict();
  const primary = keep(await startPostgresql());
  const database = await createDatabase(primary.url);
  await prepareDatabase(database, 10);
  const door = await openDoor(primary.url);
  undoes.push(door.close);
  const databaseUrl = door.at(database);
  const server = await startServer({ databaseUrl, env: belfryEnvironment({ databaseUrl, streamPath }) });
  undoes.push(server.remove);
  const agent = new Agent({ keepAlive: true });
  undoes.push(async () => agent.destroy());
  const app = toApp({ url: server.url, databaseUrl, agent });
  const acknowledged: number[] = [];
  const send = () => sendMany(app, acknowledged);

  verdict.expect(
    (await send()).every(({ status }) => status === 201),
    'Sends failed before anything broke.',
  );
  // It holds for sessions that are there, and for the one that undoes it as well.
  const writing = `${primary.url}?options=${encodeURIComponent('-c default_transaction_read_only=off')}`;
  const reload = async (value: string) => {
    await ask(writing, `ALTER SYSTEM SET default_transaction_read_only = ${value}`);
    await ask(writing, 'SELECT pg_reload_conf()');
  };
  await reload('on');
  await expectReadOnly(app, send, verdict, 'a server that was set read-only');
  await reload('off');
  const afterReload = await secondsUntilBack(app, send, verdict, 'the reload');

  // It holds for new sessions: those that a failover, or a restart of the server, has made necessary.
  const name = new URL(database).pathname.slice(1);
  await ask(primary.url, `ALTER DATABASE ${name} SET default_transaction_read_only = on`);
  await ask(primary.url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
  await expectReadOnly(app, send, verdict, 'a database that was set read-only');
  await ask(primary.url, `ALTER DATABASE ${name} RESET default_transaction_read_only`);
  const afterSetting = await secondsUntilBack(app, send, verdict, 'the setting');

  const standby = keep(
    await startPostgresql({
      make: (data, run) =>
        run('pg_basebackup', ['-d', primary.url, '-D', data, '-R', '-X', 'stream', '-c', 'fast']),
    }),
  );
  await primary.kill();
  door.leadTo(standby.url);
  await expectReadOnly(app, send, verdict, 'a standby');
  await ask(standby.url, 'SELECT pg_promote()');
  const afterPromotion = await secondsUntilBack(app, send, verdict, 'the promotion');
  const stored = new Set((await app.stored()).map(({ id }) => id));
  const lost = acknowledged.filter((id) => !stored.has(id)).length;
  verdict.expect(lost === 0, `${lost} acknowledged rows are lost.`);
  return verdict.finding(
    `health down: read_only, each time; sending again ${afterReload.toFixed(1)} and ${afterSetting.toFixed(1)} s after a setting was undone, and ${afterPromotion.toFixed(1)} s after the promotion; ${lost} of ${acknowledged.length} acknowledged lost`,
  );
}

/** At once, so that each connection of the pool has its part. */
async function sendMany(app: App, acknowledged: number[]) {
  const sends = Array.from({ length: SENDS }, (_, index) =>
    app.send({
      title: 'Is it kept?',
      message: 'For good.',
      audience: 'all',
      // With a key each is a statement of its own; the others share one.
      ...(index % 2 === 0 ? { idempotencyKey: `${Math.random()}` } : {}),
    }),
  );
  const answers = await Promise.all(sends);
  for (const { status, text } of answers) {
    if (status === 201) acknowledged.push((JSON.parse(text) as { id: number }).id);
  }
  return answers;
}

async function expectReadOnly(
  app: App,
  send: () => ReturnType<typeof sendMany>,
  verdict: Verdict,
  what: string,
): Promise<void> {
  const isTold = await comesTrue(async () => {
    const { status, text } = await app.ask('/api/health');
    return status === 503 && /"code":"read_only"/.test(text);
  }, HEALTH_LIMIT_MS);
  verdict.expect(isTold, `With ${what} health said ${(await app.ask('/api/health')).text}.`);
  const [other] = (await send()).filter(
    ({ status, headers }) => status !== 503 || !(Number(headers['retry-after']) > 0),
  );
  verdict.expect(
    other === undefined,
    `With ${what} a send was answered with ${other?.status} ${other?.text}`,
  );
  const Cookie = await app.cookieOf(READER);
  const poll = await app.ask('/notifications/poll', { headers: { Cookie } });
  verdict.expect(poll.status === 200, `With ${what} poll was answered with ${poll.status}: ${poll.text}`);
}

async function secondsUntilBack(
  app: App,
  send: () => ReturnType<typeof sendMany>,
  verdict: Verdict,
  what: string,
): Promise<number> {
  const since = performance.now();
  await comesTrue(async () => (await app.ask('/api/health')).status === 200, BACK_LIMIT_MS);
  const seconds = (performance.now() - since) / 1_000;
  // Not some of them: a connection that remembers would show.
  const [refused] = (await send()).filter(({ status }) => status !== 201);
  verdict.expect(refused === undefined, `After ${what} a send was answered with ${refused?.text}`);
  verdict.expectWithin(seconds * 1_000 < BACK_LIMIT_MS, `After ${what} health took ${seconds} s.`);
  return seconds;
}
