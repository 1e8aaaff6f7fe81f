/** A program asks, somebody answers, and the answer reaches whoever waits for it, then or later. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { type EventBus, InProcessEventBus } from '../../lib/belfry/bus/event-bus.ts';
import { type Belfry, createBelfry } from '../../lib/belfry/create-belfry.ts';
import { defineQuestion, Question } from '../../lib/belfry/definitions/question-type.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { Clock, clearEvents, HOUR_MS, MemorySink, NO_LOG, portOf, until } from '../support/engine.ts';

const ADA = 'ada';
const BEN = 'ben';

const told: unknown[] = [];
let failing = 0;

const ApproveDeploy = defineQuestion({
  name: 'ApproveDeploy',
  payload: z.object({ version: z.string() }),
  messages: {
    en: { title: 'Deploy {version}?', approve: 'Deploy', refuse: 'Stop', why: 'Why not?' },
  },
  render: ({ payload, t }) => ({ title: t('title', payload) }),
  actions: {
    approve: { label: 'approve' },
    refuse: { label: 'refuse', input: { label: 'why', schema: z.string().min(1) } },
  },
  onAnswer({ answer, payload, key }) {
    if (failing > 0) {
      failing -= 1;
      throw new Error('Not yet.');
    }
    told.push({ action: answer.action, by: answer.by, payload, key });
  },
});
const payload = { version: '1.4.0' };
const choose = {
  title: 'Tea?',
  options: [
    { name: 'yes', label: 'Yes' },
    { name: 'no', label: 'No' },
  ],
};

let database: TestDatabase;
let clock: Clock;
let belfry: Belfry;
let other: Belfry;
let bus: EventBus;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.remove());

function makeBelfry(on: EventBus = bus): Belfry {
  return createBelfry({
    database: portOf(database.db),
    bus: on,
    types: [ApproveDeploy],
    log: NO_LOG,
    now: clock.now,
  });
}

beforeEach(async () => {
  told.length = 0;
  failing = 0;
  await clearEvents(database.db);
  clock = new Clock();
  bus = new InProcessEventBus();
  belfry = makeBelfry();
  other = makeBelfry();
  await Promise.all([belfry.start(), other.start()]);
});
afterEach(() => Promise.all([belfry.shutdown(), other.shutdown()]));

const itemsOf = async (userId: string) => (await belfry.notifications.fetchPage({ userId })).notifications;

/** The item by which somebody was asked, once it is there. */
async function askedItem(userId: string) {
  await until(async () => (await itemsOf(userId)).length > 0);
  return (await itemsOf(userId))[0] as Awaited<ReturnType<typeof itemsOf>>[number];
}

async function answer(by: Belfry, userId: string, action = 'approve', input?: unknown) {
  const { id } = await askedItem(userId);
  return by.notifications.act({ userId, id, action, input });
}

test('whoever asks gets the answer, with what was filled in, and by whom', async () => {
  const asked = belfry.ask(ApproveDeploy, { to: { user: ADA }, payload, timeout: 600 });
  expect(await askedItem(ADA)).toMatchObject({
    title: 'Deploy 1.4.0?',
    expiresAt: clock.in(600_000).toISOString(),
  });
  await answer(other, ADA, 'refuse', 'It is Friday');
  expect(await asked).toEqual({ action: 'refuse', input: 'It is Friday', by: ADA, at: clock.now() });
});

test('of several who are asked the first answers, and the others see who it was, and no buttons', async () => {
  const asked = belfry.ask(ApproveDeploy, { to: { users: [ADA, BEN] }, payload });
  const ofBen = await askedItem(BEN);
  const sink = new MemorySink();
  const credentials = { userId: BEN, expiresAt: new Date(Date.UTC(2100, 0, 1)), key: 'session' };
  (await other.prepareStream({ credentials, eventTypes: ['ApproveDeploy'] }))(sink);
  await until(() => sink.inbox.length > 0);
  await answer(belfry, ADA);
  expect(await asked).toMatchObject({ action: 'approve', by: ADA });
  await until(() => sink.inbox.some((frame) => frame.kind === 'changes'));
  expect(sink.inbox.at(-1)).toMatchObject({
    changed: [
      { id: ofBen.id, actions: [], actedWith: null, answer: { action: 'approve', label: 'Deploy', by: ADA } },
    ],
  });
  await expect(
    other.notifications.act({ userId: BEN, id: ofBen.id, action: 'approve' }),
  ).rejects.toMatchObject({
    code: 'already_answered',
    message: expect.stringContaining(ADA),
    answer: { action: 'approve', by: ADA },
  });
  // Whoever was first may press again: it is what they did.
  await answer(other, ADA);
  await expect(answer(other, ADA, 'refuse', 'No')).rejects.toMatchObject({ code: 'already_answered' });
});

