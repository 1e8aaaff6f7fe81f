/** `belfry.deleteUser`: what is left of somebody whose account an app deletes. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Belfry, createBelfry } from '../../lib/belfry/create-belfry.ts';
import { Question } from '../../lib/belfry/definitions/question-type.ts';
import { parseState } from '../../lib/belfry/protocol/inbox-state.ts';
import { type SqlDatabase, sql } from '../../lib/belfry/storage/database.ts';
import {
  type FilledDatabase,
  filledDatabase,
  freshDatabase,
  type TestDatabase,
} from '../support/database.ts';
import { DIALECT } from '../support/empty-database.ts';
import { HOUR_MS, MemorySink, NO_LOG, newSending, portOf, until } from '../support/engine.ts';
import { fillingsOn } from '../support/fillings.ts';
import { run } from '../support/importing.ts';

const NOTE = { title: 'Tea', message: 'Ready.' };
const LATER = () => new Date(Date.now() + HOUR_MS);

const belfryOn = (database: SqlDatabase) => createBelfry({ database, log: NO_LOG });

/** Of each table what stands in it, but for what follows from when this was run. */
async function contentsOf(port: SqlDatabase) {
  return {
    events: await port.query(
      sql`SELECT id, event_type, target_userid, topic_id, payload, idempotency_key, content, group_key,
        CASE WHEN question_id IS NULL THEN 0 ELSE 1 END AS asks FROM belfry_event ORDER BY id`,
    ),
    receipts: await port.query(
      sql`SELECT user_id, event_id FROM belfry_event_receipt ORDER BY user_id, event_id`,
    ),
    inboxes: await port.query(sql`SELECT user_id, revision FROM belfry_inbox ORDER BY user_id`),
    changes: await port.query(
      sql`SELECT revision, user_id, kind, before FROM belfry_inbox_change ORDER BY revision`,
    ),
    members: await port.query(
      sql`SELECT topic_id, recipient_id FROM belfry_topic_member ORDER BY recipient_id`,
    ),
    questions: await port.query(
      sql`SELECT key, answered_by, action, input FROM belfry_question ORDER BY key`,
    ),
    recipients: await port.query(sql`SELECT id, external_id FROM belfry_recipient ORDER BY id`),
  };
}

/** Everything that Belfry can hold of somebody: sent, done with, put off, followed, and to be sent. */
async function live(belfry: Belfry, users: readonly string[]): Promise<void> {
  for (const user of users) {
    for (let n = 0; n < 4; n += 1)
      await belfry.sendUserNotification({ targetUserId: user, ...NOTE, title: `${n} for ${user}` });
    await belfry.subscribe({ userId: user, topic: 'tea' });
  }
  await belfry.sendGlobalNotification(NOTE);
  for (const userId of users) {
    const { notifications } = await belfry.notifications.fetchPage({ userId });
    const [a, b, c] = notifications.map(({ id }) => id) as [number, number, number];
    await belfry.notifications.dismiss({ userId, ids: [a] });
    await belfry.notifications.snooze({ userId, ids: [b], until: LATER() });
    await belfry.notifications.read({ userId, throughId: c });
    await belfry.sendUserNotification({ targetUserId: userId, ...NOTE, at: LATER() });
    const options = [{ name: 'yes', label: 'Yes' }];
    for (const [key, of] of [
      ['hers', [userId]],
      ['all', [userId, ...users]],
    ] as const) {
      const to = { users: [...new Set(of)] };
      await belfry.notify(Question, {
        to,
        payload: { title: 'Tea?', options },
        idempotencyKey: `${key} ${userId}`,
      });
    }
    const [asked] = (await belfry.notifications.fetchPage({ userId })).notifications;
    await belfry.notifications.act({ userId, id: asked?.id as number, action: 'yes' });
  }
  await belfry.notify({ name: 'SystemNotification' } as never, {
    to: { users: [...users] },
    payload: NOTE,
    at: LATER(),
  });
}

