/** What instances add: the same streams and sends on one, two, … instances with one PostgreSQL and one Redis. */
import { Agent } from 'node:http';
import { createClient } from 'redis';
import { createDatabase, startPostgresql } from '../test/support/postgresql.ts';
import { startRedis } from '../test/support/redis.ts';
import { type Delivered, Driver } from './driver.ts';
import { type BelfryServer, cpuMicroseconds, prepare, startBelfryServer } from './peers.ts';

const BURST = { count: 200, inFlight: 8 };
const WARM_UP = { count: 3, perSecond: 5 };

export interface InstancesFigures {
  instances: number;
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
    commands.destroy();
    await redis.remove();
    await postgresql.remove();
  }
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
    '| instances | streams | deliveries a second | CPU µs a delivery | lost | doubled | Redis messages for a notice to everybody |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map(
      (row) =>
        `| ${row.instances} | ${row.streams.toLocaleString('en')} | ${Math.round(row.deliveriesPerSecond).toLocaleString('en')} | ${row.cpu.toFixed(1)} | ${row.lost} | ${row.doubled} | ${row.redisMessages} |`,
    ),
  ].join('\n');
}
