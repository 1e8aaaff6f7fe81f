/** A long job shows itself as one item that fills: what is between is never stored, the end is, and a job that died says so. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { InProcessEventBus } from '../../lib/belfry/bus/event-bus.ts';
import { type Belfry, createBelfry } from '../../lib/belfry/create-belfry.ts';
import type { RunningJson } from '../../lib/belfry/protocol/item.ts';
import { sql, toDate } from '../../lib/belfry/storage/database.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';
import { Clock, clearEvents, MemorySink, NO_LOG, portOf, until } from '../support/engine.ts';
import { ReportBuilt } from '../support/report-built.ts';

const INSTANCE = fileURLToPath(new URL('../support/progress-instance.ts', import.meta.url));
const ADA = 'ada';
const payload = { month: 'May' };
const starting = { to: { user: ADA }, payload };

let database: TestDatabase;
let clock: Clock;
let bus: InProcessEventBus;
let belfry: Belfry;
let other: Belfry;
let child: ChildProcess | null;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.remove());

function makeBelfry(now: () => Date = clock.now): Belfry {
  return createBelfry({
    database: portOf(database.db),
    bus,
    types: [ReportBuilt],
    languages: { 'zh-TW': {} },
    log: NO_LOG,
    now,
  });
}

beforeEach(async () => {
  await clearEvents(database.db);
  clock = new Clock();
  bus = new InProcessEventBus();
  child = null;
  belfry = makeBelfry();
  other = makeBelfry();
  await Promise.all([belfry.start(), other.start()]);
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await Promise.all([belfry.shutdown(), other.shutdown()]);
});

async function openStream(by: Belfry, locale: string): Promise<MemorySink> {
  const sink = new MemorySink();
  const credentials = { userId: ADA, expiresAt: new Date(Date.UTC(2100, 0, 1)), key: locale };
  const reader = by.languages.readerOf({ locale });
  (await by.prepareStream({ credentials, eventTypes: ['ReportBuilt'], reader }))(sink);
  await until(() => sink.inbox.length > 0);
  return sink;
}

const runningIn = (sink: MemorySink) =>
  sink.events.filter(({ id }) => id === null) as unknown as RunningJson<object>[];
const endedIn = (sink: MemorySink) => sink.events.filter(({ id }) => id !== null);

async function itemsOf(locale = 'en') {
  const reader = belfry.languages.readerOf({ locale });
  return (await belfry.notifications.fetchPage({ userId: ADA, reader })).notifications;
}

async function jobsLeft(): Promise<number> {
  const rows = await portOf(database.db).query(sql`SELECT id FROM belfry_job WHERE kind = 'belfry.progress'`);
  return rows.length;
}

/** What is due by then has been run, wherever. */
async function after(milliseconds: number): Promise<void> {
  clock.advance(milliseconds);
  await Promise.all([belfry.runJobs(), other.runJobs()]);
}

test('what is reported is told at once, in the language of each who looks, and never stored', async () => {
  const [english, chinese] = [await openStream(belfry, 'en'), await openStream(other, 'zh-TW')];
  const job = await belfry.progress(ReportBuilt, { ...starting, key: 'may' });
  job.report(0.4, 'Drawing');
  await until(() => [english, chinese].every((sink) => runningIn(sink).length > 0));
  expect(runningIn(english).at(-1)).toMatchObject({
    id: null,
    eventType: 'ReportBuilt',
    key: 'may',
    title: 'Building May',
    message: 'Drawing',
    fraction: 0.4,
    startedAt: clock.now().toISOString(),
    payload: { key: 'may', payload, progress: { state: 'running', fraction: 0.4, note: 'Drawing' } },
  });
  expect(runningIn(chinese).at(-1)).toMatchObject({ title: '正在製作 May', fraction: 0.4 });
  expect(await itemsOf()).toEqual([]);
  await job.done({ pages: 3 });
});

test('the end is stored once, told after what was reported, and nothing is said of it any more', async () => {
  const sink = await openStream(other, 'en');
  const job = await belfry.progress(ReportBuilt, { ...starting, key: 'may' });
  job.report(1);
  await job.done({ pages: 3 });
  await job.done({ pages: 4 });
  await job.fail();
  job.report(0.2);
  await until(() => endedIn(sink).length > 0);
  expect(sink.events.at(-1)).toMatchObject({
    title: 'May is ready',
    message: '3 pages',
    payload: { key: 'may', progress: { state: 'done', result: { pages: 3 } } },
    expiresAt: clock.in(600_000).toISOString(),
    priority: 'HIGH',
  });
  expect(await jobsLeft()).toBe(0);
  await after(3_600_000);
  clock.advance(-3_600_000);
  expect(await itemsOf()).toMatchObject([{ title: 'May is ready', category: 'reports' }]);
  expect(await itemsOf('zh-TW')).toMatchObject([{ title: 'May 已完成' }]);
});

