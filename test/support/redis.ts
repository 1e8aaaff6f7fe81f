/** A Redis server of one's own, or a cluster of three: on free ports, in a folder that goes away. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

export interface RedisOptions {
  isClusterNode?: boolean;
  /** More of its settings, as on its command line. */
  settings?: readonly string[];
  password?: string;
  /** Listens with TLS alone, with these files. */
  tls?: { certificateFile: string; keyFile: string; authorityFile: string };
}

export async function startRedis({
  isClusterNode = false,
  settings: given = [],
  password: own,
  tls,
}: RedisOptions = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-redis-'));
  const port = await freePort();
  const clusterPort = await freePort();
  const secret = isClusterNode ? CLUSTER_PASSWORD : own;
  const password = secret === undefined ? '' : `:${encodeURIComponent(secret)}@`;
  const url = tls ? `rediss://${password}localhost:${port}` : `redis://${password}127.0.0.1:${port}`;
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
    const encryption = tls
      ? [
          ['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no'],
          ['--tls-cert-file', tls.certificateFile, '--tls-key-file', tls.keyFile],
          ['--tls-ca-cert-file', tls.authorityFile],
        ].flat()
      : ['--port', String(port)];
    const settings = [
      ...encryption,
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      ...(own === undefined ? [] : ['--requirepass', own, '--masterauth', own]),
      ...cluster,
      ...given,
    ];
    child = spawn(redisServer() as string, settings, { cwd: folder, stdio: 'ignore' });
    await untilAnswers(url, tls !== undefined);
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

/** Servers that take each other's place. */
export interface RedisCluster {
  /** The address of its first node, or of its sentinels. */
  readonly url: string;
  /** `kill -9` of a master that has a replica. */
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

/** A master and its replica, which let nobody in without a password, and three sentinels that watch over them. */
export async function startWatchedRedis(): Promise<RedisCluster> {
  const password = CLUSTER_PASSWORD;
  const master = await startRedis({ password });
  const { port } = new URL(master.url);
  const replica = await startRedis({ password, settings: ['--replicaof', '127.0.0.1', port] });
  const client = await createClient({ url: replica.url }).connect();
  await untilTrue(async () =>
    String(await client.sendCommand(['INFO', 'replication'])).includes('master_link_status:up'),
  );
  client.destroy();
  const sentinels = await Promise.all([1, 2, 3].map(() => startSentinel(port, password)));
  const places = sentinels.map((sentinel) => `127.0.0.1:${sentinel.port}`);
  return {
    url: `redis+sentinel://:${encodeURIComponent(password)}@${places.join(',')}/belfry-master`,
    killMaster: () => master.kill(),
    remove: async () => {
      for (const one of [...sentinels, master, replica]) await one.remove();
    },
  };
}

async function startSentinel(masterPort: string, password: string) {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-sentinel-'));
  const port = await freePort();
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `sentinel monitor belfry-master 127.0.0.1 ${masterPort} 2`,
    `sentinel auth-pass belfry-master ${password}`,
    `sentinel down-after-milliseconds belfry-master ${NODE_LIMIT_MS}`,
    'sentinel failover-timeout belfry-master 5000',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const child = spawn(redisServer() as string, [file, '--sentinel'], { cwd: folder, stdio: 'ignore' });
  await untilAnswers(`redis://127.0.0.1:${port}`);
  const client = await createClient({ url: `redis://127.0.0.1:${port}` }).connect();
  await untilTrue(async () =>
    /status=ok,.*slaves=1/.test(String(await client.sendCommand(['INFO', 'sentinel']))),
  );
  client.destroy();
  return {
    port,
    remove: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilTrue(question: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await question())) {
    if (Date.now() > deadline) throw new Error('The cluster did not come about in time.');
    await sleep(50);
  }
}

async function untilAnswers(url: string, isEncrypted = false): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    const client = createClient({
      url,
      socket: { reconnectStrategy: false, ...(isEncrypted ? { tls: true, rejectUnauthorized: false } : {}) },
    });
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
