import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { InProcessEventBus } from '../../lib/belfry/bus/event-bus.ts';
import { EventManager } from '../../lib/belfry/engine/event-manager.ts';
import { EventTypeRegistry } from '../../lib/belfry/engine/event-type.ts';
import {
  type GlobalNotification,
  notificationProvider,
  registerNotificationProvider,
  type Sent,
} from '../../lib/belfry/notifications/provider.ts';
import {
  connectedUsers,
  sendEvent,
  sendGlobalNotification,
  sendUserNotification,
} from '../../lib/belfry/notifications/service.ts';
import { SseNotificationService } from '../../lib/belfry/notifications/sse-notification-service.ts';
import { SystemNotification } from '../../lib/belfry/notifications/system-notification.ts';
import { EventStore } from '../../lib/belfry/storage/event-store.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { Clock, clearEvents, HOUR_MS, MemorySink, NO_LOG, Note, newEvent, until } from '../support/engine.ts';

const ADA = 1;
const BEN = 2;

let database: TestDatabase;
let clock: Clock;
let manager: EventManager;
let service: SseNotificationService;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.remove());

beforeEach(async () => {
  await clearEvents(database.db);
  clock = new Clock();
  const eventTypes = new EventTypeRegistry();
  eventTypes.registerAll([SystemNotification, Note]);
  const store = new EventStore(database.db, clock.now);
  manager = new EventManager({
    store,
    bus: new InProcessEventBus(),
    eventTypes,
    log: NO_LOG,
    now: clock.now,
  });
  await manager.start();
  service = new SseNotificationService({ manager, store, now: clock.now });
});
afterEach(() => manager.shutdown());

function idOf({ id }: Sent): number {
  if (id === null) throw new Error('It was sent inside a transaction.');
  return id;
}

/** Sends to everybody, and gives the id. */
const send = (overrides: Partial<GlobalNotification> = {}) =>
  service.sendGlobalNotification(notice(overrides)).then(idOf);

async function listen(userId: number, eventTypes = ['SystemNotification']): Promise<MemorySink> {
  const sink = new MemorySink();
  manager.connect({
    userId,
    eventTypes,
    sink,
    validUntil: new Date(Date.UTC(2100, 0, 1)),
    session: { id: 'session' },
  });
  await until(() => sink.inbox.length > 0);
  return sink;
}

const notice = (overrides: Partial<GlobalNotification> = {}): GlobalNotification => ({
  title: 'Title',
  message: 'Message',
  ...overrides,
});

const unread = async (userId: number) => (await service.fetchUnread({ userId })).events;

describe('before start-up', () => {
  test('whoever sends too early is told that notifications start with the server', () => {
    expect(() => notificationProvider()).toThrow(expect.objectContaining({ code: 'shutting_down' }));
  });

  test('afterwards the app reaches the provider that registered last, in one line', async () => {
    registerNotificationProvider(service);
    const sink = await listen(ADA, ['SystemNotification', 'Note']);
    const own = await sendUserNotification({ ...notice(), targetUserId: ADA });
    const all = await sendGlobalNotification(notice());
    expect(await sendEvent(Note, ADA, { text: 'progress' })).toBe(true);
    expect(await sendEvent(Note, BEN, { text: 'progress' })).toBe(false);
    expect(await connectedUsers(SystemNotification)).toEqual([ADA]);
    await until(() => sink.ids.length === 3);
    expect(sink.ids).toEqual([own.id, all.id, null]);
  });
});

