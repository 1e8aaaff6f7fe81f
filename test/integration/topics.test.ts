import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SqlDatabase, sql, toNumber } from '../../lib/belfry/storage/database.ts';
import { prismaDatabase } from '../../lib/belfry/storage/prisma-database.ts';
import { Recipients } from '../../lib/belfry/storage/recipients.ts';
import { Topics } from '../../lib/belfry/storage/topics.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let db: SqlDatabase;
let recipients: Recipients;
let topics: Topics;

beforeAll(async () => {
  database = await freshDatabase();
  db = prismaDatabase(database.db, {
    provider: database.url.startsWith('postgres') ? 'postgresql' : 'sqlite',
  });
  recipients = new Recipients(db);
  topics = new Topics(db, recipients);
});
afterAll(() => database.remove());

async function happen(topic: string): Promise<number> {
  const topicId = await topics.idOf(topic);
  const [row] = await db.query<{ id: bigint | number }>(sql`
    INSERT INTO "belfry_event" ("event_type", "topic_id", "priority", "payload", "created_at")
    VALUES ('Test', ${topicId}, 1, '{}', ${new Date()}) RETURNING "id"`);
  return toNumber(row?.id);
}

async function whoHas(topic: string, eventId: number): Promise<string[]> {
  const all = await db.query<{ id: bigint | number }>(sql`SELECT "id" FROM "belfry_recipient"`);
  const ids = await topics.recipientIdsAt(
    await topics.idOf(topic),
    eventId,
    all.map(({ id }) => toNumber(id)),
  );
  return [...(await recipients.userIdsOf(ids)).values()].sort();
}

const intervals = async (topic: string) =>
  (
    await db.query(
      sql`SELECT 1 AS "one" FROM "belfry_topic_member" WHERE "topic_id" = ${await topics.idOf(topic)}`,
    )
  ).length;

test('whoever followed a topic when something happened has it, and keeps it', async () => {
  const before = await happen('news');
  expect(await topics.subscribe({ userId: 'ann', topic: 'news' })).toEqual({ changed: true });
  const first = await happen('news');
  await topics.subscribe({ userId: 'bob', topic: 'news' });
  const second = await happen('news');
  expect(await topics.unsubscribe({ userId: 'ann', topic: 'news' })).toEqual({ changed: true });
  const third = await happen('news');
  await topics.subscribe({ userId: 'ann', topic: 'news' });
  const fourth = await happen('news');
  expect(await whoHas('news', before)).toEqual([]);
  expect(await whoHas('news', first)).toEqual(['ann']);
  expect(await whoHas('news', second)).toEqual(['ann', 'bob']);
  expect(await whoHas('news', third)).toEqual(['bob']);
  expect(await whoHas('news', fourth)).toEqual(['ann', 'bob']);
  expect(await topics.membersOf(' news ')).toEqual(['ann', 'bob']);
});

test('following twice, and leaving what one does not follow, change nothing', async () => {
  const membership = { userId: 'cid', topic: 'twice' };
  expect(await topics.unsubscribe(membership)).toEqual({ changed: false });
  expect(await topics.subscribe(membership)).toEqual({ changed: true });
  expect(await topics.subscribe(membership)).toEqual({ changed: false });
  expect(await topics.unsubscribe(membership)).toEqual({ changed: true });
  expect(await topics.unsubscribe(membership)).toEqual({ changed: false });
  expect(await topics.subscribe(membership)).toEqual({ changed: true });
  expect(await topics.topicsOf('cid')).toEqual(['twice']);
  expect(await topics.topicsOf('somebody else')).toEqual([]);
});

test('two at once make one membership', async () => {
  const membership = { userId: 'dora', topic: 'at once' };
  const outcomes = await Promise.all(
    [1, 2, 3, 4].map(() => new Topics(db, recipients).subscribe(membership)),
  );
  expect(outcomes.filter(({ changed }) => changed)).toHaveLength(1);
  expect(await intervals('at once')).toBe(1);
});

test('while events keep happening, everything after subscribing is theirs, and nothing from before it', async () => {
  await happen('busy');
  let going = true;
  const events: number[] = [];
  const sending = Promise.all(
    [1, 2].map(async () => {
      while (going) events.push(await happen('busy'));
    }),
  );
  for (let index = 0; index < 20; index += 1) {
    const userId = `busy-${index}`;
    const before = await happen('busy');
    await topics.subscribe({ userId, topic: 'busy' });
    const after = await happen('busy');
    await topics.unsubscribe({ userId, topic: 'busy' });
    const later = await happen('busy');
    expect(await whoHas('busy', before)).not.toContain(userId);
    expect(await whoHas('busy', after)).toContain(userId);
    expect(await whoHas('busy', later)).not.toContain(userId);
  }
  going = false;
  await sending;
  expect(events.length).toBeGreaterThan(0);
});

test('of the few who are asked about, the members of a topic of thousands are found; before they followed it, none', async () => {
  const topicId = await topics.idOf('crowd');
  const users = Array.from({ length: 2_500 }, (_, index) => `crowd ${index}`);
  const ids = await recipients.idsOf(users);
  const before = await happen('crowd');
  await db.execute(sql`INSERT INTO "belfry_topic_member" ("recipient_id", "topic_id", "since_event_id")
    SELECT "id", CAST(${topicId} AS INTEGER), CAST(${before} AS INTEGER) FROM "belfry_recipient"
    WHERE "external_id" LIKE 'crowd %'`);
  const after = await happen('crowd');
  const [some, stranger] = [
    users.slice(1_000).map((user) => ids.get(user) as number),
    await recipients.idOf('stranger'),
  ];
  const found = await topics.recipientIdsAt(topicId, after, [...some, stranger]);
  expect(found.sort((a, b) => a - b)).toEqual(some.sort((a, b) => a - b));
  expect(await topics.recipientIdsAt(topicId, before, some)).toEqual([]);
});

test('a membership goes when the transaction that made it rolls back', async () => {
  const membership = { userId: 'eve', topic: 'rolled back' };
  await expect(
    db.transaction(async (tx) => {
      await topics.subscribe(membership, tx);
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect(await topics.topicsOf('eve')).toEqual([]);
  expect(await topics.subscribe(membership)).toEqual({ changed: true });
  expect(await topics.membersOf('rolled back')).toEqual(['eve']);
});

test('an odd name is refused', async () => {
  for (const odd of ['', '  ', 'a'.repeat(201), 'a\nb', 'a\0b', 'a\ud800', '\u200b']) {
    await expect(topics.idOf(odd)).rejects.toMatchObject({ code: 'invalid_input' });
  }
});
