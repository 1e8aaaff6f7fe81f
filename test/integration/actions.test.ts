/** What a press of a button does: once, for whoever may, wherever and however often it is pressed. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { InProcessEventBus } from '../../lib/belfry/bus/event-bus.ts';
import { type Belfry, BUILT_IN, createBelfry } from '../../lib/belfry/create-belfry.ts';
import { defineNotification } from '../../lib/belfry/definitions/notification-type.ts';
import { EventTypeRegistry } from '../../lib/belfry/definitions/registry.ts';
import { Languages } from '../../lib/belfry/language/languages.ts';
import type { Acting } from '../../lib/belfry/notifications/provider.ts';
import { BelfryError } from '../../lib/belfry/protocol/errors.ts';
import { sql } from '../../lib/belfry/storage/database.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { Clock, clearEvents, HOUR_MS, MemorySink, NO_LOG, portOf, until } from '../support/engine.ts';

const ADA = 'ada';
const BEN = 'ben';

/** What the actions did, each within its transaction: rows of a table that the test has no other use for. */
const effects = () => database.db.belfryImported.findMany({ orderBy: { id: 'asc' } });
let fails: Error | null = null;

const Invitation = defineNotification({
  name: 'Invitation',
  payload: z.object({ team: z.string() }),
  messages: {
    en: {
      title: 'Join {team}',
      accept: 'Accept',
      decline: 'Decline',
      sure: 'You cannot come back. Decline?',
      reason: 'Why?',
      look: 'Look at it',
    },
    'zh-TW': {
      title: '加入 {team}',
      accept: '接受',
      decline: '拒絕',
      sure: '之後無法再加入。要拒絕嗎？',
      reason: '為什麼？',
      look: '看看',
    },
  },
  render: ({ payload, t }) => ({ title: t('title', payload) }),
  actions: {
    accept: {
      label: 'accept',
      async run({ user, payload, notification, tx }) {
        await belfry.database
          .within(tx)
          .execute(
            sql`INSERT INTO belfry_imported (id) VALUES (${`${notification.id} ${user.id} joins ${payload.team} ${randomUUID()}`})`,
          );
        await belfry.sendUserNotification(
          { targetUserId: user.id, title: 'Welcome', message: 'Hello.' },
          { tx },
        );
        if (fails) throw fails;
      },
    },
    decline: {
      label: 'decline',
      confirm: 'sure',
      input: { label: 'reason', schema: z.string().trim().min(1, 'ToMessage why.').max(20), multiline: true },
      async run({ user, input, tx }) {
        await belfry.database
          .within(tx)
          .execute(sql`INSERT INTO belfry_imported (id) VALUES (${`${user.id} declines: ${input}`})`);
      },
    },
    look: { label: 'look', link: ({ team }) => `/teams/${team}` },
  },
});

let database: TestDatabase;
let clock: Clock;
let belfry: Belfry;
let other: Belfry;
const bus = new InProcessEventBus();

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.remove());

function makeBelfry(): Belfry {
  const types = new EventTypeRegistry({ languages: new Languages({ en: {}, 'zh-TW': {} }), log: NO_LOG });
  types.registerAll([...BUILT_IN, Invitation]);
  return createBelfry({ database: portOf(database.db), bus, types, log: NO_LOG, now: clock.now });
}

beforeEach(async () => {
  fails = null;
  await clearEvents(database.db);
  await database.db.belfryImported.deleteMany();
  clock = new Clock();
  belfry = makeBelfry();
  other = makeBelfry();
  await Promise.all([belfry.start(), other.start()]);
});
afterEach(() => Promise.all([belfry.shutdown(), other.shutdown()]));

async function invite(to: Parameters<Belfry['notify']>[1]['to'] = { user: ADA }, more = {}): Promise<number> {
  const { id } = await belfry.notify(Invitation, { to, payload: { team: 'red' }, ...more });
  return id as number;
}

const act = (by: Belfry, acting: Partial<Acting> & { id: number }) =>
  by.notifications.act({ userId: ADA, action: 'accept', ...acting });

async function itemsOf(userId: string, locale = 'en') {
  const reader = belfry.languages.readerOf({ locale });
  return (await belfry.notifications.fetchPage({ userId, reader })).notifications;
}

const itemOf = async (id: number, userId = ADA, locale = 'en') =>
  (await itemsOf(userId, locale)).find((item) => item.id === id);

test('its buttons are told in the language of whoever reads them, in their order', async () => {
  const id = await invite();
  expect((await itemOf(id))?.actions).toEqual([
    { name: 'accept', label: 'Accept', confirm: null, input: null, link: null },
    {
      name: 'decline',
      label: 'Decline',
      confirm: 'You cannot come back. Decline?',
      input: { label: 'Why?', multiline: true },
      link: null,
    },
    { name: 'look', label: 'Look at it', confirm: null, input: null, link: '/teams/red' },
  ]);
  expect((await itemOf(id, ADA, 'zh-TW'))?.actions.map(({ label }) => label)).toEqual([
    '接受',
    '拒絕',
    '看看',
  ]);
});

