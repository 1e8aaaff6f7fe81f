/** Two engines on one database, with a real Redis between them: what a user on one sees of what happens on the other. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RedisEventBus } from '../../lib/belfry/bus/redis-event-bus.ts';
import { EVERYBODY } from '../../lib/belfry/protocol/event.ts';
import { RateLimiter } from '../../lib/http/rate-limit.ts';
import { connectRedis, type RedisConnection } from '../../lib/redis/redis.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { clearEvents, createEngine, NO_LOG, Note, Other, type TestEngine, until } from '../support/engine.ts';
import { HAS_REDIS, type RedisServer, startRedis } from '../support/redis.ts';

const ADA = 1;
const BEN = 2;

describe.skipIf(!HAS_REDIS)('two instances', () => {
  let database: TestDatabase;
  let redis: RedisServer;
  let connections: RedisConnection[];
  let here: TestEngine;
  let there: TestEngine;

  beforeAll(async () => {
    [database, redis] = await Promise.all([freshDatabase(), startRedis()]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([database.remove(), redis.remove()]);
  });
  beforeEach(async () => {
    await clearEvents(database.db);
    connections = [];
    [here, there] = [instance(), instance()];
    await Promise.all([here.manager.start(), there.manager.start()]);
    await until(() => here.bus.isConnected && there.bus.isConnected);
  });
  afterEach(async () => {
    await Promise.all([here.manager.shutdown(), there.manager.shutdown()]);
    for (const connection of connections) connection.close();
  });

  function connect(): RedisConnection {
    const connection = connectRedis(redis.url, () => {});
    connections.push(connection);
    return connection;
  }

  function instance(): TestEngine {
    const open = () => ({ client: connect().ready, prefix: 'test' });
    return createEngine(database.db, { bus: new RedisEventBus({ open, log: NO_LOG }) });
  }

  async function dismissHere(id: number): Promise<void> {
    await here.store.inbox.dismiss({ userId: ADA, eventIds: [id] });
    here.manager.announceInboxChange(ADA);
  }

  const only = (userId: number) => ({ targetUserId: userId, target: String(userId), topicId: null });
  const note = (userId: number | null, text = 'hello') =>
    [{ eventType: 'Note', payload: { text } }, userId === null ? EVERYBODY : only(userId)] as const;

  test('what is sent on one reaches its addressee on the other, once and in order, and nobody else', async () => {
    const [ada, ben] = [await there.connected(ADA), await there.connected(BEN)];
    const ids: number[] = [];
    for (let n = 0; n < 50; n += 1) ids.push((await here.manager.create(...note(n % 2 ? ADA : null))).id);
    await until(() => ada.sink.ids.length >= 50 && ben.sink.ids.length >= 25);
    // A look into the database finds nothing that was not there.
    await there.manager.catchUp();
    expect(ada.sink.ids).toEqual(ids);
    expect(ben.sink.ids).toEqual(ids.filter((_, n) => n % 2 === 0));
  });

  test('a dismissal and a clear on one are known on the other', async () => {
    const { sink } = await there.connected(ADA);
    const { id } = await here.manager.create(...note(ADA));
    await dismissHere(id);
    await until(() => sink.inbox.length === 2);
    expect(sink.inbox[1]).toMatchObject({ kind: 'changes', changed: [{ id }], unreadTotal: 0 });
    const change = await here.store.inbox.clear({ userId: ADA });
    here.manager.announceInboxChange(ADA);
    await until(() => sink.inbox.length === 3);
    expect(sink.inbox[2]?.state.endsWith(`.${change.revision}`)).toBe(true);
  });

  test('a session that was ended on one is disconnected on the other, and no other session is', async () => {
    const [ada, ben] = [await there.connected(ADA), await there.connected(BEN)];
    const laptop = await there.connected(ADA, { credentials: { key: 'laptop' } });
    here.manager.disconnect({ userId: ADA, keys: [ada.stream.credentials.key] });
    await until(() => ada.stream.closed);
    expect([laptop.stream.closed, ben.stream.closed]).toEqual([false, false]);
  });

  test('an ephemeral event finds its user wherever they are, and says whether anybody was there', async () => {
    expect(await here.manager.sendEphemeral(Note, only(ADA), { text: 'anyone?' })).toBe(false);
    const { sink } = await there.connected(ADA);
    expect(await here.manager.sendEphemeral(Note, only(ADA), { text: 'there' })).toBe(true);
    expect(await here.manager.sendEphemeral(Other, only(ADA), { text: 'another type' })).toBe(false);
    const own = await here.connected(ADA);
    expect(await here.manager.sendEphemeral(Note, only(ADA), { text: 'both' })).toBe(true);
    await until(() => sink.events.length === 2 && own.sink.events.length === 1);
    expect(sink.events.map(({ payload }) => payload)).toEqual([{ text: 'there' }, { text: 'both' }]);
  });

  test('who listens is asked of both, and each user counts once', async () => {
    await here.connected(ADA);
    await there.connected(ADA);
    await there.connected(BEN);
    expect((await here.manager.connectedUsers(Note)).toSorted()).toEqual([ADA, BEN]);
    expect((await there.manager.connectedUsers(Note)).toSorted()).toEqual([ADA, BEN]);
    expect(await here.manager.connectedUsers(Other)).toEqual([]);
  });

  test('without Redis what is sent on one still reaches the other; so does a dismissal', async () => {
    const [ada, ben] = [await there.connected(ADA), await there.connected(BEN)];
    const { id } = await here.manager.create(...note(null, 'before'));
    await until(() => ada.sink.ids.length === 1);
    await redis.kill();
    await until(() => !there.bus.isConnected);
    const lost = await here.manager.create(...note(null, 'while it was gone'));
    await dismissHere(id);
    await until(() => ben.sink.ids.length === 2 && ada.sink.inbox.length > 1, 10_000);
    expect(ben.sink.ids).toEqual([id, lost.id]);
    expect([ada.stream.closed, ben.stream.closed]).toEqual([false, false]);
    expect(ada.sink.inbox[1]).toMatchObject({ unreadTotal: 1 });
    await redis.start();
    await until(() => here.bus.isConnected && there.bus.isConnected);
    const after = await here.manager.create(...note(null, 'after'));
    await until(() => ben.sink.ids.includes(after.id));
    expect(ben.sink.ids).toEqual([id, lost.id, after.id]);
  }, 30_000);

  test('a limit is one limit for both; without Redis each counts for itself, and nobody is shut out', async () => {
    const sharing = { connection: connect(), prefix: 'test', isAnswering: () => true };
    await sharing.connection.ready;
    const limit = { name: 'tries', points: 3, seconds: 60 };
    const [one, two] = [new RateLimiter(limit, () => sharing), new RateLimiter(limit, () => sharing)];
    for (const limiter of [one, two, one]) await limiter.consume('ada');
    await expect(two.consume('ada')).rejects.toMatchObject({ msBeforeNext: expect.any(Number) });
    expect(await one.usage('ada')).toMatchObject({ consumedPoints: 4 });
    await two.forget('ada');
    expect(await one.usage('ada')).toBeNull();
    await redis.kill();
    await until(async () => (await two.consume('ben').catch(() => null)) !== null);
    await redis.start();
  }, 30_000);
});
