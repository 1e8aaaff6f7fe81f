import { setImmediate as endOfTurn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type Actor, AuditTrail } from '../../lib/auth/audit.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

const HOUR_MS = 60 * 60_000;
const by: Actor = { name: 'ada@example.com', userId: 7, address: '192.0.2.1', agent: 'Firefox' };

let database: TestDatabase;
let lines: Record<string, unknown>[];
let now: Date;
/** What passes however the clock is set. */
let elapsed: number;
const log = {
  info: (fields: Record<string, unknown>) => void lines.push(fields),
  error: (fields: Record<string, unknown>) => void lines.push(fields),
} as never;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.remove());
beforeEach(async () => {
  lines = [];
  now = new Date('2026-11-26T12:00:00Z');
  elapsed = 0;
  await database.db.auditEntry.deleteMany();
});
const trails: AuditTrail[] = [];
afterEach(async () => {
  vi.useRealTimers();
  // What one test recorded must not be written in the next.
  await Promise.all(trails.splice(0).map((trail) => trail.flush()));
});

function newTrail({ days = 365, db = database.db }: { days?: number; db?: TestDatabase['db'] } = {}) {
  const trail = new AuditTrail({ db, log, days, now: () => now, elapsed: () => elapsed });
  trails.push(trail);
  return trail;
}

function pass(milliseconds: number): void {
  now = new Date(now.getTime() + milliseconds);
  elapsed += milliseconds;
}

const rows = () => database.db.auditEntry.findMany({ orderBy: { id: 'asc' } });

/** A database that refuses to write as long as it is told to. */
function refusing(): { db: TestDatabase['db']; refuses: boolean } {
  const state = { refuses: true, db: database.db };
  state.db = new Proxy(database.db, {
    get: (target, name) =>
      name === 'auditEntry' && state.refuses
        ? { createMany: () => Promise.reject(new Error('away')) }
        : Reflect.get(target, name),
  });
  return state;
}

test('an entry is a line at once and a row soon after, with who, from where, when and what', async () => {
  const trail = newTrail();
  trail.record({ action: 'token_created', by, subject: 'token 1 (ci)', detail: { scopes: 'send' } });
  expect(lines).toEqual([
    {
      audit: 'token_created',
      actor: 'ada@example.com',
      userId: 7,
      subject: 'token 1 (ci)',
      address: '192.0.2.1',
      agent: 'Firefox',
      detail: { scopes: 'send' },
    },
  ]);
  await vi.waitFor(async () => expect(await rows()).toHaveLength(1));
  expect(await rows()).toMatchObject([
    {
      at: now,
      action: 'token_created',
      actor: 'ada@example.com',
      actorUserId: 7,
      actorTokenId: null,
      subject: 'token 1 (ci)',
      address: '192.0.2.1',
      agent: 'Firefox',
      detail: '{"scopes":"send"}',
    },
  ]);
});

test('a flush leaves nothing that was recorded before it unwritten, in its order', async () => {
  const trail = newTrail();
  for (let n = 0; n < 350; n += 1) trail.record({ action: 'notification_sent', by, detail: { id: n } });
  await trail.flush();
  expect((await rows()).map(({ detail }) => JSON.parse(detail ?? '').id)).toEqual(
    Array.from({ length: 350 }, (_, n) => n),
  );
});

test('text from outside is bounded, and holds nothing that a terminal or a database would act on', async () => {
  const evil = `\0\u001b[2J\u009b\u202e\r\n${'x'.repeat(5_000)}`;
  const trail = newTrail();
  trail.record({
    action: 'signed_in',
    by: { name: evil, address: evil, agent: evil },
    subject: evil,
    detail: { evil, many: evil },
  });
  await trail.flush();
  const [row] = await rows();
  const texts = [row?.actor, row?.address, row?.agent, row?.subject, row?.detail];
  for (const text of texts) {
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text?.length).toBeLessThanOrEqual(1_000);
  }
  expect(() => JSON.parse(row?.detail ?? '')).not.toThrow();
});