test('of many who press at once, on two instances, one is first', async () => {
  const people = Array.from({ length: 20 }, (_, n) => `person ${n}`);
  const asked = belfry.ask(ApproveDeploy, { to: { users: people }, payload });
  const ids = new Map<string, number>();
  for (const person of people) ids.set(person, (await askedItem(person)).id);
  const outcomes = await Promise.allSettled(
    people.map((userId, n) =>
      (n % 2 ? belfry : other).notifications.act({
        userId,
        id: ids.get(userId) as number,
        action: 'approve',
      }),
    ),
  );
  const first = people.filter((_, n) => outcomes[n]?.status === 'fulfilled');
  expect(first).toHaveLength(1);
  expect(await asked).toMatchObject({ by: first[0] });
});

test('with one key there is one question, and its answer is there for whoever asks again', async () => {
  const ask = (by: Belfry) => by.ask(ApproveDeploy, { to: { user: ADA }, payload, key: 'deploy 1.4.0' });
  const both = [ask(belfry), ask(belfry)];
  await askedItem(ADA);
  const third = ask(other);
  await answer(belfry, ADA);
  const answers = await Promise.all([...both, third]);
  expect(answers.map((one) => one?.by)).toEqual([ADA, ADA, ADA]);
  expect(await ask(makeBelfry())).toEqual(answers[0]);
  expect(await itemsOf(ADA)).toHaveLength(1);
  // Nor does a sending with its key ask anybody else.
  const sending = { to: { users: [ADA, BEN] }, payload, idempotencyKey: 'ask:deploy 1.4.0' };
  expect(await other.notify(ApproveDeploy, sending)).toEqual({ id: (await itemsOf(ADA))[0]?.id });
  expect([await itemsOf(BEN), await database.db.belfryQuestion.count()]).toEqual([[], 1]);
});

test('an answer reaches whoever waits where nothing tells of it', async () => {
  const deaf = makeBelfry(new InProcessEventBus());
  const asked = deaf.ask(ApproveDeploy, { to: { user: ADA }, payload });
  await answer(belfry, ADA);
  expect(await asked).toMatchObject({ action: 'approve' });
  await deaf.shutdown();
});

test('when its time is over there is no answer, nobody is shown it, and nobody can answer it', async () => {
  const asked = belfry.ask(ApproveDeploy, { to: { user: ADA }, payload, timeout: 60 });
  const { id } = await askedItem(ADA);
  clock.advance(60_000);
  expect(await asked).toBeNull();
  expect(await itemsOf(ADA)).toEqual([]);
  await expect(other.notifications.act({ userId: ADA, id, action: 'approve' })).rejects.toMatchObject({
    code: 'expired',
    status: 409,
  });
});

test('what is withdrawn goes everywhere, and is withdrawn once', async () => {
  const asked = belfry.ask(ApproveDeploy, { to: { users: [ADA, BEN] }, payload, key: 'k' });
  const { id } = await askedItem(ADA);
  expect(await other.withdraw({ key: 'k' })).toBe(true);
  expect(await asked).toBeNull();
  expect([await itemsOf(ADA), await itemsOf(BEN)]).toEqual([[], []]);
  await expect(answerTo(id)).rejects.toMatchObject({ code: 'expired' });
  expect([await other.withdraw({ key: 'k' }), await other.withdraw({ key: 'nothing' })]).toEqual([
    false,
    false,
  ]);
});

const answerTo = (id: number) => other.notifications.act({ userId: ADA, id, action: 'approve' });

test('whoever no longer wants to know withdraws it by their signal', async () => {
  const leaving = new AbortController();
  const asked = belfry.ask(ApproveDeploy, { to: { user: ADA }, payload, signal: leaving.signal });
  const { id } = await askedItem(ADA);
  leaving.abort();
  expect(await asked).toBeNull();
  await expect(answerTo(id)).rejects.toMatchObject({ code: 'expired' });
});

test('whoever waits while the server stops is told to ask again', async () => {
  const asked = belfry.ask(ApproveDeploy, { to: { user: ADA }, payload, key: 'again' });
  const refused = expect(asked).rejects.toMatchObject({ code: 'shutting_down' });
  await askedItem(ADA);
  await belfry.shutdown();
  await refused;
  const again = other.ask(ApproveDeploy, { to: { user: ADA }, payload, key: 'again' });
  await answer(other, ADA);
  expect(await again).toMatchObject({ action: 'approve' });
});

