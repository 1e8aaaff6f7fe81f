import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { InProcessEventBus } from '../../lib/belfry/bus/event-bus.ts';
import { type Belfry, createBelfry } from '../../lib/belfry/create-belfry.ts';
import { EventTypeRegistry } from '../../lib/belfry/definitions/registry.ts';
import type { EventManager } from '../../lib/belfry/engine/event-manager.ts';
import { InboxReader } from '../../lib/belfry/inbox/inbox-reader.ts';
import type {
  GlobalNotification,
  NotificationProvider,
  Sent,
} from '../../lib/belfry/notifications/provider.ts';
import { SystemNotification } from '../../lib/belfry/notifications/system-notification.ts';
import { EventLog } from '../../lib/belfry/storage/event-log.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { ON_POSTGRESQL } from '../support/empty-database.ts';
import {
  Clock,
  clearEvents,
  HOUR_MS,
  MemorySink,
  NO_LOG,
  Note,
  newSending,
  portOf,
  until,
} from '../support/engine.ts';

// The app's own ids, whatever they look like.
const ADA = '1';
const BEN = 'c9f2-ben';
const NOBODY = 'nobody';

let database: TestDatabase;
let clock: Clock;
let belfry: Belfry;
let manager: EventManager;
let service: NotificationProvider;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.remove());

beforeEach(async () => {
  await clearEvents(database.db);
  clock = new Clock();
  const eventTypes = new EventTypeRegistry();
  eventTypes.registerAll([SystemNotification, Note]);
  belfry = createBelfry({
    database: portOf(database.db),
    bus: new InProcessEventBus(),
    types: eventTypes,
    users: { find: async (ids) => ids.filter((id) => id !== NOBODY) },
    log: NO_LOG,
    now: clock.now,
  });
  await belfry.start();
  manager = belfry.eventManager;
  service = belfry.notifications;
});
afterEach(() => belfry.shutdown());

/** As a back-up that goes so far, and holds nothing that anybody did with their items, is put back under the running server. */
async function putBack({ eventId, revision }: { eventId: number; revision: number }): Promise<void> {
  const { db } = database;
  await db.$transaction([
    db.belfryEventReceipt.deleteMany(),
    db.belfryInbox.deleteMany(),
    db.belfryInboxChange.deleteMany({ where: { revision: { gt: revision } } }),
    db.belfryEvent.deleteMany({ where: { id: { gt: eventId } } }),
  ]);
  for (const [table, column, last] of [
    ['belfry_event', 'id', eventId],
    ['belfry_inbox_change', 'revision', revision],
  ] as const) {
    if (ON_POSTGRESQL) {
      await db.$queryRaw`SELECT setval(pg_get_serial_sequence(${table}, ${column}), ${last + 1}::bigint, false)::text`;
    } else await db.$executeRaw`UPDATE sqlite_sequence SET seq = ${last} WHERE name = ${table}`;
  }
}

function idOf({ id }: Sent): number {
  if (id === null) throw new Error('It was sent inside a transaction.');
  return id;
}

/** Sends to everybody, and gives the id. */
const send = (overrides: Partial<GlobalNotification> = {}) =>
  service.sendGlobalNotification(notice(overrides)).then(idOf);

async function listen(userId: string, eventTypes = ['SystemNotification']): Promise<MemorySink> {
  const sink = new MemorySink();
  const credentials = { userId, expiresAt: new Date(Date.UTC(2100, 0, 1)), key: 'session' };
  (await belfry.prepareStream({ credentials, eventTypes }))(sink);
  await until(() => sink.inbox.length > 0);
  return sink;
}

const notice = (overrides: Partial<GlobalNotification> = {}): GlobalNotification => ({
  title: 'Title',
  message: 'Message',
  ...overrides,
});

const unread = async (userId: string) => (await service.fetchPage({ userId })).notifications;

/** Another instance on the same database. */
function anotherBelfry(): Belfry {
  const types = new EventTypeRegistry();
  types.registerAll([SystemNotification, Note]);
  const bus = new InProcessEventBus();
  return createBelfry({ database: portOf(database.db), bus, types, log: NO_LOG, now: clock.now });
}

