import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { InProcessEventBus } from '../../lib/belfry/bus/event-bus.ts';
import { type Belfry, createBelfry } from '../../lib/belfry/create-belfry.ts';
import type { EventType } from '../../lib/belfry/definitions/event-type.ts';
import { defineNotification } from '../../lib/belfry/definitions/notification-type.ts';
import { SystemNotification } from '../../lib/belfry/notifications/system-notification.ts';
import type { Mode, NotificationSettings } from '../../lib/belfry/protocol/settings.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { Clock, clearEvents, MemorySink, NO_LOG, portOf, until } from '../support/engine.ts';

const ADA = 'ada-7';
const BEN = 'ben';

function defined(name: string, category: string) {
  return defineNotification({
    name,
    category,
    payload: z.object({ text: z.string() }),
    render: ({ payload }) => ({ title: payload.text }),
  });
}

const Comment = defined('Comment', 'comments');
const Mention = defined('Mention', 'comments');
const Invoice = defined('Invoice', 'money');

// Of what every app has.
const BUILT_IN = [{ name: 'system' }, { name: 'questions' }];

let database: TestDatabase;
let clock: Clock;
let belfry: Belfry;
const others: Belfry[] = [];

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.remove());

beforeEach(async () => {
  await clearEvents(database.db);
  clock = new Clock();
  belfry = await started([Comment, Mention, Invoice]);
});
afterEach(() => Promise.all([belfry, ...others.splice(0)].map((each) => each.shutdown())));

async function started(types: EventType[], bus = new InProcessEventBus()): Promise<Belfry> {
  const made = createBelfry({
    database: portOf(database.db),
    bus,
    types,
    log: NO_LOG,
    now: clock.now,
    users: { current: async (request) => ({ id: request.headers.get('x-test-user') ?? ADA, key: 'k' }) },
  });
  await made.start();
  return made;
}

/** As the app is started anew with other definitions. */
async function startedAnew(types: EventType[]): Promise<void> {
  await belfry.shutdown();
  belfry = await started(types);
}

function settings(
  modes: Record<string, Mode>,
  rest: Partial<NotificationSettings> = {},
): NotificationSettings {
  const categories = Object.fromEntries(
    Object.entries(modes).map(([name, mode]) => [name, { mode, sound: false, desktop: false }]),
  );
  return { categories, quietHours: null, ...rest };
}

const save = (modes: Record<string, Mode>, userId = ADA) =>
  belfry.notifications.saveSettings({ userId, settings: settings(modes) });

async function send(type: typeof Comment, to: Parameters<Belfry['notify']>[1]['to'] = { user: ADA }) {
  const { id } = await belfry.notify(type, { to, payload: { text: type.name } });
  return id as number;
}

const page = (userId = ADA) => belfry.notifications.fetchPage({ userId, limit: 100 });

/** What is unread by the list, which has to be what the totals say. */
async function unread(userId = ADA): Promise<number[]> {
  const { notifications, totals } = await page(userId);
  const ids = notifications.filter(({ readAt }) => readAt === null).map(({ id }) => id);
  expect(totals.unread).toBe(ids.length);
  return ids.sort((a, b) => a - b);
}