describe('sending', () => {
  test('one row is written for everybody, however many there are', async () => {
    await service.sendGlobalNotification(notice());
    expect(await database.db.event.count()).toBe(1);
    expect(await unread(4_711)).toHaveLength(1);
  });

  test('a notification for one user waits for them, and nobody else sees it', async () => {
    const { id } = await service.sendUserNotification({
      ...notice({ priority: 'HIGH', link: '/reports/7' }),
      targetUserId: BEN,
    });
    expect(await unread(ADA)).toEqual([]);
    expect(await unread(BEN)).toMatchObject([
      {
        id,
        priority: 'HIGH',
        targetUserId: BEN,
        payload: { title: 'Title', message: 'Message', link: '/reports/7' },
      },
    ]);
  });

  test('without a link there is none in the payload; spaces around the texts are dropped', async () => {
    await service.sendGlobalNotification(notice({ title: '  Title ', message: '\n Line one\nLine two ' }));
    expect((await unread(ADA))[0]?.payload).toEqual({ title: 'Title', message: 'Line one\nLine two' });
  });

  test('a line break is one character, however it was written', async () => {
    await service.sendGlobalNotification(notice({ message: `${'a\r\n'.repeat(4_999)}\rb` }));
    expect((await unread(ADA))[0]?.payload).toMatchObject({ message: `${'a\n'.repeat(4_999)}\nb` });
  });

  test('expiresIn counts in seconds from now; expiresAt is taken as it is', async () => {
    await service.sendGlobalNotification(notice({ expiresIn: 60 }));
    await service.sendGlobalNotification(notice({ expiresAt: clock.in(5_000) }));
    await service.sendGlobalNotification(notice());
    expect((await unread(ADA)).map(({ expiresAt }) => expiresAt)).toEqual([
      null,
      clock.in(5_000),
      clock.in(60_000),
    ]);
  });

  test.each<[string, Partial<GlobalNotification>, string]>([
    ['a title of spaces', { title: '   ' }, 'title'],
    ['a title that is too long', { title: 'x'.repeat(201) }, 'title'],
    ['an empty message', { message: '' }, 'message'],
    ['a message that is too long', { message: 'x'.repeat(10_001) }, 'message'],
    ['a title of two lines', { title: 'One\nTwo' }, 'title'],
    ['a title that nobody can see', { title: '\u200b\u3164' }, 'title'],
    ['a title that turns round how it reads', { title: 'invoice\u202efdp.exe' }, 'title'],
    ['a title with a control character', { title: 'bell \u0007' }, 'title'],
    ['a message that nobody can see', { message: '\u00ad\n\u2060' }, 'message'],
    ['a message that turns round how it reads', { message: 'invoice\u202efdp.exe' }, 'message'],
    ['a message with NUL', { message: 'a\0b' }, 'message'],
    ['half an emoji', { message: 'a \ud83d' }, 'message'],
    ['a link that turns round how it reads', { link: '/\u202efdp' }, 'link'],
    ['a script for a link', { link: 'javascript:alert(1)' }, 'link'],
    ['a script in disguise', { link: ' JaVaScRiPt:alert(1)' }, 'link'],
    ['data for a link', { link: 'data:text/html,x' }, 'link'],
    ['another site without a scheme', { link: '//evil.example' }, 'link'],
    ['another site by a backslash', { link: '/\\evil.example' }, 'link'],
    ['another site by a tab, which browsers leave out', { link: '/\t/evil.example' }, 'link'],
    ['another site by a line break, which browsers leave out', { link: '/\n/evil.example' }, 'link'],
    ['a relative link', { link: 'reports' }, 'link'],
    ['half an address', { link: 'https://' }, 'link'],
    ['a link that is too long', { link: `/${'x'.repeat(2_000)}` }, 'link'],
    ['an expiry in the past', { expiresAt: new Date(0) }, 'expiresAt'],
    ['an expiry at this very millisecond', { expiresAt: new Clock().now() }, 'expiresAt'],
    ['an expiry in eleven years', { expiresAt: new Clock().in(11 * 365 * 24 * HOUR_MS) }, 'expiresAt'],
    ['two expiries', { expiresAt: new Clock().in(1_000), expiresIn: 1 }, 'expiresAt'],
    ['an expiry that is no time', { expiresAt: new Date('never') }, 'expiresAt'],
    ['an expiry of no seconds', { expiresIn: 0 }, 'expiresIn'],
    ['an endless expiry', { expiresIn: Number.POSITIVE_INFINITY }, 'expiresIn'],
    ['an empty key', { idempotencyKey: '' }, 'idempotencyKey'],
  ])('%s is refused for its field, and nothing is stored', async (_, overrides, field) => {
    await expect(service.sendGlobalNotification(notice(overrides))).rejects.toMatchObject({
      code: 'invalid_input',
      fieldErrors: { [field]: [expect.stringMatching(/\.$/)] },
    });
    expect(await database.db.event.count()).toBe(0);
  });

  test.each([0, -1, 1.5, 2 ** 31, Number.NaN])('a user cannot have the id %s', async (targetUserId) => {
    await expect(service.sendUserNotification({ ...notice(), targetUserId })).rejects.toMatchObject({
      fieldErrors: { targetUserId: [expect.any(String)] },
    });
  });

  test.each(['/reports?id=7#end', 'https://example.com/a', 'http://example.com', '/'])(
    '%s is a link',
    async (link) => {
      await service.sendGlobalNotification(notice({ link }));
      expect((await unread(ADA))[0]?.payload).toMatchObject({ link });
    },
  );

  test('one key sends once, live too, whatever it is used for again', async () => {
    const sink = await listen(ADA);
    const keyed = notice({ idempotencyKey: 'report-7' });
    const ids = [
      (await service.sendGlobalNotification(keyed)).id,
      (await service.sendGlobalNotification(keyed)).id,
    ];
    expect(ids[1]).toBe(ids[0]);
    expect(await service.sendGlobalNotification({ ...keyed, title: 'Another' })).toEqual({ id: ids[0] });
    const last = await service.sendGlobalNotification(notice());
    await until(() => sink.ids.includes(last.id));
    expect(sink.ids).toEqual([ids[0], last.id]);
  });
});

