/** A Redis server of one's own, or a cluster of three: on free ports, in a folder that goes away. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { redisServer } from '../../scripts/servers.mjs';
import { freePort } from './free-port.ts';

const START_LIMIT_MS = 10_000;
const SLOTS = 16_384;
const CLUSTER_PASSWORD = 'p@ss/word';
// After so long without an answer a replica takes a master's place.
const NODE_LIMIT_MS = 1_000;

export const HAS_REDIS = redisServer() !== undefined;

export interface RedisServer {
  readonly url: string;
  /** Where the nodes of a cluster talk to it. */
  readonly clusterPort: number;
  /** `kill -9`, or another signal. */
  kill: (signal?: NodeJS.Signals) => Promise<void>;
  /** Stops it as it is, with its connections open, or lets it go on. */
  freeze: () => void;
  thaw: () => void;
  start: () => Promise<void>;
  remove: () => Promise<void>;
}

export async function startRedis({ isClusterNode = false } = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-redis-'));
  const port = await freePort();
  const clusterPort = await freePort();
  const password = isClusterNode ? `:${encodeURIComponent(CLUSTER_PASSWORD)}@` : '';
  const url = `redis://${password}127.0.0.1:${port}`;
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    const cluster = isClusterNode
      ? [
          '--cluster-enabled',
          'yes',
          '--cluster-config-file',
          'nodes.conf',
          '--requirepass',
          CLUSTER_PASSWORD,
          '--cluster-port',
          String(clusterPort),
          '--masterauth',
          CLUSTER_PASSWORD,
          '--cluster-node-timeout',
          String(NODE_LIMIT_MS),
        ]
      : [];
    const settings = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      ...cluster,
    ];
    child = spawn(redisServer() as string, settings, { cwd: folder, stdio: 'ignore' });
    await untilAnswers(url);
  }

  async function kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const ending = child;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, 'exit');
    ending.kill(signal);
    await exited;
  }

  await start();
  return {
    url,
    clusterPort,
    start,
    kill,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    remove: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface RedisCluster {
  /** The address of its first node. */
  readonly url: string;
  /** `kill -9` of the second master, which has a replica. */
  killMaster: () => Promise<void>;
  remove: () => Promise<void>;
}

/** Three masters that share the slots, and one replica. They let nobody in without a password. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const nodes = await Promise.all([1, 2, 3, 4].map(() => startRedis({ isClusterNode: true })));
  const clients = await Promise.all(nodes.map(({ url }) => createClient({ url }).connect()));
  const [first, second, , replica] = clients;
  const masters = clients.slice(0, -1);
  for (const [index, client] of masters.entries()) {
    const from = Math.floor((index * SLOTS) / masters.length);
    const to = Math.floor(((index + 1) * SLOTS) / masters.length) - 1;
    await client.sendCommand(['CLUSTER', 'ADDSLOTSRANGE', String(from), String(to)]);
  }
  for (const { url, clusterPort } of nodes.slice(1))
    await first?.sendCommand(['CLUSTER', 'MEET', '127.0.0.1', new URL(url).port, String(clusterPort)]);
  const secondId = String(await second?.sendCommand(['CLUSTER', 'MYID']));
  await untilTrue(async () => String(await replica?.sendCommand(['CLUSTER', 'NODES'])).includes(secondId));
  await replica?.sendCommand(['CLUSTER', 'REPLICATE', secondId]);
  for (const client of clients) {
    await untilTrue(async () =>
      String(await client.sendCommand(['CLUSTER', 'INFO'])).includes('cluster_state:ok'),
    );
  }
  await untilTrue(async () =>
    String(await replica?.sendCommand(['INFO', 'replication'])).includes('link_status:up'),
  );
  for (const client of clients) client.destroy();
  return {
    url: nodes[0]?.url ?? '',
    killMaster: async () => nodes[1]?.kill(),
    remove: async () => void (await Promise.all(nodes.map((node) => node.remove()))),
  };
}

async function untilTrue(question: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await question())) {
    if (Date.now() > deadline) throw new Error('The cluster did not come about in time.');
    await sleep(50);
  }
}

async function untilAnswers(url: string): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const client = createClient({ url, socket: { reconnectStrategy: false } });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.ping();
      client.destroy();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(20);
    }
  }
}