describe('what is muted', () => {
  test('is in the inbox as read from the moment on, however it is addressed, and counts nowhere', async () => {
    await belfry.subscribe({ userId: ADA, topic: 'post:1' });
    const before = await send(Comment);
    await save({ comments: 'muted' });
    const own = await send(Comment);
    const everybodys = await send(Mention, 'everyone');
    const topics = await send(Comment, { topic: 'post:1' });
    const invoice = await send(Invoice);
    expect(await unread()).toEqual([before, invoice]);
    const { notifications, totals } = await page();
    expect(notifications.map(({ id }) => id)).toEqual([invoice, topics, everybodys, own, before]);
    expect(totals).toMatchObject({ inbox: 5, unread: 2 });
    expect(notifications.find(({ id }) => id === own)?.readAt).toBe(clock.now().toISOString());
    expect(await unread(BEN)).toEqual([everybodys]);
  });

  test('stays read when it is unmuted, and what comes then is unread', async () => {
    await save({ comments: 'muted' });
    const muted = await send(Comment);
    await save({ comments: 'toast' });
    const after = await send(Comment);
    expect(await unread()).toEqual([after]);
    await save({ comments: 'muted' });
    const again = await send(Comment);
    await save({});
    const last = await send(Comment);
    expect(await unread()).toEqual([after, last]);
    const { notifications } = await page();
    for (const id of [muted, again])
      expect(notifications.find((item) => item.id === id)?.readAt).not.toBeNull();
  });

  test('is unread when its user says so by name, and read again when that is undone', async () => {
    await save({ comments: 'muted' });
    const id = await send(Comment);
    const { undo } = await belfry.notifications.unread({ userId: ADA, ids: [id] });
    expect(await unread()).toEqual([id]);
    await belfry.notifications.undo({ userId: ADA, undo: undo as string });
    expect(await unread()).toEqual([]);
  });

  test('comes back as new from a snooze, and keeps read what an undone “read all” leaves', async () => {
    await save({ comments: 'muted' });
    const id = await send(Comment);
    const { undo } = await belfry.notifications.read({ userId: ADA, throughId: id });
    await belfry.notifications.undo({ userId: ADA, undo: undo as string });
    expect(await unread()).toEqual([]);
    await belfry.notifications.snooze({ userId: ADA, ids: [id], until: clock.in(60_000) });
    clock.advance(61_000);
    await belfry.runJobs();
    expect(await unread()).toEqual([id]);
  });

  test('can be switched on and off many times without leaving a row for each', async () => {
    for (let n = 0; n < 10; n += 1) {
      await save({ comments: 'muted' });
      await save({ comments: 'inbox' });
    }
    expect(await database.db.belfryMute.count()).toBe(0);
    expect(await unread()).toEqual([]);
  });

  test('is of its user alone', async () => {
    await save({ comments: 'muted' });
    const id = await send(Comment, { users: [ADA, BEN] });
    expect(await unread()).toEqual([]);
    expect(await unread(BEN)).toEqual([id + 1]);
  });

  test('goes when all that it was of has gone, and with its user', async () => {
    await save({ comments: 'muted' });
    await send(Comment);
    await save({ comments: 'toast' });
    await belfry.notifications.clear({ userId: ADA });
    await send(Invoice);
    expect(await database.db.belfryMute.count()).toBe(2);
    clock.advance(8 * 24 * 60 * 60_000);
    await belfry.cleanUp();
    expect(await database.db.belfryMute.count()).toBe(0);
    await save({ comments: 'muted' });
    await belfry.deleteUser(ADA);
    expect(await database.db.belfryMute.count()).toBe(0);
    expect((await belfry.notifications.readSettings({ userId: ADA })).settingsRevision).toBe(0);
  });
});

describe('when definitions change', () => {
  test('a type that comes into a muted category is muted from the start on, and one that leaves it is not', async () => {
    await save({ comments: 'muted' });
    await startedAnew([Comment, Mention, Invoice, defined('Reply', 'comments')]);
    await send(defined('Reply', 'comments'));
    expect(await unread()).toEqual([]);
    await startedAnew([Comment, defined('Mention', 'mentions'), Invoice]);
    const mention = await send(defined('Mention', 'mentions'));
    expect(await unread()).toEqual([mention]);
    await startedAnew([Comment, Mention, Invoice]);
    await send(Mention);
    expect(await unread()).toEqual([mention]);
  });

  test('what was said of a category that is gone is kept, is not shown, and counts when it is back', async () => {
    await save({ comments: 'muted', money: 'inbox' });
    await startedAnew([Invoice]);
    const { settings: shown, categories } = await belfry.notifications.readSettings({ userId: ADA });
    expect(categories).toEqual([...BUILT_IN, { name: 'money' }]);
    expect(shown).toEqual(settings({ money: 'inbox' }));
    await save({ money: 'toast' });
    await startedAnew([Comment, Mention, Invoice]);
    expect((await belfry.notifications.readSettings({ userId: ADA })).settings).toEqual(
      settings({ comments: 'muted', money: 'toast' }),
    );
    await send(Comment);
    expect(await unread()).toEqual([]);
  });
});