describe("in the caller's own transaction", () => {
  test('it is stored with the commit, and becomes a notification right after it', async () => {
    const sink = await listen(ADA);
    await database.db.$transaction(async (tx) => {
      const sent = await service.sendUserNotification({ ...notice(), targetUserId: ADA }, { tx });
      expect(sent).toEqual({ id: null });
      await manager.catchUp();
      expect(await unread(ADA)).toEqual([]);
    });
    await until(() => sink.ids.length === 1);
    expect((await unread(ADA)).map(({ id }) => id)).toEqual(sink.ids);
  });

  test('a roll-back takes it along, and nobody is ever told', async () => {
    const sink = await listen(ADA);
    const failing = database.db.$transaction(async (tx) => {
      await service.sendUserNotification({ ...notice(), targetUserId: ADA }, { tx });
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    const last = await send();
    await until(() => sink.ids.includes(last));
    await manager.catchUp();
    expect(sink.ids).toEqual([last]);
    expect(await database.db.outboxEvent.count()).toBe(0);
  });

  test('one key makes one notification, whether it was sent inside a transaction or not', async () => {
    const keyed = { ...notice(), targetUserId: ADA, idempotencyKey: 'once' };
    const within = () => database.db.$transaction((tx) => service.sendUserNotification(keyed, { tx }));
    await within();
    await within();
    await manager.catchUp();
    await within();
    await manager.catchUp();
    await service.sendUserNotification(keyed);
    expect(await unread(ADA)).toHaveLength(1);
    expect(await database.db.outboxEvent.count()).toBe(0);
  });

  test('what was committed by a process that ended right then is published by the next one', async () => {
    const store = new EventStore(database.db, clock.now);
    const event = newEvent({ eventType: SystemNotification.name, payload: notice(), targetUserId: ADA });
    await database.db.$transaction((tx) => store.appendWithin(tx, event));
    const sink = await listen(ADA);
    await manager.catchUp();
    await until(() => sink.ids.length === 1);
  });

  test('several at once publish each notification once', async () => {
    const sink = await listen(ADA);
    const stores = [new EventStore(database.db, clock.now), new EventStore(database.db, clock.now)];
    await database.db.$transaction(async (tx) => {
      for (let n = 0; n < 20; n += 1)
        await service.sendUserNotification({ ...notice(), targetUserId: ADA }, { tx });
    });
    await Promise.all([...stores.map((store) => store.publishOutbox()), manager.catchUp()]);
    await manager.catchUp();
    expect(await unread(ADA)).toHaveLength(20);
    await until(() => sink.ids.length === 20);
    expect(new Set(sink.ids).size).toBe(20);
  });
});

describe('reading and dismissing', () => {
  test('pages cover everything once, and the last says so', async () => {
    const sent: number[] = [];
    for (let n = 0; n < 7; n += 1) sent.push(await send());
    const seen: number[][] = [];
    let cursor: number | undefined;
    do {
      const page = await service.fetchUnread({ userId: ADA, cursor, limit: 3 });
      expect(page.unreadTotal).toBe(7);
      seen.push(page.events.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen.map(({ length }) => length)).toEqual([3, 3, 1]);
    expect(seen.flat()).toEqual(sent.toReversed());
  });

  test('a page that is just full is the last one', async () => {
    for (let n = 0; n < 3; n += 1) await service.sendGlobalNotification(notice());
    expect((await service.fetchUnread({ userId: ADA, limit: 3 })).nextCursor).toBeNull();
  });

  test('a dismissal answers with the new totals and tells the other tabs; of nothing, nobody is told', async () => {
    const id = await send();
    const foreign = await service.sendUserNotification({ ...notice(), targetUserId: BEN }).then(idOf);
    const sink = await listen(ADA);
    expect(await service.dismissItems({ userId: ADA, ids: [foreign] })).toMatchObject({
      unreadTotal: 1,
      revision: 0,
    });
    expect(await service.dismissItems({ userId: ADA, ids: [id, foreign] })).toMatchObject({
      unreadTotal: 0,
      revision: 1,
    });
    await until(() => sink.inbox.length > 1);
    expect(sink.inbox.slice(1).map(({ dismissed }) => dismissed)).toEqual([[id]]);
    expect(await unread(BEN)).toHaveLength(2);
  });

  test('clearing answers with the mark and the totals, and tells the other tabs', async () => {
    const { id } = await service.sendGlobalNotification(notice());
    const sink = await listen(ADA);
    expect(await service.dismissAll({ userId: ADA })).toMatchObject({ clearedThroughId: id, unreadTotal: 0 });
    await until(() => sink.inbox.length > 1);
    expect(sink.inbox[1]).toMatchObject({ cleared: true, clearedThroughId: id });
  });

  test('what became of the global notices is told newest first, the expired ones included', async () => {
    const first = await send({ expiresIn: 1, sentBy: 'Quinn' });
    await service.sendUserNotification({ ...notice(), targetUserId: ADA });
    const second = await send();
    await service.dismissItems({ userId: ADA, ids: [first] });
    clock.advance(2_000);
    expect(
      (await service.recentGlobalNotifications(10)).map(({ id, dismissedBy, sentBy }) => [
        id,
        dismissedBy,
        sentBy,
      ]),
    ).toEqual([
      [second, 0, null],
      [first, 1, 'Quinn'],
    ]);
    expect(await service.recentGlobalNotifications(1)).toHaveLength(1);
  });
});
