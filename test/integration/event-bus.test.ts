/** One suite for every bus: what the engine may rely on, whatever carries the messages. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type BusMessage, type EventBus, InProcessEventBus } from '../../lib/belfry/bus/event-bus.ts';
import { RedisEventBus } from '../../lib/belfry/bus/redis-event-bus.ts';
import { connectRedis, type RedisConnection } from '../../lib/redis/redis.ts';
import { NO_LOG, until } from '../support/engine.ts';
import {
  HAS_REDIS,
  type RedisCluster,
  type RedisServer,
  startRedis,
  startRedisCluster,
  startWatchedRedis,
} from '../support/redis.ts';

interface Member {
  bus: EventBus;
  heard: BusMessage[];
  gaps: number;
  listeners: number[];
  leave: () => void;
}

interface Backend {
  open: () => Promise<void>;
  close: () => Promise<void>;
  /** One instance more. */
  bus: (prefix?: string) => EventBus;
}

const connections: RedisConnection[] = [];

function redisBackend(start: () => Promise<{ url: string; remove: () => Promise<void> }>): Backend {
  let server: Awaited<ReturnType<typeof start>>;
  return {
    open: async () => {
      server = await start();
    },
    close: async () => {
      for (const connection of connections.splice(0)) connection.close();
      await server.remove();
    },
    bus: (prefix) => redisBus(server.url, prefix),
  };
}

function redisBus(url: string, prefix = 'test'): EventBus {
  return new RedisEventBus({
    open: (onError) => {
      const connection = connectRedis(url, onError);
      connections.push(connection);
      return { client: connection.ready, prefix };
    },
    log: NO_LOG,
  });
}

const alone = new InProcessEventBus();
const BACKENDS: [string, Backend][] = [
  ['in process', { open: async () => {}, close: async () => {}, bus: () => alone }],
  ['Redis', redisBackend(startRedis)],
  ['a Redis cluster with a password', redisBackend(startRedisCluster)],
  ['Redis with a password, behind sentinels', redisBackend(startWatchedRedis)],
];

const members: Member[] = [];
afterEach(() => {
  for (const { leave } of members.splice(0)) leave();
});

async function join(bus: EventBus): Promise<Member> {
  const member: Member = { bus, heard: [], gaps: 0, listeners: [], leave: () => {} };
  member.leave = bus.subscribe({
    onMessage: (message) => member.heard.push(message),
    onQuestion: ({ userId }) => member.listeners.filter((id) => userId === undefined || id === userId),
    onGap: () => {
      member.gaps += 1;
    },
  });
  members.push(member);
  await until(() => bus.isConnected);
  return member;
}

const gone = (userId: number): BusMessage => ({ kind: 'disconnect', userId, keys: ['phone'] });

const eventFor = (targetUserId: number | null): BusMessage => ({
  kind: 'events',
  history: 'first',
  events: [eventOf(targetUserId)],
});

const eventOf = (targetUserId: number | null) => ({
  id: targetUserId === null ? null : 7,
  eventType: 'Note',
  priority: 'HIGH' as const,
  createdAt: new Date('2026-11-25T10:00:00.123Z'),
  expiresAt: targetUserId === null ? null : new Date('2026-11-26T10:00:00.999Z'),
  targetUserId,
  target: targetUserId === null ? null : `user ${targetUserId}`,
  topicId: null,
  payload: { text: 'line\r\n\u2028 \ud800 🔔' },
});

describe.each(BACKENDS)('%s', (name, backend) => {
  const isRedis = name !== 'in process';
  const tags = name.startsWith('a Redis cluster') ? ['long'] : [];
  describe.skipIf(isRedis && !HAS_REDIS)('as a bus', { tags }, () => {
    beforeAll(() => backend.open(), 30_000);
    afterAll(() => backend.close());

    test('whatever is published reaches every instance, its own too, as it was', async () => {
      const [one, two] = [await join(backend.bus()), await join(backend.bus())];
      const messages: BusMessage[] = [
        eventFor(3),
        eventFor(null),
        {
          kind: 'events',
          history: 'first',
          events: [3, 4, 4].map((userId, n) => ({ ...eventOf(userId), id: n + 1 })),
        },
        { kind: 'events', history: 'first', events: [{ ...eventOf(null), id: 9, topicId: 2 }] },
        { kind: 'inbox-changed', userId: 3 },
        gone(5),
      ];
      for (const message of messages) await one.bus.publish(message);
      await until(() => one.heard.length === messages.length && two.heard.length === messages.length);
      expect(one.heard).toEqual(messages);
      expect(two.heard).toEqual(expect.arrayContaining(messages));
    });

    test('what one instance publishes for a user arrives in that order, and once', async () => {
      const [one, two] = [await join(backend.bus()), await join(backend.bus())];
      const changes = Array.from({ length: 300 }, (_, n) => n + 1);
      await Promise.all(
        changes.map((id) =>
          one.bus.publish({ kind: 'events', history: 'first', events: [{ ...eventOf(8), id }] }),
        ),
      );
      await until(() => two.heard.length >= changes.length);
      const order = two.heard.map((message) => message.kind === 'events' && message.events[0]?.id);
      expect(order).toEqual(changes);
    });

    test('after the undo of a subscription, and after a close, nothing is heard', async () => {
      const [one, two] = [await join(backend.bus()), await join(backend.bus())];
      two.leave();
      two.leave();
      await one.bus.publish(gone(1));
      await until(() => one.heard.length === 1);
      expect(two.heard).toEqual([]);
      await one.bus.close();
      await one.bus.close();
      await two.bus.publish(gone(2)).catch(() => {});
      expect(one.heard).toEqual([gone(1)]);
    });

    test('who listens elsewhere is answered by the other instances, each user once', async () => {
      const [one, two, three] = [
        await join(backend.bus()),
        await join(backend.bus()),
        await join(backend.bus()),
      ];
      one.listeners = [1];
      two.listeners = [2, 3];
      three.listeners = [3, 4];
      // An answer that is late is left out.
      let all: number[] = [];
      await until(async () => {
        all = await one.bus.whoListens({ eventType: 'Note' });
        return !isRedis || all.length >= 3;
      });
      expect(all.toSorted()).toEqual(isRedis ? [2, 3, 4] : []);
      expect(await one.bus.whoListens({ eventType: 'Note', userId: 4 })).toEqual(isRedis ? [4] : []);
      expect(await one.bus.whoListens({ eventType: 'Note', userId: 1 })).toEqual([]);
    });
  });
});

