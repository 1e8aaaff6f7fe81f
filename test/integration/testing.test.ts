/** What `belfry/testing` gives to the tests of an app. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { Belfry } from '../../lib/belfry/create-belfry.ts';
import { defineNotification } from '../../lib/belfry/definitions/notification-type.ts';
import { fakeBelfry, sent, sentEvents, type TestClock, testBelfry } from '../../lib/belfry/testing/index.ts';
import { ReportBuilt } from '../support/report-built.ts';

const OrderPaid = defineNotification({
  name: 'OrderPaid',
  payload: z.object({ order: z.number() }),
  render: ({ payload }) => ({ title: `Order ${payload.order} is paid` }),
});
const tea = { title: 'Tea', message: 'At four.' };
const HOUR_MS = 60 * 60_000;

let belfry: Belfry;
let clock: TestClock;
beforeEach(async () => {
  sent.length = 0;
  sentEvents.length = 0;
  ({ belfry, clock } = await testBelfry({ types: [OrderPaid, ReportBuilt] }));
});
afterEach(() => belfry.shutdown());

const titlesOf = async (userId: string) =>
  (await belfry.notifications.fetchPage({ userId })).notifications.map(({ title }) => title);

test('a fake keeps what was sent, as it was understood', async () => {
  const fake = fakeBelfry();
  await fake.sendUserNotification({ ...tea, targetUserId: 7, priority: 'HIGH' });
  await fake.belfry.notify(OrderPaid, { to: { users: ['a', 'b'] }, payload: { order: 3 } });
  await fake.sendGlobalNotification(tea);
  expect(sent).toEqual([
    { type: 'SystemNotification', to: { user: '7' }, payload: tea, priority: 'HIGH' },
    { type: 'OrderPaid', to: { users: ['a', 'b'] }, payload: { order: 3 } },
    { type: 'SystemNotification', to: 'everyone', payload: tea },
  ]);
  await fake.sendEvent(OrderPaid, 7, { order: 4 });
  expect(sentEvents).toEqual([{ type: 'OrderPaid', userId: '7', payload: { order: 4 } }]);
});

test('a fake keeps what a long job reports, and its end once', async () => {
  const fake = fakeBelfry();
  const starting = { to: { user: 7 }, payload: { month: 'May' }, key: 'may' };
  const job = await fake.progress(ReportBuilt, starting);
  job.report(0.4, 'Drawing');
  expect(() => job.report(2)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
  await job.done({ pages: 3 });
  await job.fail();
  job.report(0.5);
  const kept = { key: 'may', startedAt: expect.any(String), payload: { month: 'May' } };
  const running = { state: 'running', fraction: 0.4, note: 'Drawing' };
  expect(sentEvents.at(-1)).toEqual({
    type: 'ReportBuilt',
    userId: '7',
    payload: { ...kept, progress: running },
  });
  const progress = { state: 'done', result: { pages: 3 } };
  expect(sent).toEqual([{ type: 'ReportBuilt', to: { user: '7' }, payload: { ...kept, progress } }]);
  await expect(fake.progress(ReportBuilt, { ...starting, payload: {} as never })).rejects.toMatchObject({
    code: 'invalid_input',
  });
});

test('a job that died is said to be lost when the clock of the test has moved on', async () => {
  await belfry.progress(ReportBuilt, { to: { user: '7' }, payload: { month: 'May' } });
  clock.advance(60_000);
  await belfry.runJobs();
  expect(await titlesOf('7')).toEqual(['May is lost']);
});

test('a fake refuses what a real one would refuse, and knows who follows what', async () => {
  const fake = fakeBelfry();
  const refused = { code: 'invalid_input' };
  await expect(fake.sendUserNotification({ ...tea, title: '', targetUserId: 7 })).rejects.toMatchObject(
    refused,
  );
  await expect(
    fake.notify(OrderPaid, { to: 'everyone', payload: { order: 'three' as unknown as number } }),
  ).rejects.toMatchObject(refused);
  expect(sent).toEqual([]);
  expect(await fake.subscribe({ userId: '7', topic: 'tea' })).toEqual({ changed: true });
  expect(await fake.subscribe({ userId: '7', topic: 'tea' })).toEqual({ changed: false });
  expect([await fake.topicsOf('7'), await fake.membersOf('tea')]).toEqual([['tea'], ['7']]);
  expect(await fake.unsubscribe({ userId: '7', topic: 'tea' })).toEqual({ changed: true });
  await fake.subscribe({ userId: '7', topic: 'tea' });
  await fake.belfry.disconnect({ userId: '7' });
  await fake.belfry.deleteUser(7);
  expect(await fake.topicsOf('7')).toEqual([]);
  expect(await fake.topicsOf('7')).toEqual([]);
});

test('a real one in memory sends, and its clock is moved by hand', async () => {
  await belfry.sendUserNotification({ ...tea, targetUserId: '7', expiresIn: 2 * 60 * 60 });
  const at = new Date(clock.now().getTime() + HOUR_MS);
  await belfry.sendUserNotification({ ...tea, title: 'Later', targetUserId: '7', at });
  await belfry.runJobs();
  expect(await titlesOf('7')).toEqual(['Tea']);
  clock.advance(HOUR_MS);
  await belfry.runJobs();
  expect(await titlesOf('7')).toEqual(['Later', 'Tea']);
  clock.advance(HOUR_MS);
  expect(await titlesOf('7')).toEqual(['Later']);
});

test('several in one process know nothing of each other', async () => {
  const { belfry: other } = await testBelfry();
  await other.sendUserNotification({ ...tea, targetUserId: '7' });
  expect(await titlesOf('7')).toEqual([]);
  await other.shutdown();
});