for (const [n, filling] of fillingsOn(DIALECT).entries()) {
  // The same statements reach the database through each.
  describe(`through ${filling.name}`, { tags: n === 0 ? [] : ['long'] }, () => {
    let filled: FilledDatabase;
    let port: SqlDatabase;
    let belfry: Belfry;
    beforeEach(async () => {
      filled = await filledDatabase(filling);
      port = filled.port;
      belfry = belfryOn(port);
    });
    afterEach(async () => {
      await belfry.shutdown();
      await filled.remove();
    });

    test('nothing that was theirs alone is left, and nobody else misses anything', async () => {
      await live(belfry, ['ada', '7']);
      const before = await belfry.notifications.fetchPage({ userId: '7', view: 'all' });
      await belfry.deleteUser('ada');
      const { notifications, totals } = await belfry.notifications.fetchPage({ userId: 'ada', view: 'all' });
      // What was sent to everybody.
      expect(notifications.map(({ title }) => title)).toEqual(['Tea']);
      expect(totals).toEqual({ unread: 1, inbox: 1, done: 0, snoozed: 0 });
      expect(await belfry.topicsOf('ada')).toEqual([]);
      expect(await port.query(sql`SELECT id FROM belfry_event WHERE payload LIKE '%for ada%'`)).toEqual([]);
      // But for who it was that answered for all who were asked.
      const unnamed = before.notifications.map((item) => ({
        ...item,
        ...(item.answer && { answer: { ...item.answer, by: item.answer.by && '' } }),
      }));
      expect(await belfry.notifications.fetchPage({ userId: '7', view: 'all' })).toMatchObject({
        notifications: unnamed,
        totals: before.totals,
      });
      expect(await belfry.topicsOf('7')).toEqual(['tea']);
    });

    test('what they alone were asked is gone, and of what they answered for others nothing says that it was them', async () => {
      const payload = { title: 'Tea?', options: [{ name: 'yes', label: 'Yes' }] };
      const ask = (key: string, users: string[]) =>
        belfry.notify(Question, { to: { users }, payload, idempotencyKey: key });
      const { id } = await ask('both', ['ada', '7']);
      await ask('hers', ['ada']);
      await belfry.notifications.act({ userId: 'ada', id: id as number, action: 'yes' });
      await belfry.deleteUser('ada');
      expect((await contentsOf(port)).questions).toEqual([
        { key: 'both', answered_by: '', action: 'yes', input: null },
      ]);
      expect(await port.query(sql`SELECT id FROM belfry_event WHERE content LIKE '%Tea%'`)).toEqual([]);
      const [item] = (await belfry.notifications.fetchPage({ userId: '7' })).notifications;
      expect(item).toMatchObject({ actions: [], answer: { action: 'yes', label: 'Yes', by: '' } });
    });

    test('what was to be sent to them later is not sent; who else it is for still gets it', async () => {
      await live(belfry, ['ada', '7']);
      await belfry.deleteUser('ada');
      const jobs = await port.query<{ kind: string; payload: string }>(
        sql`SELECT kind, payload FROM belfry_job WHERE kind IN ('belfry.send', 'belfry.wake') ORDER BY kind, id`,
      );
      expect(jobs.map(({ payload }) => JSON.parse(payload).audience)).toEqual([
        { user: '7' },
        { users: ['7'] },
        undefined,
      ]);
      const [send] = jobs.map(({ payload }) => JSON.parse(payload)).filter(({ audience }) => audience?.users);
      expect(send.draft).toMatchObject({ eventType: 'SystemNotification', payload: NOTE });
    });

    test('what waits in the outbox for them does not come', async () => {
      await belfry.start();
      // So that nobody publishes it.
      await belfry.shutdown();
      for (const audience of [{ user: 'ada' }, { users: ['7', 'ada'] }, { topic: 'tea' }])
        await belfry.eventLog.appendWithin(port, newSending({ audience }));
      const waiting = () => port.query(sql`SELECT user_ids, topic FROM belfry_event_outbox ORDER BY id`);
      await belfry.deleteUser('ada');
      expect(await waiting()).toEqual([
        { user_ids: '["7"]', topic: null },
        { user_ids: null, topic: 'tea' },
      ]);
      await belfry.deleteUser('7');
      expect(await waiting()).toEqual([{ user_ids: null, topic: 'tea' }]);
    });

    test('what waits for others alone is not touched', async () => {
      await belfry.start();
      await belfry.shutdown();
      const payload = '{ "draft": {}, "audience": { "users": ["7"] }, "of a later version": 1 }';
      const due = sql`CAST(${LATER()} AS TIMESTAMP)`;
      await port.execute(
        sql`INSERT INTO belfry_job (kind, payload, due_at, created_at) VALUES ('belfry.send', ${payload}, ${due}, ${due})`,
      );
      await belfry.eventLog.appendWithin(port, newSending({ audience: { users: ['7', '8'] } }));
      await port.execute(sql`UPDATE belfry_event_outbox SET user_ids = '[ "7", "8" ]'`);
      await belfry.deleteUser('ada');
      expect(await port.query(sql`SELECT payload FROM belfry_job WHERE kind = 'belfry.send'`)).toEqual([
        { payload },
      ]);
      expect(await port.query(sql`SELECT user_ids FROM belfry_event_outbox`)).toEqual([
        { user_ids: '[ "7", "8" ]' },
      ]);
    });

    test('twice does nothing more, nor does somebody who was never here', async () => {
      await live(belfry, ['ada', '7']);
      await belfry.deleteUser('ada');
      const after = await contentsOf(port);
      await belfry.deleteUser('ada');
      expect(await contentsOf(port)).toEqual(after);
      await belfry.deleteUser(12_345);
      expect(await contentsOf(port)).toEqual(after);
    });

    test('ids go on above those that went, and the same id may be used again', async () => {
      await belfry.sendUserNotification({ targetUserId: '7', ...NOTE });
      const { id } = await belfry.sendUserNotification({ targetUserId: 'ada', ...NOTE });
      const state = await belfry.notifications.dismiss({ userId: 'ada', ids: [id as number] });
      await belfry.deleteUser('ada');
      const next = await belfry.sendUserNotification({ targetUserId: 'ada', ...NOTE });
      expect(next.id).toBeGreaterThan(id as number);
      const page = await belfry.notifications.fetchPage({ userId: 'ada', view: 'all' });
      expect(page.notifications.map((item) => item.id)).toEqual([next.id]);
      const { state: later } = await belfry.notifications.dismiss({
        userId: 'ada',
        ids: [next.id as number],
      });
      expect(parseState(later)?.revision).toBeGreaterThan(parseState(state.state)?.revision as number);
    });
  });
}