describe('a stream', () => {
  async function connected(on: Belfry, userId = ADA): Promise<MemorySink> {
    const sink = new MemorySink();
    const open = await on.prepareStream({
      credentials: { userId, key: 'k', expiresAt: new Date(Date.UTC(2100, 0, 1)) },
      eventTypes: ['Comment'],
    });
    open(sink);
    await until(() => sink.inbox.length > 0);
    return sink;
  }

  test('tells every tab of the user, on every instance, that the settings have changed; and nobody else', async () => {
    const bus = new InProcessEventBus();
    const [here, there] = [await started([Comment], bus), await started([Comment], bus)];
    others.push(here, there);
    const sinks = [await connected(here), await connected(there)];
    const ben = await connected(there, BEN);
    expect(sinks.map(({ inbox }) => inbox[0]?.settingsRevision)).toEqual([0, 0]);
    const { settingsRevision } = await here.notifications.saveSettings({
      userId: ADA,
      settings: settings({ comments: 'inbox' }),
    });
    await until(() => sinks.every(({ inbox }) => inbox.length === 2));
    for (const { inbox } of sinks) {
      expect(inbox[1]).toMatchObject({ kind: 'changes', changed: [], settingsRevision });
      expect(inbox[1]?.state.endsWith(`.${settingsRevision}`)).toBe(true);
    }
    expect(ben.inbox).toHaveLength(1);
    expect((await connected(there)).inbox[0]?.settingsRevision).toBe(settingsRevision);
  });
});

describe('topics', () => {
  const topics = async (userId = ADA) => (await belfry.notifications.readSettings({ userId })).topics;
  const follow = (topic: string, userId = ADA) => belfry.notifications.follow({ userId, topic });
  const unfollow = (topic: string, userId = ADA) => belfry.notifications.unfollow({ userId, topic });

  test('one may leave what one is in, keeps what one had, and may come back', async () => {
    await belfry.subscribe({ userId: ADA, topic: 'post:1' });
    const first = await send(Comment, { topic: 'post:1' });
    expect((await unfollow('post:1')).topics).toEqual([{ name: 'post:1', isFollowed: false }]);
    await send(Comment, { topic: 'post:1' });
    expect(await belfry.topicsOf(ADA)).toEqual([]);
    expect((await follow('post:1')).topics).toEqual([{ name: 'post:1', isFollowed: true }]);
    const third = await send(Comment, { topic: 'post:1' });
    expect(await unread()).toEqual([first, third]);
    expect(await belfry.topicsOf(ADA)).toEqual(['post:1']);
  });

  test('one may leave and come back any number of times, also while nothing happens', async () => {
    await belfry.subscribe({ userId: ADA, topic: 'post:2' });
    for (let n = 0; n < 3; n += 1) {
      await unfollow('post:2');
      await unfollow('post:2');
      await follow('post:2');
      await follow('post:2');
    }
    const id = await send(Comment, { topic: 'post:2' });
    await unfollow('post:2');
    await belfry.subscribe({ userId: ADA, topic: 'post:2' });
    expect(await topics()).toEqual([{ name: 'post:2', isFollowed: true }]);
    expect(await unread()).toEqual([id]);
  });

  test('nobody comes by asking to what they were never in, or to what the app has taken them out of', async () => {
    await belfry.subscribe({ userId: BEN, topic: 'role:ADMIN' });
    await follow('role:ADMIN');
    await unfollow('role:ADMIN');
    await follow('role:ADMIN');
    await follow('made:up');
    expect(await topics()).toEqual([]);
    expect(await database.db.belfryTopic.count({ where: { name: 'made:up' } })).toBe(0);
    await belfry.subscribe({ userId: ADA, topic: 'role:ADMIN' });
    await send(Comment, { topic: 'role:ADMIN' });
    await unfollow('role:ADMIN');
    await belfry.unsubscribe({ userId: ADA, topic: 'role:ADMIN' });
    await follow('role:ADMIN');
    expect(await topics()).toEqual([]);
    expect(await belfry.membersOf('role:ADMIN')).toEqual([BEN]);
    // Taken out while they follow, too.
    await belfry.subscribe({ userId: ADA, topic: 'role:ADMIN' });
    await belfry.unsubscribe({ userId: ADA, topic: 'role:ADMIN' });
    await follow('role:ADMIN');
    expect(await belfry.membersOf('role:ADMIN')).toEqual([BEN]);
  });
});