describe('sending later', () => {
  const titles = async (userId: string) => (await unread(userId)).map(({ title }) => title);

  test('what is sent later is nowhere until then, and is there then, live and once, as sent at that moment', async () => {
    const sink = await listen(ADA);
    const at = clock.in(HOUR_MS);
    expect(await service.sendGlobalNotification(notice({ at, expiresIn: 60 }))).toEqual({ id: null });
    clock.advance(HOUR_MS - 1);
    await belfry.jobs.runDue();
    expect([await titles(ADA), await database.db.belfryEvent.count()]).toEqual([[], 0]);
    clock.advance(1);
    await Promise.all([belfry.jobs.runDue(), anotherBelfry().jobs.runDue()]);
    await until(() => sink.ids.length > 0);
    expect(await unread(ADA)).toMatchObject([
      { title: 'Title', createdAt: at.toISOString(), expiresAt: clock.in(60_000).toISOString() },
    ]);
    await belfry.jobs.runDue();
    expect(await database.db.belfryEvent.count()).toBe(1);
  });

  test('when nobody was there at that time, it is sent as soon as an instance is', async () => {
    await service.notify(SystemNotification, {
      to: { users: [ADA, BEN] },
      payload: notice(),
      at: clock.in(HOUR_MS),
    });
    await belfry.shutdown();
    clock.advance(3 * HOUR_MS);
    belfry = anotherBelfry();
    await belfry.start();
    service = belfry.notifications;
    await until(async () => (await unread(BEN)).length > 0);
    expect([await titles(ADA), await titles(BEN)]).toEqual([['Title'], ['Title']]);
  });

  test('a topic has as its audience whoever belongs to it then', async () => {
    await service.subscribe({ userId: ADA, topic: 'project:7' });
    await service.notify(Note, {
      to: { topic: 'project:7' },
      payload: { text: 'hi' },
      at: clock.in(HOUR_MS),
    });
    await service.unsubscribe({ userId: ADA, topic: 'project:7' });
    await service.subscribe({ userId: BEN, topic: 'project:7' });
    clock.advance(HOUR_MS);
    await belfry.jobs.runDue();
    await until(async () => (await unread(BEN)).length > 0);
    expect(await unread(ADA)).toEqual([]);
  });

  test('inside a transaction it is planned with it, and not after a roll-back', async () => {
    const at = clock.in(HOUR_MS);
    const plan = (title: string, fails: boolean) =>
      database.db.$transaction(async (tx) => {
        await service.sendUserNotification({ ...notice({ title, at }), targetUserId: ADA }, { tx });
        if (fails) throw new Error('rolled back');
      });
    await plan('kept', false);
    await expect(plan('gone', true)).rejects.toThrow('rolled back');
    clock.advance(HOUR_MS);
    await belfry.jobs.runDue();
    await until(async () => (await unread(ADA)).length > 0);
    expect(await titles(ADA)).toEqual(['kept']);
  });

  test('with one idempotency key it is sent once, planned twice or sent at once meanwhile', async () => {
    const planned = notice({ at: clock.in(HOUR_MS), idempotencyKey: 'later' });
    await service.sendGlobalNotification(planned);
    await service.sendGlobalNotification(planned);
    await service.sendGlobalNotification(notice({ idempotencyKey: 'later' }));
    clock.advance(HOUR_MS);
    await belfry.jobs.runDue();
    await manager.catchUp();
    expect(await titles(ADA)).toEqual(['Title']);
  });

  test.each([
    ['in the past', -1],
    ['now', 0],
    ['more than a year ahead', 366 * 24 * HOUR_MS],
  ])('a time %s is refused with a sentence, and nothing is planned', async (_, ahead) => {
    await expect(service.sendGlobalNotification(notice({ at: clock.in(ahead) }))).rejects.toMatchObject({
      code: 'invalid_input',
      fieldErrors: { at: [expect.stringMatching(/^at lies .*: choose .*\.$/)] },
    });
    expect(await database.db.belfryJob.count({ where: { kind: 'belfry.send' } })).toBe(0);
  });

  test('what could not be sent now is refused now: an unknown user, a payload of another type, an expiry before it', async () => {
    const at = clock.in(HOUR_MS);
    const refused = { code: 'invalid_input' };
    await expect(
      service.sendUserNotification({ ...notice({ at }), targetUserId: NOBODY }),
    ).rejects.toMatchObject(refused);
    await expect(
      service.notify(Note, { to: 'everyone', payload: { text: 7 } as never, at }),
    ).rejects.toMatchObject(refused);
    await expect(
      service.sendGlobalNotification(notice({ at, expiresAt: clock.in(60_000) })),
    ).rejects.toMatchObject(refused);
    expect(await database.db.belfryJob.count({ where: { kind: 'belfry.send' } })).toBe(0);
  });
});