test('what it does commits with the fact that it was taken; the same again changes nothing, another one is refused', async () => {
  const id = await invite();
  await act(belfry, { id });
  await until(async () => (await itemsOf(ADA)).length === 2);
  expect(await itemOf(id)).toMatchObject({
    actedWith: 'accept',
    readAt: clock.now().toISOString(),
    actions: [],
    answer: { action: 'accept', label: 'Accept', by: null, at: clock.now().toISOString() },
  });
  expect((await itemOf(id, ADA, 'zh-TW'))?.answer?.label).toBe('接受');
  await act(other, { id });
  expect(await effects()).toHaveLength(1);
  await expect(act(other, { id, action: 'decline', input: 'No' })).rejects.toMatchObject({
    code: 'already_answered',
    status: 409,
    answer: { action: 'accept', by: null },
  });
  expect(await effects()).toHaveLength(1);
});

test('pressed at once, often, on two instances, it runs once, and one of two different ones wins', async () => {
  for (let round = 0; round < 10; round += 1) {
    const id = await invite();
    const presses = Array.from({ length: 10 }, (_, n) =>
      act(n % 2 ? belfry : other, n < 8 ? { id } : { id, action: 'decline', input: 'No' }),
    );
    const outcomes = await Promise.allSettled(presses);
    const { actedWith } = (await itemOf(id)) ?? {};
    const won = outcomes.map(({ status }) => status === 'fulfilled');
    expect(won).toEqual(presses.map((_, n) => (n < 8 ? 'accept' : 'decline') === actedWith));
    expect(await effects()).toHaveLength(round + 1);
  }
});

test('everywhere else it shows as done at once', async () => {
  const id = await invite();
  const sink = new MemorySink();
  const credentials = { userId: ADA, expiresAt: new Date(Date.UTC(2100, 0, 1)), key: 'session' };
  (await other.prepareStream({ credentials, eventTypes: ['Invitation'] }))(sink);
  await until(() => sink.inbox.length > 0);
  await act(belfry, { id });
  // What the action itself sends may come in the same frame.
  const changed = () =>
    sink.inbox
      .flatMap((frame) => (frame.kind === 'changes' ? frame.changed : []))
      .find((item) => item.id === id);
  await until(() => changed() !== undefined);
  expect(changed()).toMatchObject({ actedWith: 'accept', actions: [] });
});

test('what it refuses, or fails at, leaves everything as it was, and can be tried again', async () => {
  const id = await invite();
  fails = new BelfryError('conflict', 'The team is full.');
  await expect(act(belfry, { id })).rejects.toMatchObject({ code: 'conflict', message: 'The team is full.' });
  fails = new Error('A defect.');
  await expect(act(belfry, { id })).rejects.toThrow('A defect.');
  expect([await effects(), await itemOf(id)]).toMatchObject([[], { actedWith: null, readAt: null }]);
  fails = null;
  await act(belfry, { id });
  await until(async () => (await itemsOf(ADA)).length === 2);
  expect(await effects()).toHaveLength(1);
});

test('what is filled in is checked by its schema, field by field', async () => {
  const id = await invite();
  for (const input of [undefined, '', '  ', 7, 'x'.repeat(21), {}]) {
    const refusal = await act(belfry, { id, action: 'decline', input }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'invalid_input', fieldErrors: { input: expect.any(Array) } });
  }
  await act(belfry, { id, action: 'decline', input: ' No time ' });
  expect((await effects()).map((effect) => effect.id)).toEqual(['ada declines: No time']);
});

test('an action that there is not, or that only leads somewhere, is refused by its name', async () => {
  const id = await invite();
  for (const action of ['nothing', 'look', 'toString', '__proto__', 'constructor', '']) {
    await expect(act(belfry, { id, action })).rejects.toMatchObject({
      code: 'invalid_input',
      fieldErrors: { action: [expect.any(String)] },
    });
  }
});

test("somebody else's, an unknown or an expired one cannot be acted on", async () => {
  const id = await invite({ user: BEN });
  const expiring = await invite({ user: ADA }, { expiresIn: 60 });
  for (const wrong of [id, id + 10_000, 0, -1, 1.5]) {
    await expect(act(belfry, { id: wrong })).rejects.toMatchObject({ code: 'not_found', status: 404 });
  }
  clock.advance(60_000);
  await expect(act(belfry, { id: expiring })).rejects.toMatchObject({ code: 'expired', status: 409 });
  expect(await effects()).toEqual([]);
});

test('of one that went to everybody, each person takes an action of their own', async () => {
  const id = await invite('everyone');
  await act(belfry, { id });
  await act(other, { id, userId: BEN });
  expect(await effects()).toHaveLength(2);
  expect([(await itemOf(id))?.actedWith, (await itemOf(id, BEN))?.actedWith]).toEqual(['accept', 'accept']);
  expect((await itemOf(id, 'carl'))?.actions).toHaveLength(3);
});

test('one that is done, or was put off, can be acted on as well', async () => {
  const [done, later] = [await invite(), await invite()];
  await belfry.notifications.dismiss({ userId: ADA, ids: [done] });
  await belfry.notifications.snooze({ userId: ADA, ids: [later], until: clock.in(HOUR_MS) });
  await act(belfry, { id: done });
  await act(belfry, { id: later });
  expect(await effects()).toHaveLength(2);
});
