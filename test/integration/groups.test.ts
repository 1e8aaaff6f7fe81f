/** What belongs together: how many there are, how that reads, and what is done with all of it at once. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { InProcessEventBus } from '../../lib/belfry/bus/event-bus.ts';
import { type Belfry, BUILT_IN, createBelfry } from '../../lib/belfry/create-belfry.ts';
import { defineNotification } from '../../lib/belfry/definitions/notification-type.ts';
import { EventTypeRegistry } from '../../lib/belfry/definitions/registry.ts';
import { Languages } from '../../lib/belfry/language/languages.ts';
import type { ItemJson } from '../../lib/belfry/protocol/item.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { Clock, clearEvents, HOUR_MS, MemorySink, NO_LOG, portOf, until } from '../support/engine.ts';

const ADA = 'ada';
const comment = z.object({ author: z.string(), post: z.string() });
const onPost = ({ post }: z.infer<typeof comment>) => `post:${post}`;

let groupTitleFails = false;

const CommentAdded = defineNotification({
  name: 'CommentAdded',
  payload: comment,
  category: 'comments',
  messages: {
    en: {
      title: '{author} commented',
      group: '{author} and {others, plural, one {# other} other {# others}} commented',
    },
    'zh-TW': { title: '{author} 留言了', group: '{author} 與其他 {others, plural, other {#}} 人留言了' },
  },
  group: onPost,
  groupTitle({ payloads, count, t }) {
    if (groupTitleFails) throw new Error('A defect.');
    const authors = new Set(payloads.map(({ author }) => author));
    const others = authors.size + Math.max(count - payloads.length, 0) - 1;
    return others === 0 ? t('title', payloads[0]) : t('group', { author: payloads[0].author, others });
  },
  render: ({ payload, t }) => ({ title: t('title', payload) }),
});

/** Of the same key, and without a title for several. */
const LikeAdded = defineNotification({
  name: 'LikeAdded',
  payload: comment,
  group: onPost,
  render: ({ payload }) => ({ title: `${payload.author} likes it` }),
});

let database: TestDatabase;
let clock: Clock;
let belfry: Belfry;
const bus = new InProcessEventBus();

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.remove());
beforeEach(async () => {
  groupTitleFails = false;
  await clearEvents(database.db);
  clock = new Clock();
  const types = new EventTypeRegistry({ languages: new Languages({ en: {}, 'zh-TW': {} }), log: NO_LOG });
  types.registerAll([...BUILT_IN, CommentAdded, LikeAdded]);
  belfry = createBelfry({ database: portOf(database.db), bus, types, log: NO_LOG, now: clock.now });
  await belfry.start();
});
afterEach(() => belfry.shutdown());

async function commented(
  author: string,
  { post = '7', ...more }: { post?: string; expiresIn?: number } = {},
): Promise<number> {
  const { id } = await belfry.notify(CommentAdded, { to: { user: ADA }, payload: { author, post }, ...more });
  return id as number;
}

async function commentedAll(...authors: string[]): Promise<number[]> {
  const ids: number[] = [];
  for (const author of authors) ids.push(await commented(author));
  return ids;
}

const poll = (options: Partial<Parameters<Belfry['notifications']['fetchPage']>[0]> = {}) =>
  belfry.notifications.fetchPage({ userId: ADA, ...options });

const groupsOf = (items: readonly ItemJson[]) =>
  items.flatMap(({ id, group }) => (group ? [{ id, ...group }] : []));

test('the newest of several tells of the group: how it reads, how many there are, how many are unread', async () => {
  const [first, , third] = await commentedAll('Ada', 'Ben', 'Cleo');
  const alone = await commented('Dan', { post: '8' });
  await belfry.notifications.read({ userId: ADA, ids: [first as number] });
  const { notifications, totals } = await poll();
  expect(notifications.map(({ groupKey }) => groupKey)).toEqual([
    'CommentAdded/post:8',
    ...Array(3).fill('CommentAdded/post:7'),
  ]);
  expect(groupsOf(notifications)).toEqual([
    { id: third, title: 'Cleo and 2 others commented', count: 3, unread: 2 },
  ]);
  expect(notifications.find(({ id }) => id === alone)).not.toHaveProperty('group');
  expect(totals).toMatchObject({ unread: 3, inbox: 4 });
});

test('it reads in the language of whoever reads it, by the payloads that it is made of', async () => {
  await commentedAll('Ben', 'Cleo', 'Ben');
  const inChinese = belfry.languages.readerOf({ locale: 'zh-TW' });
  expect(groupsOf((await poll()).notifications)).toMatchObject([
    { title: 'Ben and 1 other commented', count: 3 },
  ]);
  expect(groupsOf((await poll({ reader: inChinese })).notifications)).toMatchObject([
    { title: 'Ben 與其他 1 人留言了' },
  ]);
});

