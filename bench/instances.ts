/** What instances add: the same streams and sends on one, two, … instances with one PostgreSQL and one Redis. */
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { createClient } from 'redis';
import { RedisEventBus } from '../lib/belfry/bus/redis-event-bus.ts';
import { EventLog } from '../lib/belfry/storage/event-log.ts';
import { prismaDatabase } from '../lib/belfry/storage/prisma-database.ts';
import { openDatabase } from '../lib/database/db.ts';
import { migrate } from '../lib/database/migrations.ts';
import { connectRedis } from '../lib/redis/redis.ts';
import { createDatabase, startPostgresql } from '../test/support/postgresql.ts';
import { startRedis } from '../test/support/redis.ts';
import { limitCpu } from './cpu-share.ts';
import { type Delivered, Driver, messageText } from './driver.ts';
import { type BelfryServer, cpuMicroseconds, prepare, startBelfryServer } from './peers.ts';

// Each instance gets this much of a core, so that two of them and the load fit on two cores.
const CORE_SHARE = 0.4;
const BURST = { count: 200, inFlight: 8 };
const WARM_UP = { count: 3, perSecond: 5 };
const EVENT = {
  eventType: 'SystemNotification',
  priority: 'NORMAL' as const,
  createdAt: new Date(),
  expiresAt: null,
  target: null,
  topicId: null,
};

export interface InstancesFigures {
  instances: number;
  /** What part of a core each may use; null where it could not be limited. */
  coreShare: number | null;
  /** Of all instances together. */
  streams: number;
  deliveriesPerSecond: number;
  /** Microseconds of CPU a delivery, of all instances together. */
  cpu: number;
  lost: number;
  doubled: number;
  /** How many messages Redis was given for one notice to everybody. */
  redisMessages: number;
}

/** `streams` are spread over the instances; every send is a notice to everybody, sent through each in turn. */
export async function measureInstances(instances: number, streams: number): Promise<InstancesFigures> {
  const [postgresql, redis] = await Promise.all([startPostgresql(), startRedis()]);
  const servers: BelfryServer[] = [];
  const drivers: Driver[] = [];
  const unlimited: (() => void)[] = [];
  const commands = await createClient({ url: redis.url }).connect();
  try {
    const databaseUrl = await createDatabase(postgresql.url);
    const { cookies, token } = await prepare(databaseUrl, streams, 0);
    for (let index = 0; index < instances; index += 1) {
      servers.push(
        await startBelfryServer({
          databaseUrl,
          core: index,
          env: { REDIS_URL: redis.url, STREAM_PATH: 'handover' },
        }),
      );
    }
    const senders = servers.map((server) => server.sender(token, new Agent({ keepAlive: true })));
    for (const [index, server] of servers.entries()) {
      const own = cookies.filter((_, user) => user % instances === index);
      drivers.push(
        new Driver({
          host: '127.0.0.1',
          port: server.port,
          streams: own.length,
          openRequest: (stream) => server.openRequest(own[stream] ?? ''),
          send: (text) => (senders[index] as (text: string) => Promise<void>)(text),
        }),
      );
    }
    for (const driver of drivers) await driver.open();
    const everywhere = (load: typeof BURST | typeof WARM_UP) => runTogether(drivers, load);
    await everywhere(WARM_UP);
    // Only now: starting and connecting are not what is measured.
    for (const { pid } of servers)
      unlimited.push(...[limitCpu(pid, CORE_SHARE)].filter((undo) => undo !== null));
    const cpu = () => servers.reduce((sum, { pid }) => sum + cpuMicroseconds(pid), 0);
    const published = async () => callsOf(await commands.info('commandstats'), 'spublish');
    const [cpuBefore, publishedBefore, since] = [cpu(), await published(), performance.now()];
    const delivered = await everywhere(BURST);
    const seconds = (performance.now() - since) / 1_000;
    // Each instance also says hello to itself once a second.
    const hellos = instances * seconds;
    const messages = (await published()) - publishedBefore - hellos;
    return {
      instances,
      coreShare: unlimited.length === instances ? CORE_SHARE : null,
      streams,
      deliveriesPerSecond: delivered.deliveries / seconds,
      cpu: (cpu() - cpuBefore) / delivered.deliveries,
      lost: delivered.lost,
      doubled: delivered.doubled,
      redisMessages: Math.round((messages / BURST.count) * 10) / 10,
    };
  } finally {
    for (const driver of drivers) driver.close();
    for (const server of servers) await server.stop();
    for (const undo of unlimited) undo();
    commands.destroy();
    await redis.remove();
    await postgresql.remove();
  }
}

export interface BusFigures {
  messages: number;
  /** Microseconds of CPU a message, for the instance that publishes and one that hears it together. */
  instanceCpu: number;
  /** Microseconds of CPU a message in Redis, with two instances that hear it. */
  redisCpu: number;
}

