/** Several instances of the built app on one PostgreSQL and one Redis, behind a proxy. */
import { Agent } from 'node:http';
import { postgresqlPrograms, redisServer } from '../../scripts/servers.mjs';
import { createDatabase, type PostgresqlServer, startPostgresql } from '../support/postgresql.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { type App, belfryEnvironment, prepareDatabase, toApp } from './belfry.ts';
import { type Client, openClients } from './client.ts';
import type { Addressee } from './delivery.ts';
import type { Circumstances, Finding, Verdict } from './fault.ts';
import { skipped } from './fault.ts';
import { atTheEnd } from './leftovers.ts';
import { startRoundRobin } from './round-robin.ts';
import { comesTrue, range } from './waiting.ts';

const INSTANCES = 2;
const OPEN_LIMIT_MS = 20_000;
const GLOBAL_EVERY = 10;

export interface Instance extends App {
  readonly server: TestServer;
  /** What its health page says; its status is 0 when it does not answer. */
  health: () => Promise<{ status: number; body: { status: string; bus: string; streams: number } | null }>;
}

/** Spoken to through the proxy. */
export interface Instances extends App {
  readonly redis: RedisServer;
  readonly postgresql: PostgresqlServer;
  readonly databaseUrl: string;
  readonly all: readonly [Instance, Instance];
}

export interface InstancesOptions extends Circumstances {
  users: number;
  /** The address at which instances find the database that is at this one. Default: the same. */
  leadTo?: (databaseUrl: string) => Promise<string>;
}

/** Runs work with two instances, and leaves nothing of them. Skipped where PostgreSQL or Redis is missing. */
export async function withInstances(
  { streamPath, users, leadTo = async (url) => url }: InstancesOptions,
  work: (instances: Instances) => Promise<Finding>,
): Promise<Finding> {
  if (!postgresqlPrograms())
    return skipped('PostgreSQL: not installed, and only root can install it, on Debian');
  if (!redisServer()) return skipped('Redis: not installed, and only root can install it, on Debian');
  const undoes: (() => Promise<void>)[] = [];
  const agents: Agent[] = [];
  const agent = () => {
    const made = new Agent({ keepAlive: true, maxSockets: 200 });
    agents.push(made);
    return made;
  };
  try {
    const [postgresql, redis] = await Promise.all([startPostgresql(), startRedis()]);
    undoes.push(postgresql.remove, redis.remove);
    const removeFolders = atTheEnd(postgresql.removeFolder);
    undoes.push(async () => removeFolders());
    const databaseUrl = await leadTo(await createDatabase(postgresql.url));
    await prepareDatabase(databaseUrl, users);
    const env = belfryEnvironment({
      databaseUrl,
      streamPath,
      // All of one user's streams may come to the instance that is left.
      env: { REDIS_URL: redis.url, MAX_STREAMS_PER_USER: '40', TRUSTED_PROXIES: '127.0.0.1' },
    });
    const servers = await Promise.all(
      range(INSTANCES).map((index) =>
        startServer({ databaseUrl, env: { ...env, PGAPPNAME: databaseNameOf(index) } }),
      ),
    );
    undoes.push(...servers.map((server) => server.remove));
    const proxy = await startRoundRobin(servers.map(({ url }) => Number(new URL(url).port)));
    undoes.push(proxy.close);
    const all = servers.map((server) => toInstance(server, databaseUrl, agent()));
    return await work({
      ...toApp({ url: proxy.url, databaseUrl, agent: agent() }),
      redis,
      postgresql,
      databaseUrl,
      all: all as [Instance, Instance] & Instance[],
    });
  } finally {
    for (const made of agents) made.destroy();
    for (const undo of undoes.reverse()) await undo();
  }
}

/** What PostgreSQL calls the connections of an instance, by its place in `all`: `application_name`. */
export function databaseNameOf(index: number): string {
  return `instance ${index + 1}`;
}

/** Opens so many streams for each user, through the proxy, and waits until all are open. */
export async function openStreams(
  instances: Instances,
  { users, each }: { users: number; each: number },
): Promise<{ clients: Client[]; addressees: Addressee[] }> {
  const userIds = range(users * each).map((index) => (index % users) + 1);
  const clients = await openClients(instances, userIds);
  await comesTrue(() => clients.every(({ isOpen }) => isOpen), OPEN_LIMIT_MS);
  return { clients, addressees: clients.map((client, index) => ({ userId: userIds[index] ?? 0, client })) };
}

/** One notice in ten is for everybody, the others for one user each. */
export function targetAmong(users: number): (index: number) => number | null {
  return (index) => (index % GLOBAL_EVERY === 0 ? null : (index % users) + 1);
}

/** What every fault with several instances promises of its notifications. */
export function expectDelivered(
  verdict: Verdict,
  { lostRows, doubledRows, unseen, announcedTwice, carriedTwice }: Record<string, number>,
): void {
  verdict.expect(lostRows === 0, `${lostRows} acknowledged rows are lost.`);
  verdict.expect(doubledRows === 0, `${doubledRows} rows are there twice.`);
  verdict.expect(unseen === 0, `${unseen} are missing on a screen.`);
  verdict.expect(announcedTwice === 0, `${announcedTwice} were shown twice.`);
  verdict.expect(carriedTwice === 0, `${carriedTwice} came twice on one connection.`);
}

function toInstance(server: TestServer, databaseUrl: string, agent: Agent): Instance {
  const app = toApp({ url: server.url, databaseUrl, agent });
  return {
    ...app,
    server,
    health: async () => {
      const answer = await app.ask('/api/health').catch(() => null);
      return answer ? { status: answer.status, body: JSON.parse(answer.text) } : { status: 0, body: null };
    },
  };
}