describe('sending', () => {
  test('one row is written for everybody, however many there are', async () => {
    await service.sendGlobalNotification(notice());
    expect(await database.db.belfryEvent.count()).toBe(1);
    expect(await unread('somebody who comes later')).toHaveLength(1);
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
      clock.in(5_000).toISOString(),
      clock.in(60_000).toISOString(),
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
    expect(await database.db.belfryEvent.count()).toBe(0);
  });

  test.each(['', '  ', 'x'.repeat(256), 'a\0b', '\ud800', -1, 1.5, Number.NaN])(
    'a user cannot have the id %j',
    async (targetUserId) => {
      await expect(service.sendUserNotification({ ...notice(), targetUserId })).rejects.toMatchObject({
        fieldErrors: { targetUserId: [expect.any(String)] },
      });
    },
  );

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

describe('to several, to a topic', () => {
  const payload = { title: 'Title', message: 'Message' };

  test('people who are named have one each, all or nothing', async () => {
    const to = { users: [ADA, BEN, ADA] };
    const { id } = await service.notify(SystemNotification, { to, payload });
    expect([(await unread(ADA)).map((item) => item.id), (await unread(BEN)).length]).toEqual([[id], 1]);
    expect(await database.db.belfryEvent.count()).toBe(2);
    await expect(
      service.notify(SystemNotification, { to: { users: [ADA, NOBODY] }, payload }),
    ).rejects.toMatchObject({ code: 'invalid_input', message: expect.stringContaining('"nobody"') });
    expect(await database.db.belfryEvent.count()).toBe(2);
  });

  test('ten thousand people are one statement', async () => {
    const users = Array.from({ length: 10_000 }, (_, n) => `person ${n}`);
    const { id } = await service.notify(SystemNotification, { to: { users }, payload });
    expect(await database.db.belfryEvent.count()).toBe(10_000);
    expect((await unread('person 9999')).map((item) => [item.id, item.targetUserId])).toEqual([
      [(id ?? 0) + 9_999, 'person 9999'],
    ]);
  });

  test('whoever follows a topic has what is sent to it, as one row', async () => {
    expect(await service.subscribe({ userId: ADA, topic: ' project:7 ' })).toEqual({ changed: true });
    expect(await service.subscribe({ userId: ADA, topic: 'project:7' })).toEqual({ changed: false });
    await service.subscribe({ userId: BEN, topic: 'project:7' });
    expect(await service.topicsOf(ADA)).toEqual(['project:7']);
    expect(await service.membersOf('project:7')).toEqual([ADA, BEN]);
    const sink = await listen(ADA);
    await service.notify(SystemNotification, { to: { topic: 'project:7' }, payload });
    await until(() => sink.ids.length === 1);
    expect([(await unread(BEN)).length, (await unread(NOBODY)).length]).toEqual([1, 0]);
    expect(await database.db.belfryEvent.count()).toBe(1);
    await service.unsubscribe({ userId: BEN, topic: 'project:7' });
    await service.notify(SystemNotification, { to: { topic: 'project:7' }, payload });
    expect([(await unread(BEN)).length, (await unread(ADA)).length]).toEqual([1, 2]);
  });

  test.each(['', '  ', 'x'.repeat(201), 'two\nlines', 'nul \0', '\u200b'])(
    '%j is no name of a topic',
    async (topic) => {
      await expect(service.subscribe({ userId: ADA, topic })).rejects.toMatchObject({
        code: 'invalid_input',
      });
      await expect(service.notify(SystemNotification, { to: { topic }, payload })).rejects.toMatchObject({
        code: 'invalid_input',
      });
      expect(await database.db.belfryTopic.count()).toBe(0);
    },
  );

  test('in a transaction of the caller all of them come with its commit', async () => {
    await database.db.$transaction((tx) =>
      service.notify(
        SystemNotification,
        { to: { users: ['new one', 'new two'] }, payload, idempotencyKey: 'k' },
        { tx },
      ),
    );
    await database.db.$transaction((tx) =>
      service.notify(
        SystemNotification,
        { to: { users: ['new one', 'new two'] }, payload, idempotencyKey: 'k' },
        { tx },
      ),
    );
    await manager.catchUp();
    expect([(await unread('new one')).length, (await unread('new two')).length]).toEqual([1, 1]);
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
    expect(await database.db.belfryOutboxEvent.count()).toBe(0);
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
    expect(await database.db.belfryOutboxEvent.count()).toBe(0);
  });

  test('what was committed by a process that ended right then is published by the next one', async () => {
    await unread(ADA);
    const sending = newSending({
      eventType: SystemNotification.name,
      createdAt: clock.now(),
      payload: notice(),
      audience: { user: ADA },
    });
    const port = portOf(database.db);
    await database.db.$transaction((tx) => new EventLog(port).appendWithin(port.within(tx), sending));
    const sink = await listen(ADA);
    await manager.catchUp();
    await until(() => sink.ids.length === 1);
  });

  test('several at once publish each notification once', async () => {
    const sink = await listen(ADA);
    const logs = [new EventLog(portOf(database.db)), new EventLog(portOf(database.db))];
    await database.db.$transaction(async (tx) => {
      for (let n = 0; n < 20; n += 1)
        await service.sendUserNotification({ ...notice(), targetUserId: ADA }, { tx });
    });
    await Promise.all([...logs.map((log) => log.publishOutbox()), manager.catchUp()]);
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
    let cursor: string | undefined;
    do {
      const page = await service.fetchPage({ userId: ADA, cursor, limit: 3 });
      expect(page.unreadTotal).toBe(7);
      seen.push(page.notifications.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen.map(({ length }) => length)).toEqual([3, 3, 1]);
    expect(seen.flat()).toEqual(sent.toReversed());
  });

  test('a page that is just full is the last one', async () => {
    for (let n = 0; n < 3; n += 1) await service.sendGlobalNotification(notice());
    expect((await service.fetchPage({ userId: ADA, limit: 3 })).nextCursor).toBeNull();
  });

  test('a dismissal answers with the new totals and tells the other tabs; of nothing, nobody is told', async () => {
    const id = await send();
    const foreign = await service.sendUserNotification({ ...notice(), targetUserId: BEN }).then(idOf);
    const sink = await listen(ADA);
    const nothing = await service.dismiss({ userId: ADA, ids: [foreign] });
    expect(nothing).toMatchObject({ unreadTotal: 1 });
    expect(nothing).not.toHaveProperty('undo');
    const change = await service.dismiss({ userId: ADA, ids: [id, foreign] });
    expect(change).toMatchObject({ unreadTotal: 0, totals: { inbox: 0, done: 1 }, undo: expect.any(String) });
    await until(() => sink.inbox.length > 1);
    expect(sink.inbox.slice(1)).toMatchObject([{ kind: 'changes', changed: [{ id }], state: change.state }]);
    expect(await unread(BEN)).toHaveLength(2);
  });

  test('a clear is told to the other tabs, and its undo brings everything back', async () => {
    const id = await send();
    const sink = await listen(ADA);
    const change = await service.clear({ userId: ADA, throughId: id });
    expect(change).toMatchObject({ unreadTotal: 0, totals: { done: 1 } });
    await until(() => sink.inbox.length === 2);
    expect(await service.undo({ userId: ADA, undo: change.undo ?? '' })).toMatchObject({ unreadTotal: 1 });
    await until(() => sink.inbox.length === 3);
    expect(sink.inbox[2]).toMatchObject({ kind: 'changes', changed: [{ id, doneAt: null }] });
  });

  test('what changed since a state is told, and of another history or of none it cannot be', async () => {
    const { state } = await service.fetchPage({ userId: ADA });
    const id = await send();
    const changes = await service.fetchChanges({ userId: ADA, since: state });
    expect(changes).toMatchObject({ changed: [{ id }], removed: [], hasMore: false, unreadTotal: 1 });
    expect(await service.fetchChanges({ userId: ADA, since: changes.state })).toMatchObject({ changed: [] });
    for (const since of ['', 'x', state.replace(/^\w+/, 'other'), `${state}9`, '-1.-1.-1']) {
      await expect(service.fetchChanges({ userId: ADA, since })).rejects.toMatchObject({
        code: 'cannot_calculate_changes',
        status: 409,
      });
    }
  });

  test('a state that is ahead of a back-up which was put back is told nothing, also before anybody has noticed', async () => {
    const first = await send();
    await send();
    const { state } = await service.fetchPage({ userId: ADA });
    await putBack({ eventId: first, revision: 0 });
    await expect(service.fetchChanges({ userId: ADA, since: state })).rejects.toMatchObject({ status: 409 });
  });

  test('a back-up that lacks the last change alone ends all streams, also where nobody had looked since', async () => {
    const id = await send();
    const sink = await listen(ADA);
    const { state } = await service.dismiss({ userId: ADA, ids: [id] });
    await putBack({ eventId: id, revision: Number(state.split('.').at(-1)) - 1 });
    await until(() => sink.ended === 'closed');
    await expect(service.fetchChanges({ userId: ADA, since: state })).rejects.toMatchObject({ status: 409 });
  });

  test('a change that gets the revision of one before it ends all streams, and is answered in another history', async () => {
    const id = await send();
    const sink = await listen(ADA);
    const { state } = await service.dismiss({ userId: ADA, ids: [id] });
    await putBack({ eventId: id, revision: Number(state.split('.').at(-1)) - 1 });
    const again = await service.clear({ userId: BEN });
    expect(again.state.split('.').slice(1)).toEqual(state.split('.').slice(1));
    expect(again.state).not.toBe(state);
    expect(sink.ended).toBe('closed');
  });

  test.each([
    ['readChanges', (since: string) => service.fetchChanges({ userId: ADA, since })],
    ['readPage', () => service.fetchPage({ userId: ADA })],
    ['readSummary', () => service.clear({ userId: ADA })],
  ] as const)(
    'what %s gave before it turned out that a back-up was put back is answered in the history of then',
    async (method, ask) => {
      const first = await send();
      await send();
      const { state } = await service.fetchPage({ userId: ADA });
      const reads = InboxReader.prototype as unknown as Record<string, (given: unknown) => Promise<unknown>>;
      const read = reads[method] as (given: unknown) => Promise<unknown>;
      vi.spyOn(reads, method).mockImplementationOnce(async function (this: unknown, given) {
        const answer = await read.call(this, given);
        await putBack({ eventId: first, revision: 0 });
        await send();
        return answer;
      });
      const asOf = (await ask(state)).state;
      expect(asOf.split('.')[0]).toBe(state.split('.')[0]);
      await expect(service.fetchChanges({ userId: ADA, since: asOf })).rejects.toMatchObject({ status: 409 });
    },
  );

  test('what is done is counted anew when a back-up was put back, also where revisions are used again', async () => {
    const first = await send();
    const others = [await send(), await send()];
    const { state, totals } = await service.dismiss({ userId: ADA, ids: [first] });
    expect(totals.done).toBe(1);
    await putBack({ eventId: first, revision: Number(state.split('.').at(-1)) - 1 });
    expect([await send(), await send()]).toEqual(others);
    const again = await service.clear({ userId: ADA, throughId: others[1] });
    expect(again.state.split('.').at(-1)).toBe(state.split('.').at(-1));
    expect(again.totals).toEqual({ unread: 0, inbox: 0, done: 3, snoozed: 0 });
  });

  test.each([
    ['in the past', -1],
    ['at this very moment', 0],
    ['beyond a year', 366 * 24 * HOUR_MS],
  ])('to put off until %s is refused, and changes nothing', async (_, ahead) => {
    const id = await send();
    await expect(service.snooze({ userId: ADA, ids: [id], until: clock.in(ahead) })).rejects.toMatchObject({
      code: 'invalid_input',
      fieldErrors: { until: [expect.any(String)] },
    });
    expect(await unread(ADA)).toHaveLength(1);
  });

  test('what was put off comes back by itself when the time has come, as new and on top', async () => {
    const [first, second] = [await send(), await send()];
    await service.read({ userId: ADA, ids: [first] });
    await service.snooze({ userId: ADA, ids: [first], until: clock.in(HOUR_MS) });
    const sink = await listen(ADA);
    expect(sink.ids).toEqual([second]);
    await belfry.jobs.runDue();
    expect(sink.inbox).toHaveLength(1);
    clock.advance(HOUR_MS);
    await belfry.jobs.runDue();
    await until(() => sink.inbox.length === 2);
    expect(sink.inbox[1]).toMatchObject({
      kind: 'changes',
      unreadTotal: 2,
      changed: [{ id: first, readAt: null, snoozedUntil: null, orderId: second + 1 }],
    });
    const { notifications } = await service.fetchPage({ userId: ADA });
    expect(notifications.map(({ id }) => id)).toEqual([first, second]);
  });

  test('what became of the global notices is told newest first, the expired ones included', async () => {
    const first = await send({ expiresIn: 1, sentBy: 'Quinn' });
    await service.sendUserNotification({ ...notice(), targetUserId: ADA });
    const second = await send();
    await service.dismiss({ userId: ADA, ids: [first] });
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