test('two types never meet in one group, and one that says nothing of several reads as its newest and how many more', async () => {
  await commented('Ben');
  for (const author of ['Ben', 'Cleo', 'Dan']) {
    await belfry.notify(LikeAdded, { to: { user: ADA }, payload: { author, post: '7' } });
  }
  expect(groupsOf((await poll()).notifications)).toMatchObject([
    { title: 'Dan likes it and 2 more', count: 3 },
  ]);
});

test('a title that fails costs the title alone', async () => {
  await commentedAll('Ben', 'Cleo');
  groupTitleFails = true;
  expect(groupsOf((await poll()).notifications)).toMatchObject([
    { title: 'Cleo commented and 1 more', count: 2 },
  ]);
});

test('it counts what is in the inbox: not what is done, put off or expired, and what was put back', async () => {
  const [done, later] = await commentedAll('Ada', 'Ben', 'Cleo', 'Dan');
  await commented('Eve', { expiresIn: 60 });
  await belfry.notifications.dismiss({ userId: ADA, ids: [done as number] });
  await belfry.notifications.snooze({ userId: ADA, ids: [later as number], until: clock.in(HOUR_MS) });
  expect(groupsOf((await poll()).notifications)).toMatchObject([
    { title: 'Eve and 2 others commented', count: 3 },
  ]);
  clock.advance(60_000);
  expect(groupsOf((await poll()).notifications)).toMatchObject([
    { title: 'Dan and 1 other commented', count: 2 },
  ]);
  await belfry.notifications.restore({ userId: ADA, ids: [done as number] });
  expect(groupsOf((await poll()).notifications)).toMatchObject([{ count: 3 }]);
  await belfry.notifications.clear({ userId: ADA });
  expect((await poll()).notifications).toEqual([]);
  await belfry.notifications.restore({ userId: ADA, ids: [done as number] });
  expect(groupsOf((await poll()).notifications)).toEqual([]);
});

test('whatever characters make its key, it is sent, joined, and done as one', async () => {
  for (const post of [
    'a\0b',
    '\ud800',
    "'; DROP TABLE belfry_event; --",
    '%_',
    '\u202eabc',
    'é'.repeat(300),
  ]) {
    await commented('Ben', { post });
    const newest = await commented('Cleo', { post });
    const [item] = (await poll()).notifications;
    expect([item?.id, item?.group?.count]).toEqual([newest, 2]);
    const group = item?.groupKey as string;
    expect((await poll({ group })).notifications).toHaveLength(2);
    const { totals } = await belfry.notifications.dismiss({ userId: ADA, group, throughId: newest });
    expect(totals.inbox).toBe(0);
  }
});

test('what went to a topic or to everybody joins with what went to the user alone', async () => {
  await belfry.notifications.subscribe({ userId: ADA, topic: 'posts' });
  const payload = (author: string) => ({ author, post: '7' });
  await belfry.notify(CommentAdded, { to: 'everyone', payload: payload('Ben') });
  await belfry.notify(CommentAdded, { to: { topic: 'posts' }, payload: payload('Cleo') });
  await commented('Dan');
  await belfry.notify(CommentAdded, { to: { user: 'ben' }, payload: payload('Eve') });
  expect(groupsOf((await poll()).notifications)).toMatchObject([
    { title: 'Dan and 2 others commented', count: 3 },
  ]);
});

test('opened, it shows all of it, page by page, and the counts of the whole inbox', async () => {
  const ids = await commentedAll(...Array.from({ length: 7 }, (_, n) => `Person ${n}`));
  await commented('Dan', { post: '8' });
  const newestFirst = ids.toReversed();
  const first = await poll({ group: 'CommentAdded/post:7', limit: 4 });
  expect(first.notifications.map(({ id }) => id)).toEqual(newestFirst.slice(0, 4));
  expect(first.totals).toMatchObject({ inbox: 8, unread: 8 });
  const rest = await poll({ group: 'CommentAdded/post:7', limit: 4, cursor: first.nextCursor as string });
  expect(rest.notifications.map(({ id }) => id)).toEqual(newestFirst.slice(4));
  expect(rest.nextCursor).toBeNull();
  expect((await poll({ group: 'CommentAdded/post:9' })).notifications).toEqual([]);
  await expect(poll({ group: 'CommentAdded/post:7', view: 'done' })).rejects.toMatchObject({
    code: 'invalid_input',
    fieldErrors: { group: [expect.any(String)] },
  });
});