/** What a message between instances costs: a notice of 200 bytes for a user of another instance. */
export async function measureBus(messages = 50_000): Promise<BusFigures> {
  const redis = await startRedis();
  const connections = [1, 2].map(() => connectRedis(redis.url, () => {}));
  const commands = await createClient({ url: redis.url }).connect();
  try {
    const [publisher, hearer] = connections.map(
      ({ ready }) =>
        new RedisEventBus({
          open: () => ({ client: ready, prefix: 'bench' }),
          log: pino({ level: 'silent' }),
        }),
    ) as [RedisEventBus, RedisEventBus];
    let heard = 0;
    const onMessage = () => {
      heard += 1;
    };
    for (const bus of [publisher, hearer])
      bus.subscribe({ onMessage, onQuestion: () => [], onGap: () => {} });
    while (!publisher.isConnected || !hearer.isConnected) await sleep(20);
    const redisSeconds = async () => {
      const info = await commands.info('cpu');
      const of = (name: string) => Number(new RegExp(`used_cpu_${name}:([\\d.]+)`).exec(info)?.[1]);
      return of('sys') + of('user');
    };
    const event = { ...EVENT, payload: { title: 'Load', message: messageText(0) } };
    const [redisBefore, before] = [await redisSeconds(), process.cpuUsage()];
    let next = 0;
    const worker = async () => {
      while (next < messages) {
        next += 1;
        const targetUserId = next % 1_000;
        await publisher.publish({
          kind: 'events',
          history: 'first',
          events: [{ ...event, id: next, targetUserId, target: `${targetUserId}` }],
        });
      }
    };
    await Promise.all(Array.from({ length: 64 }, worker));
    while (heard < messages * 2) await sleep(5);
    const { user, system } = process.cpuUsage(before);
    const redisCpu = (((await redisSeconds()) - redisBefore) * 1_000_000) / messages;
    await Promise.all([publisher.close(), hearer.close()]);
    return { messages, instanceCpu: (user + system) / messages, redisCpu };
  } finally {
    for (const connection of connections) connection.close();
    commands.destroy();
    await redis.remove();
  }
}

/** Durable sends a second on PostgreSQL, 64 in flight, from one instance's store. */
export async function measurePostgresqlSends(count = 20_000): Promise<number> {
  const postgresql = await startPostgresql();
  const databaseUrl = await createDatabase(postgresql.url);
  await migrate(databaseUrl);
  const db = openDatabase(databaseUrl);
  try {
    const eventLog = new EventLog(prismaDatabase(db, { provider: 'postgresql' }));
    const payload = { title: 'Load', message: messageText(0) };
    let next = 0;
    const worker = async () => {
      while (next < count) {
        next += 1;
        await eventLog.append([{ ...EVENT, id: null, targetUserId: next % 1_000, payload }]);
      }
    };
    const since = performance.now();
    await Promise.all(Array.from({ length: 64 }, worker));
    return count / ((performance.now() - since) / 1_000);
  } finally {
    await db.$disconnect();
    await postgresql.remove();
  }
}

export function sharedCosts({ messages, instanceCpu, redisCpu }: BusFigures, sendsPerSecond: number): string {
  return `One instance stores ${Math.round(sendsPerSecond).toLocaleString('en')} events a second in PostgreSQL, 64 in flight. A message between two instances takes ${instanceCpu.toFixed(1)} µs of CPU in both of them together and ${redisCpu.toFixed(1)} µs in Redis (${messages.toLocaleString('en')} messages).`;
}

/** Every driver's streams see the messages of all; so the first one sends, and the others count along. */
async function runTogether(
  drivers: readonly Driver[],
  load: typeof BURST | typeof WARM_UP,
): Promise<Pick<Delivered, 'deliveries' | 'lost' | 'doubled'>> {
  const [first, ...others] = drivers;
  const counting = others.map((driver) => driver.count(load.count));
  const results = [await (first as Driver).run(load), ...(await Promise.all(counting))];
  const sum = (of: 'deliveries' | 'lost' | 'doubled') => results.reduce((total, one) => total + one[of], 0);
  return { deliveries: sum('deliveries'), lost: sum('lost'), doubled: sum('doubled') };
}

function callsOf(commandStats: string, command: string): number {
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(commandStats)?.[1] ?? 0);
}

export function instancesTable(rows: readonly InstancesFigures[]): string {
  return [
    '| instances | of a core each | streams | deliveries a second | CPU µs a delivery | lost | doubled | Redis messages for a notification to everybody |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map(
      (row) =>
        `| ${row.instances} | ${row.coreShare ?? 'no limit'} | ${row.streams.toLocaleString('en')} | ${Math.round(row.deliveriesPerSecond).toLocaleString('en')} | ${row.cpu.toFixed(1)} | ${row.lost} | ${row.doubled} | ${row.redisMessages} |`,
    ),
  ].join('\n');
}