test('a database that is away makes nothing fail: what was recorded is told once, waits, and is written later', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const away = refusing();
  const trail = newTrail({ db: away.db });
  trail.record({ action: 'signed_in', by });
  trail.record({ action: 'signed_out', by });
  await vi.advanceTimersByTimeAsync(300);
  expect(lines.filter(({ code }) => code === 'audit_not_written')).toMatchObject([{ count: 2 }]);
  away.refuses = false;
  await vi.advanceTimersByTimeAsync(5_000);
  vi.useRealTimers();
  await vi.waitFor(async () => expect(await rows()).toHaveLength(2));
});

test('what does not fit while the database is away is counted, and stays in the log', async () => {
  const away = refusing();
  const trail = newTrail({ db: away.db });
  for (let n = 0; n < 10_003; n += 1) trail.record({ action: 'notification_sent', by });
  expect(lines).toHaveLength(10_003);
  await trail.flush();
  expect(lines.at(-1)).toMatchObject({ code: 'audit_lost', count: 10_000 });
  away.refuses = false;
  await trail.flush();
  await vi.waitFor(() => expect(lines.at(-1)).toMatchObject({ code: 'audit_lost', count: 3 }), 15_000);
  expect(await database.db.auditEntry.count()).toBe(10_000);
});

test('strangers cause 250 entries an hour at most, and then one that says how many more there were', async () => {
  const trail = newTrail();
  for (let n = 0; n < 1_000; n += 1) trail.recordFromStranger({ action: 'sign_in_refused', by });
  await trail.flush();
  expect(lines).toHaveLength(251);
  expect((await rows()).at(-1)).toMatchObject({
    action: 'sign_in_refused',
    actor: 'several',
    detail: '{"more":750}',
  });
});

test('the next hour has entries of its own, and tells of what the last one left out', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const trail = newTrail();
  for (let n = 0; n < 260; n += 1) trail.recordFromStranger({ action: 'sign_in_refused', by });
  pass(HOUR_MS);
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  expect(lines.at(-1)).toMatchObject({ audit: 'sign_in_refused', detail: { more: 10 } });
  trail.recordFromStranger({ action: 'sign_in_refused', by });
  expect(lines).toHaveLength(252);
});

test('a lock-out is told once in its window, for each key', () => {
  const trail = newTrail();
  const lock = (key: string) =>
    trail.recordFromStranger({ action: 'sign_in_locked', by }, { key, seconds: 900 });
  for (const key of ['a', 'b', 'a', 'b', 'a']) lock(key);
  expect(lines).toHaveLength(2);
  pass(901_000);
  lock('a');
  expect(lines).toHaveLength(3);
});

test.each([3 * HOUR_MS, -3 * HOUR_MS, 24 * HOUR_MS, -24 * HOUR_MS])(
  'a clock that jumps by %i ms makes no hour longer or shorter',
  async (jump) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const trail = newTrail();
    const lock = () => trail.recordFromStranger({ action: 'sign_in_locked', by }, { key: 'a', seconds: 900 });
    const refuse = () => trail.recordFromStranger({ action: 'sign_in_refused', by });
    lock();
    for (let n = 0; n < 259; n += 1) refuse();
    now = new Date(now.getTime() + jump);
    lock();
    refuse();
    expect(lines).toHaveLength(250);
    pass(HOUR_MS);
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    expect(lines.at(-1)).toMatchObject({ audit: 'sign_in_refused', detail: { more: 11 } });
    lock();
    expect(lines).toHaveLength(252);
  },
);

test('rows go when they are older than the setting says, and no others', async () => {
  const DAY_MS = 24 * HOUR_MS;
  const at = (days: number) => new Date(now.getTime() - days * DAY_MS);
  const row = { action: 'signed_in', actor: 'a', address: '', agent: '' };
  await database.db.auditEntry.createMany({
    data: [...Array.from({ length: 600 }, () => ({ ...row, at: at(31) })), { ...row, at: at(29) }],
  });
  expect(await newTrail({ days: 30 }).removeOld()).toBe(600);
  expect(await rows()).toMatchObject([{ at: at(29) }]);
});

test('switched off it writes lines and no rows, and removes those that are there', async () => {
  await database.db.auditEntry.create({
    data: { action: 'signed_in', actor: 'a', address: '', agent: '', at: new Date(now.getTime() - 1) },
  });
  const trail = newTrail({ days: 0 });
  trail.record({ action: 'signed_in', by });
  await trail.flush();
  await endOfTurn();
  expect(lines).toHaveLength(1);
  await trail.removeOld();
  expect(await rows()).toEqual([]);
});