test('a job that fails says why, also by itself when it is left without an end', async () => {
  const job = await belfry.progress(ReportBuilt, starting);
  await job.fail('No ink');
  const left = await belfry.progress(ReportBuilt, starting);
  await left[Symbol.asyncDispose]();
  await job[Symbol.asyncDispose]();
  expect(await itemsOf()).toMatchObject([
    { title: 'May failed', message: '' },
    { title: 'May failed', message: 'No ink' },
  ]);
});

test('a job that is alive is not lost, one that died is, once, and its true end is told all the same', async () => {
  const job = await belfry.progress(ReportBuilt, { ...starting, silentAfter: 30 });
  await after(29_000);
  expect(await itemsOf()).toEqual([]);
  await after(1_000);
  await until(async () => (await itemsOf()).length > 0);
  await after(30_000);
  expect(await itemsOf()).toMatchObject([{ title: 'May is lost', payload: { key: job.key } }]);
  await job.done({ pages: 3 });
  expect(await itemsOf()).toMatchObject([{ title: 'May is ready' }, { title: 'May is lost' }]);
});

test('each sign of its process puts off that it is lost', async () => {
  const begun = clock.now();
  const job = await belfry.progress(ReportBuilt, { ...starting, silentAfter: 1 });
  clock.advance(900);
  const isPutOff = async () => {
    const rows = await portOf(database.db).query<{ due_at: Date | number }>(
      sql`SELECT due_at FROM belfry_job WHERE kind = 'belfry.progress'`,
    );
    return (toDate(rows[0]?.due_at ?? null)?.getTime() ?? 0) === begun.getTime() + 1_900;
  };
  await until(isPutOff);
  await after(900);
  expect(await itemsOf()).toEqual([]);
  await job.done({ pages: 3 });
  expect(await jobsLeft()).toBe(0);
});

test('as long as its process lives it is not said to be lost; when that was killed it is, once', {
  tags: ['long'],
  timeout: 60_000,
}, async () => {
  await Promise.all([belfry.shutdown(), other.shutdown()]);
  const now = () => new Date();
  [belfry, other] = [makeBelfry(now), makeBelfry(now)];
  await Promise.all([belfry.start(), other.start()]);
  child = spawn(process.execPath, [INSTANCE, database.url, ADA], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
  // It says so when it has lived for twice as long as it may be silent.
  await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line');
  expect(await itemsOf()).toEqual([]);
  child.kill('SIGKILL');
  await until(async () => (await itemsOf()).length > 0, 30_000);
  await Promise.all([belfry.runJobs(), other.runJobs()]);
  expect(await itemsOf()).toMatchObject([{ title: 'May is lost' }]);
  expect(await jobsLeft()).toBe(0);
});

test('a job that is started again with its key goes on as the same item, and ends once', async () => {
  const sink = await openStream(belfry, 'en');
  const first = await belfry.progress(ReportBuilt, { ...starting, key: 'may' });
  const second = await other.progress(ReportBuilt, { ...starting, key: 'may' });
  expect(await jobsLeft()).toBe(1);
  await second.done({ pages: 3 });
  await first.done({ pages: 4 });
  const third = await belfry.progress(ReportBuilt, { ...starting, key: 'may' });
  await until(() => endedIn(sink).length > 0);
  const told = sink.events.length;
  third.report(0.5);
  await third.done({ pages: 5 });
  expect(await itemsOf()).toMatchObject([{ message: '3 pages' }]);
  expect(sink.events).toHaveLength(told);
  expect(await jobsLeft()).toBe(0);
  // Another user's, and of another key, it is another job.
  const others = await belfry.progress(ReportBuilt, { to: { user: 'ben' }, payload, key: 'may' });
  await others.done({ pages: 6 });
  expect((await belfry.notifications.fetchPage({ userId: 'ben' })).notifications).toHaveLength(1);
});

test('what does not fit is refused, and an end that does not can be said again', async () => {
  const refused = (more: object) => belfry.progress(ReportBuilt, { ...starting, ...more });
  await expect(refused({ payload: {} })).rejects.toMatchObject({
    code: 'invalid_input',
    fieldErrors: { 'payload.month': [expect.any(String)] },
  });
  await expect(refused({ to: 'everyone' })).rejects.toMatchObject({ fieldErrors: { to: expect.anything() } });
  await expect(refused({ silentAfter: 0 })).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(refused({ key: '' })).rejects.toMatchObject({ code: 'invalid_input' });
  expect(await jobsLeft()).toBe(0);
  const job = await belfry.progress(ReportBuilt, starting);
  for (const fraction of [-0.1, 1.1, Number.NaN]) {
    expect(() => job.report(fraction)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
  }
  await expect(job.done({ pages: 'three' } as never)).rejects.toMatchObject({
    fieldErrors: { 'progress.result.pages': [expect.any(String)] },
  });
  await job.done({ pages: 3 });
  expect(await itemsOf()).toMatchObject([{ title: 'May is ready' }]);
});

test('of a user who was deleted nothing is said', async () => {
  await belfry.progress(ReportBuilt, { ...starting, silentAfter: 1 });
  await belfry.deleteUser(ADA);
  expect(await jobsLeft()).toBe(0);
  // It still runs, and gives signs of life.
  await sleep(500);
  expect(await jobsLeft()).toBe(0);
});