describe('on one database', () => {
  let database: TestDatabase;
  let port: SqlDatabase;
  let belfry: Belfry;
  beforeEach(async () => {
    database = await freshDatabase();
    port = portOf(database.db);
    belfry = belfryOn(port);
  });
  afterEach(async () => {
    await belfry.shutdown();
    await database.remove();
  });

  test('their open streams end, as with a sign-out, and nobody else notices', async () => {
    await belfry.start();
    const open = async (userId: string) => {
      const sink = new MemorySink();
      const credentials = { userId, key: userId, expiresAt: LATER() };
      const connect = await belfry.prepareStream({
        credentials,
        eventTypes: ['SystemNotification'],
        since: null,
      });
      connect(sink);
      return sink;
    };
    const [ada, ben] = [await open('ada'), await open('ben')];
    await belfry.deleteUser('ada');
    await until(() => ada.ended === 'closed');
    expect(ada.count('session-ended')).toBe(1);
    expect(ben.ended).toBe('no');
  });

  test('many are removed in steps', async () => {
    await belfry.sendUserNotification({ targetUserId: 'ada', ...NOTE });
    const [row] = await port.query<{ id: number }>(
      sql`SELECT id FROM belfry_recipient WHERE external_id = 'ada'`,
    );
    const numbers =
      'WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2500)';
    await run(
      port,
      `INSERT INTO belfry_event (event_type, target_userid, priority, payload, created_at)
        ${numbers} SELECT 'SystemNotification', ${row?.id}, 1, '{}', created_at FROM numbers, belfry_event`,
    );
    await belfry.deleteUser('ada');
    expect(await port.query(sql`SELECT event_type FROM belfry_event`)).toEqual([{ event_type: 'Deleted' }]);
  });

  test("this app's table of users takes the same along, however a row of it goes", async () => {
    const users = [];
    for (const name of ['ada', 'ben'])
      users.push(
        await database.db.user.create({ data: { email: `${name}@belfry.test`, name, passwordHash: '' } }),
      );
    const other = await freshDatabase();
    for (const { id, email, name } of users)
      await other.db.user.create({ data: { id, email, name, passwordHash: '' } });
    const twin = belfryOn(portOf(other.db));
    const ids = users.map(({ id }) => String(id));
    for (const each of [belfry, twin]) await live(each, ids);
    await belfry.deleteUser(ids[0] as string);
    await other.db.user.delete({ where: { id: users[0]?.id as number } });
    const withoutTokens = ({ changes, ...rest }: Awaited<ReturnType<typeof contentsOf>>) => ({
      ...rest,
      changes: changes.map((change) => ({ ...(change as object), before: null })),
    });
    expect(withoutTokens(await contentsOf(port))).toEqual(withoutTokens(await contentsOf(portOf(other.db))));
    await twin.shutdown();
    await other.remove();
  });
});