describe('over HTTP', () => {
  const URL = 'http://belfry.test/notifications';
  const ask = (path: string, body?: unknown, headers: Record<string, string> = {}) =>
    new Request(`${URL}/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        'Content-Type': 'application/json',
        Host: 'belfry.test',
        Origin: 'http://belfry.test',
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  const handlers = () => belfry.handlers().settings;

  test('settings are read and kept as a whole', async () => {
    const quietHours = {
      on: true,
      from: '22:00',
      to: '07:00',
      days: [5, 1, 5],
      timeZone: 'Europe/Berlin',
    };
    const given = { ...settings({ comments: 'inbox' }), quietHours };
    const kept = { ...given, quietHours: { ...quietHours, days: [1, 5] } };
    expect(await (await handlers().read(ask('settings'))).json()).toEqual({
      state: expect.any(String),
      settings: settings({}),
      settingsRevision: 0,
      categories: [...BUILT_IN, { name: 'comments' }, { name: 'money' }],
      topics: [],
      muted: [],
    });
    const answer = await (await handlers().save(ask('settings', given))).json();
    expect(answer).toMatchObject({ settings: kept });
    expect(await (await handlers().read(ask('settings'))).json()).toEqual(answer);
    expect(
      await (await handlers().read(ask('settings', undefined, { 'X-Test-User': BEN }))).json(),
    ).toMatchObject({
      settingsRevision: 0,
    });
  });

  test.each<[string, unknown, string[]]>([
    ['nothing', {}, ['categories', 'quietHours']],
    ['a list', [], ['body']],
    ['more than is known', { ...settings({}), theme: 'dark' }, ['body']],
    ['an unknown category', settings({ commentz: 'toast' }), ['categories.commentz']],
    [
      'the name of what every object has',
      '{"categories":{"constructor":{"mode":"muted","sound":false,"desktop":false}},"quietHours":null}',
      ['categories.constructor'],
    ],
    ['an unknown mode', settings({ comments: 'loud' as Mode }), ['categories.comments.mode']],
    [
      'a bad zone, time and day',
      {
        ...settings({}),
        quietHours: { on: true, from: '24:00', to: '7:00', days: [0], timeZone: 'Europe/Atlantis' },
      },
      ['quietHours.days.0', 'quietHours.from', 'quietHours.timeZone', 'quietHours.to'],
    ],
  ])('%s is refused by its field, and nothing is changed', async (_name, body, fields) => {
    const refusal = handlers().save(ask('settings', body));
    await expect(refusal).rejects.toMatchObject({ code: 'invalid_input' });
    const error = await refusal.catch((refused) => refused);
    expect(Object.keys(error.fieldErrors).sort()).toEqual(fields);
    expect((await belfry.notifications.readSettings({ userId: ADA })).settingsRevision).toBe(0);
  });

  test('a body that is too large, and one of another site, are refused', async () => {
    const large = handlers().save(ask('settings', { ...settings({}), more: 'x'.repeat(70_000) }));
    await expect(large).rejects.toMatchObject({ code: 'body_too_large' });
    const foreign = { Origin: 'https://evil.test' };
    for (const path of ['save', 'follow', 'unfollow'] as const) {
      const body = path === 'save' ? settings({}) : { topic: 'post:1' };
      await expect(handlers()[path](ask('x', body, foreign))).rejects.toMatchObject({ code: 'wrong_origin' });
    }
    await expect(handlers().follow(ask('follow', { topic: '' }))).rejects.toMatchObject({
      code: 'invalid_input',
    });
  });
});

test('who has said nothing gets what everybody gets', async () => {
  await belfry.shutdown();
  belfry = await started([SystemNotification]);
  await belfry.sendGlobalNotification({ title: 'Hello', message: 'All.' });
  const { totals, settingsRevision } = await page();
  expect({ unread: totals.unread, settingsRevision }).toEqual({ unread: 1, settingsRevision: 0 });
});
