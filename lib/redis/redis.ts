/**
 * The connection to Redis, to a Redis Cluster (which of the two it is, the server says), or to the master that
 * Redis Sentinel names. It is made in the background and made again whenever it breaks; nothing here waits for it.
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, createCluster, createSentinel } from 'redis';
import { authSecret } from '../auth/secret.ts';
import { processSingleton } from '../config/process-singleton.ts';
import { parseSentinelUrl, type SentinelAddress } from './redis-url.ts';

/** What we use of the clients for one server, for a cluster, and for what sentinels watch over. */
export interface RedisClient {
  sPublish(channel: string, message: string): Promise<number>;
  sSubscribe(channels: string[], listener: (message: string, channel: string) => void): Promise<void>;
}

const CONNECT_LIMIT_MS = 5_000;
// A server that hangs keeps its connections. The bus writes every second as long as it is answered; a
// connection on which nothing happens for so long is given up, and made again.
const SILENCE_LIMIT_MS = 5_000;
const PING_EVERY_MS = 1_000;
const LONGEST_RETRY_MS = 1_000;
// How soon a new master is found when a sentinel did not tell of it.
const ASK_SENTINELS_EVERY_MS = 1_000;

const SOCKET = {
  connectTimeout: CONNECT_LIMIT_MS,
  socketTimeout: SILENCE_LIMIT_MS,
  // At random: after a restart of Redis all instances come at once.
  reconnectStrategy: (retries: number) => Math.random() * Math.min(LONGEST_RETRY_MS, 50 * 2 ** retries),
};

/** A connection that lasts until it is closed, through whatever breaks in between. */
export interface RedisConnection {
  /** The client; null until the server was reached for the first time. */
  readonly client: RedisClient | null;
  /** Resolves to the client once it is there. Rejects only after `close`. */
  readonly ready: Promise<RedisClient>;
  /** Ends it. Twice does nothing. */
  close: () => void;
}

/**
 * Begins to connect. Commands that cannot be sent at once are refused: nothing is kept for later.
 *
 * @param onError Called with every failure of the connection, again at every try.
 */
export function connectRedis(url: string, onError: (error: unknown) => void): RedisConnection {
  const sentinels = parseSentinelUrl(url);
  return sentinels ? connectThroughSentinels(sentinels, onError) : connectDirectly(url, onError);
}

function connectDirectly(url: string, onError: (error: unknown) => void): RedisConnection {
  const options = { url, disableOfflineQueue: true, socket: SOCKET };
  const single = createClient(options);
  single.on('error', onError);
  let client: RedisClient | null = null;
  let end = () => single.destroy();

  let isClosed = false;

  async function connect(): Promise<RedisClient> {
    await single.connect();
    for (;;) {
      try {
        if (!/cluster_enabled:1/.test(await single.info('cluster'))) return single;
        return await connectCluster();
      } catch (error) {
        // It broke in between: from here on nobody else would try again.
        if (isClosed) throw error;
        onError(error);
        await sleep(LONGEST_RETRY_MS);
      }
    }
  }

  async function connectCluster(): Promise<RedisClient> {
    const { url: node, socket, ...rest } = options;
    const { protocol, username, password } = new URL(url);
    // What the address says holds for the first node alone; the others are found out from it.
    const defaults = {
      ...rest,
      ...(username ? { username: decodeURIComponent(username) } : {}),
      ...(password ? { password: decodeURIComponent(password) } : {}),
      socket: protocol === 'rediss:' ? { ...socket, tls: true as const } : socket,
      // Of its nodes only one hears from us every second.
      pingInterval: PING_EVERY_MS,
    };
    const cluster = createCluster({ rootNodes: [{ url: node }], defaults });
    cluster.on('error', onError).on('node-error', onError);
    try {
      await cluster.connect();
    } catch (error) {
      cluster.destroy();
      throw error;
    }
    single.destroy();
    end = () => cluster.destroy();
    if (isClosed) end();
    return cluster;
  }

  const ready = connect().then((connected) => {
    client = connected;
    return connected;
  });
  ready.catch(onError);
  return {
    get client() {
      return client;
    },
    ready,
    close: () => {
      if (isClosed) return;
      isClosed = true;
      end();
    },
  };
}

function connectThroughSentinels(
  { masterName, sentinels, isEncrypted, ...credentials }: SentinelAddress,
  onError: (error: unknown) => void,
): RedisConnection {
  const clients = {
    disableOfflineQueue: true,
    socket: isEncrypted ? { ...SOCKET, tls: true as const } : SOCKET,
    pingInterval: PING_EVERY_MS,
  };
  const sentinel = createSentinel({
    name: masterName,
    sentinelRootNodes: sentinels,
    sentinelClientOptions: clients,
    nodeClientOptions: { ...clients, ...credentials },
    scanInterval: ASK_SENTINELS_EVERY_MS,
    passthroughClientErrorEvents: true,
  });
  sentinel.on('error', onError);
  let client: RedisClient | null = null;
  let isClosed = false;

  async function connect(): Promise<RedisClient> {
    for (;;) {
      try {
        await sentinel.connect();
        return sentinel;
      } catch (error) {
        // It gives up when no sentinel knows of a master; one may come.
        if (isClosed) throw error;
        onError(error);
        await sleep(LONGEST_RETRY_MS);
      }
    }
  }

  const ready = connect().then((connected) => {
    client = connected;
    return connected;
  });
  ready.catch(onError);
  return {
    get client() {
      return client;
    },
    ready,
    close: () => {
      if (isClosed) return;
      isClosed = true;
      sentinel.destroy().catch(() => {});
    },
  };
}

/** The Redis of this deployment. */
export interface SharedRedis {
  readonly connection: RedisConnection;
  /** Begins every name that we use there: another deployment on the same Redis has another secret. */
  readonly prefix: string;
  /** Whether it answers at present. */
  readonly isAnswering: () => boolean;
}

const slot = processSingleton<{ shared: SharedRedis | null }>('redis', () => ({ shared: null }));

/** Begins to connect to what `REDIS_URL` names. Called once, by the bus, which also knows whether it answers. */
export function openSharedRedis(
  url: string,
  { onError, isAnswering }: { onError: (error: unknown) => void; isAnswering: () => boolean },
): SharedRedis {
  const deployment = createHash('sha256').update(`redis names of ${authSecret()}`).digest('hex').slice(0, 16);
  slot.shared = { connection: connectRedis(url, onError), prefix: `belfry:${deployment}`, isAnswering };
  return slot.shared;
}

/** What `openSharedRedis` opened; null before, and without a `REDIS_URL`. */
export function sharedRedis(): SharedRedis | null {
  return slot.shared;
}