test('done on all of it is one change, which is taken back as one, and leaves what came since', async () => {
  const ids = await commentedAll('Ada', 'Ben', 'Cleo');
  const alone = await commented('Dan', { post: '8' });
  const late = await commented('Eve');
  const through = { userId: ADA, group: 'CommentAdded/post:7', throughId: ids[2] as number };
  const before = await database.db.belfryInboxChange.count();
  const { undo, totals } = await belfry.notifications.dismiss(through);
  expect(await database.db.belfryInboxChange.count()).toBe(before + 1);
  expect(totals).toMatchObject({ inbox: 2, unread: 2, done: 3 });
  expect((await poll()).notifications.map(({ id }) => id)).toEqual([late, alone]);
  expect((await belfry.notifications.dismiss(through)).undo).toBeUndefined();
  await belfry.notifications.undo({ userId: ADA, undo: undo as string });
  expect(groupsOf((await poll()).notifications)).toMatchObject([{ id: late, count: 4, unread: 4 }]);
});

test('read as one as well; somebody else has theirs as it was', async () => {
  const payload = { author: 'Ben', post: '7' };
  for (let n = 0; n < 3; n += 1) await belfry.notify(CommentAdded, { to: { users: [ADA, 'ben'] }, payload });
  const [newest] = (await poll()).notifications;
  const group = newest?.groupKey as string;
  const { totals, undo } = await belfry.notifications.read({
    userId: ADA,
    group,
    throughId: newest?.id as number,
  });
  expect(totals).toMatchObject({ inbox: 3, unread: 0 });
  expect(groupsOf((await poll()).notifications)).toMatchObject([{ count: 3, unread: 0 }]);
  expect((await poll({ userId: 'ben' })).totals).toMatchObject({ inbox: 3, unread: 3 });
  await belfry.notifications.undo({ userId: ADA, undo: undo as string });
  expect((await poll()).totals.unread).toBe(3);
});

test('a group of more items than SQLite takes values is done as one, and taken back', {
  tags: 'long',
}, async () => {
  const row = {
    eventType: 'CommentAdded',
    priority: 1,
    payload: '{"author":"Ben","post":"7"}',
    createdAt: clock.now(),
    groupKey: 'CommentAdded/post:7',
  };
  for (let n = 0; n < 4; n += 1) {
    await database.db.belfryEvent.createMany({ data: Array.from({ length: 10_000 }, () => row) });
  }
  const [newest] = (await poll()).notifications;
  expect(newest?.group).toMatchObject({ count: 40_000, unread: 40_000 });
  const through = { userId: ADA, group: row.groupKey, throughId: newest?.id as number };
  const { totals, undo } = await belfry.notifications.dismiss(through);
  expect(totals).toMatchObject({ inbox: 0, unread: 0 });
  const { totals: after } = await belfry.notifications.undo({ userId: ADA, undo: undo as string });
  expect(after).toMatchObject({ inbox: 40_000, unread: 40_000 });
});

test('what changed in a group is told by its newest, also when that did not change itself', async () => {
  const [first, second, third] = await commentedAll('Ada', 'Ben', 'Cleo');
  const since = (await poll()).state;
  await belfry.notifications.dismiss({ userId: ADA, ids: [first as number] });
  const changes = await belfry.notifications.fetchChanges({ userId: ADA, since });
  expect(changes.changed.map(({ id }) => id)).toEqual([first, third]);
  expect(groupsOf(changes.changed)).toEqual([
    { id: third, title: 'Cleo and 1 other commented', count: 2, unread: 2 },
  ]);
  await belfry.notifications.dismiss({ userId: ADA, ids: [third as number] });
  const { changed } = await belfry.notifications.fetchChanges({ userId: ADA, since: changes.state });
  expect(changed.map(({ id }) => id)).toEqual([second, third]);
  expect(groupsOf(changed)).toEqual([]);
});

test('a stream begins with it, and tells of it with each that arrives', async () => {
  await commentedAll('Ada', 'Ben');
  const sink = new MemorySink();
  const credentials = { userId: ADA, expiresAt: new Date(Date.UTC(2100, 0, 1)), key: 'session' };
  (await belfry.prepareStream({ credentials, eventTypes: ['CommentAdded'] }))(sink);
  await until(() => sink.events.length === 2);
  expect(groupsOf(sink.events)).toMatchObject([{ title: 'Ben and 1 other commented', count: 2 }]);
  const id = await commented('Cleo');
  await until(() => sink.events.length === 3);
  expect(sink.events.at(-1)).toMatchObject({
    id,
    isRecovered: false,
    group: { title: 'Cleo and 2 others commented', count: 3, unread: 3 },
  });
  await belfry.notify(CommentAdded, { to: 'everyone', payload: { author: 'Dan', post: '7' } });
  await until(() => sink.events.length === 4);
  expect(sink.events.at(-1)).not.toHaveProperty('group');
});