test('onAnswer is run once when nobody waits, again when it failed, and not when somebody did', async () => {
  await belfry.notify(ApproveDeploy, { to: { user: ADA }, payload, idempotencyKey: 'unattended' });
  await answer(belfry, ADA);
  clock.advance(2_000);
  await belfry.runJobs();
  expect(told).toEqual([]);
  failing = 1;
  clock.advance(2_000);
  await Promise.all([belfry.runJobs(), other.runJobs()]);
  expect(told).toEqual([]);
  clock.advance(HOUR_MS);
  await Promise.all([belfry.runJobs(), other.runJobs()]);
  await belfry.runJobs();
  const once = { action: 'approve', by: ADA, payload, key: 'unattended' };
  expect(told).toEqual([once]);

  const asked = belfry.ask(ApproveDeploy, { to: { user: BEN }, payload });
  await answer(other, BEN);
  await asked;
  clock.advance(HOUR_MS);
  await Promise.all([belfry.runJobs(), other.runJobs()]);
  expect(told).toEqual([once]);
});

test('the built-in question brings its own buttons', async () => {
  const asked = belfry.ask(Question, { to: { user: ADA }, payload: choose });
  expect((await askedItem(ADA)).actions.map(({ name, label }) => [name, label])).toEqual([
    ['yes', 'Yes'],
    ['no', 'No'],
  ]);
  await expect(answer(belfry, ADA, 'maybe')).rejects.toMatchObject({
    fieldErrors: { action: expect.any(Array) },
  });
  await answer(belfry, ADA, 'no');
  expect(await asked).toMatchObject({ action: 'no', by: ADA });
  expect((await itemsOf(ADA))[0]?.answer).toMatchObject({ action: 'no', label: 'No' });
});

test.each([
  [{ title: '' }, 'title'],
  [{ options: [] }, 'options'],
  [{ options: [{ name: 'Bad name', label: 'x' }] }, 'options.0.name'],
  [{ options: [{ name: 'a', label: ' ' }] }, 'options.0.label'],
  [{ options: [choose.options[0], choose.options[0]] }, 'options'],
  [{ options: Array.from({ length: 11 }, (_, n) => ({ name: `o${n}`, label: 'x' })) }, 'options'],
])('a question that cannot be asked is refused by its field: %j', async (wrong, field) => {
  const refusal = belfry.ask(Question, { to: { user: ADA }, payload: { ...choose, ...wrong } as never });
  await expect(refusal).rejects.toMatchObject({
    code: 'invalid_input',
    fieldErrors: { [field]: expect.any(Array) },
  });
  expect(await database.db.belfryQuestion.count()).toBe(0);
});

test('only people who are named can be asked, and not too many', async () => {
  const many = Array.from({ length: 101 }, (_, n) => `${n}`);
  for (const to of ['everyone' as const, { topic: 'x' }, { users: many }]) {
    const refused = { code: 'invalid_input', fieldErrors: { to: expect.any(Array) } };
    await expect(belfry.notify(ApproveDeploy, { to, payload })).rejects.toMatchObject(refused);
  }
  expect(await database.db.belfryQuestion.count()).toBe(0);
});

test('one that is asked within a transaction, or later, can be answered as any other', async () => {
  await database.db.$transaction(async (tx) => {
    await belfry.notify(ApproveDeploy, { to: { user: ADA }, payload }, { tx });
  });
  await answer(belfry, ADA);
  await belfry.notify(ApproveDeploy, { to: { user: BEN }, payload, at: clock.in(HOUR_MS) });
  clock.advance(HOUR_MS);
  await belfry.runJobs();
  await answer(belfry, BEN);
  expect((await itemsOf(BEN))[0]?.answer).toMatchObject({ action: 'approve' });
});

test('whoever asked by name waits for the answer by the id of the notification, and nobody else does', async () => {
  const { id } = await belfry.notify(Question, { to: { user: ADA }, payload: choose, askedBy: 'token 7' });
  const wait = (askedBy: string, of = id as number) =>
    other.notifications.waitForAnswer({ id: of, askedBy, signal: AbortSignal.timeout(20_000) });
  await expect(wait('token 8')).rejects.toMatchObject({ code: 'not_found' });
  await expect(wait('token 7', (id as number) + 1)).rejects.toMatchObject({ code: 'not_found' });
  const waiting = wait('token 7');
  await answer(belfry, ADA, 'yes');
  expect(await waiting).toMatchObject({ action: 'yes', by: ADA });
  expect(await wait('token 7')).toMatchObject({ action: 'yes' });
});