describe.skipIf(!HAS_REDIS)('Redis that fails', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  }, 30_000);
  afterAll(async () => {
    for (const connection of connections.splice(0)) connection.close();
    await server.remove();
  });

  test.each(['killed', 'frozen'] as const)(
    'a server that is %s: each hears itself, is told of the gap, and all hear each other again',
    { timeout: 40_000 },
    async (how) => {
      const [one, two] = [await join(redisBus(server.url)), await join(redisBus(server.url))];
      await until(() => one.gaps > 0 && two.gaps > 0);
      if (how === 'killed') await server.kill();
      else server.freeze();
      await until(() => !one.bus.isConnected && !two.bus.isConnected, 15_000);
      await expect(one.bus.publish(gone(1))).rejects.toThrow();
      expect(one.heard).toEqual([gone(1)]);
      expect(await one.bus.whoListens({ eventType: 'Note' })).toEqual([]);
      const gaps = two.gaps;
      if (how === 'killed') await server.start();
      else server.thaw();
      await until(() => one.bus.isConnected && two.bus.isConnected && two.gaps > gaps, 15_000);
      await one.bus.publish(gone(2));
      await until(() => two.heard.some((message) => message.kind === 'disconnect' && message.userId === 2));
      expect(two.heard).toEqual([gone(2)]);
    },
  );

  test('an instance that starts before Redis does joins when it is there', async () => {
    await server.kill();
    const joining = join(redisBus(server.url));
    await server.start();
    const { bus, gaps } = await joining;
    expect(bus.isConnected).toBe(true);
    expect(gaps).toBe(1);
  });

  test('what is no message of ours is left out, and another deployment is not heard', async () => {
    const [one, two] = [await join(redisBus(server.url)), await join(redisBus(server.url))];
    const stranger = await join(redisBus(server.url, 'elsewhere'));
    const connection = connectRedis(server.url, () => {});
    connections.push(connection);
    for (const text of [
      '',
      'not json',
      'null',
      '{"from":"x","message":{"kind":"events"}}',
      '{"from":"x","message":{"kind":"events","groups":[{"shared":{},"each":[[1,null,null]]}]}}',
    ]) {
      await (await connection.ready).sPublish('test:everybody', text);
    }
    await stranger.bus.publish(gone(1));
    await one.bus.publish(gone(2));
    await until(() => two.heard.length > 0);
    expect(two.heard).toEqual([gone(2)]);
    expect(stranger.heard).toEqual([gone(1)]);
  });
});

const WITH_REPLICAS: [string, () => Promise<RedisCluster>][] = [
  ['a Redis cluster', startRedisCluster],
  ['Redis behind sentinels', startWatchedRedis],
];

describe.skipIf(!HAS_REDIS).each(WITH_REPLICAS)('%s that loses a master', { tags: 'long' }, (_, start) => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await start();
  }, 30_000);
  afterAll(async () => {
    for (const connection of connections.splice(0)) connection.close();
    await cluster.remove();
  });

  test('once its replica has taken over, all instances hear each other again, on every channel', async () => {
    const [one, two] = [await join(redisBus(cluster.url)), await join(redisBus(cluster.url))];
    const users = Array.from({ length: 200 }, (_, index) => index + 1);
    const reached = async () => {
      two.heard.length = 0;
      await Promise.all(users.map((userId) => one.bus.publish(gone(userId)).catch(() => {})));
      await until(() => two.heard.length >= users.length, 500).catch(() => {});
      return two.heard.length === users.length;
    };
    expect(await reached()).toBe(true);
    const gaps = two.gaps;
    await cluster.killMaster();
    await until(() => !one.bus.isConnected || !two.bus.isConnected, 15_000);
    await until(async () => (await reached()) && one.bus.isConnected && two.bus.isConnected, 30_000);
    // What was lost meanwhile is to be looked for in the database.
    expect(two.gaps).toBeGreaterThan(gaps);
  }, 60_000);
});
