import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SqlDatabase, sql, toNumber } from '../../lib/belfry/storage/database.ts';
import { History } from '../../lib/belfry/storage/history.ts';
import { prismaDatabase } from '../../lib/belfry/storage/prisma-database.ts';
import { freshDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let db: SqlDatabase;
let clock = Date.UTC(2026, 0, 1);

beforeEach(async () => {
  database = await freshDatabase();
  db = prismaDatabase(database.db, {
    provider: database.url.startsWith('postgres') ? 'postgresql' : 'sqlite',
  });
});
afterEach(() => database.remove());

// Never twice the same time: a restored database that goes on does so later.
const later = () => {
  clock += 1_000;
  return new Date(clock);
};

async function happen(): Promise<number> {
  const [row] = await db.query<{ id: bigint | number }>(sql`
    INSERT INTO "belfry_event" ("event_type", "priority", "payload", "created_at")
    VALUES ('Test', 1, '{}', ${later()}) RETURNING "id"`);
  return toNumber(row?.id);
}

async function change(): Promise<number> {
  const [row] = await db.query<{ id: bigint | number }>(sql`
    INSERT INTO "belfry_inbox_change" ("user_id", "kind", "at") VALUES (1, 'clear', ${later()}) RETURNING "revision" AS "id"`);
  return toNumber(row?.id);
}

/** As whoever stored the last one knows it. */
const stored = (id: number) => ({ id, at: new Date(clock) });

/** What a restored back-up does to a table: rows above an id are gone, and the ids are given again. */
async function restore(
  table: 'belfry_event' | 'belfry_inbox_change' | 'belfry_history',
  keep: number,
): Promise<void> {
  if (table === 'belfry_inbox_change')
    await db.execute(sql`DELETE FROM "belfry_inbox_change" WHERE "revision" > ${keep}`);
  else if (table === 'belfry_event') await db.execute(sql`DELETE FROM "belfry_event" WHERE "id" > ${keep}`);
  else await db.execute(sql`DELETE FROM "belfry_history" WHERE "id" > ${keep}`);
  if (db.dialect === 'sqlite') {
    await db.execute(sql`UPDATE "sqlite_sequence" SET "seq" = ${keep} WHERE "name" = ${table}`);
  } else {
    const column = table === 'belfry_inbox_change' ? 'revision' : 'id';
    await db.query(
      sql`SELECT CAST(setval(pg_get_serial_sequence(${table}, ${column}), ${keep + 1}, false) AS TEXT)`,
    );
  }
}

async function begun(options?: ConstructorParameters<typeof History>[1]): Promise<History> {
  const history = new History(db, options);
  await history.begin();
  return history;
}

const at = (history: History, eventId: number, revision: number) => ({
  history: history.current.name,
  eventId,
  revision,
});

test('a restart continues: what a client had before it is good after it', async () => {
  const before = await begun();
  const state = at(before, await happen(), await change());
  const after = await begun();
  expect(after.current.name).toMatch(/^[A-Za-z0-9]{12}$/);
  expect(after.current.name).not.toBe(before.current.name);
  expect(await after.continues(state)).toBe(true);
  expect(await after.continues(at(after, state.eventId, state.revision))).toBe(true);
  expect(await after.continues(at(after, state.eventId + 1, state.revision))).toBe(false);
  expect(await after.continues({ ...state, history: 'neverheardof' })).toBe(false);
  expect(await after.check()).toBe('same');
});

test('what goes on as usual is no break: new events, new changes, clean-up', async () => {
  const history = await begun();
  const known = await happen();
  expect(await history.check()).toBe('same');
  const before = history.highest;
  const event = stored(await happen());
  expect(history.note({ event, change: stored(await change()) }, before)).toBe(true);
  await db.execute(sql`DELETE FROM "belfry_event" WHERE "id" = ${known}`);
  expect(await history.check()).toBe('same');
});

test('a restored back-up does not continue what was after it', async () => {
  const before = await begun();
  const kept = at(before, await happen(), await change());
  const lost = at(before, await happen(), await change());
  await restore('belfry_event', kept.eventId);
  await restore('belfry_inbox_change', kept.revision);
  const after = await begun();
  expect(await after.continues(kept)).toBe(true);
  expect(await after.continues(lost)).toBe(false);
  await happen();
  await change();
  expect(await after.continues(lost)).toBe(false);
});

test.each(['belfry_event', 'belfry_inbox_change'] as const)(
  'only rows of %s gone under a running instance is a break',
  async (table) => {
    const history = await begun();
    const state = at(history, await happen(), await change());
    expect(await history.check()).toBe('same');
    await restore(table, 0);
    expect(await history.check()).toBe('broken');
    expect(await history.continues(state)).toBe(false);
    expect(await history.check()).toBe('same');
  },
);

test('ids used again are a break, even when there are more of them than before', async () => {
  const history = await begun();
  const state = at(history, await happen(), 0);
  expect(await history.check()).toBe('same');
  await restore('belfry_event', 0);
  await happen();
  await happen();
  expect(await history.check()).toBe('broken');
  expect(await history.continues(state)).toBe(false);
});

test('being given an id that is not new proves a break', async () => {
  const history = await begun();
  await happen();
  await happen();
  expect(await history.check()).toBe('same');
  const before = history.highest;
  await restore('belfry_event', 0);
  const event = stored(await happen());
  expect(history.note({ event }, before)).toBe(false);
  await happen();
  await happen();
  expect(await history.check()).toBe('broken');
  expect(await history.check()).toBe('same');
});

test.each(['event', 'change'] as const)(
  'an id that was given out since the last look, and then again, is a break, however many follow',
  async (what) => {
    const [table, store] =
      what === 'event' ? (['belfry_event', happen] as const) : (['belfry_inbox_change', change] as const);
    const history = await begun();
    const kept = await store();
    expect(await history.check()).toBe('same');
    expect(history.note({ [what]: stored(await store()) }, history.highest)).toBe(true);
    await restore(table, kept);
    // By another process.
    await store();
    await store();
    expect(await history.check()).toBe('broken');
  },
);

test('a back-up of before this history began is a break, whatever else it holds', async () => {
  const history = await begun();
  await restore('belfry_history', 0);
  expect(await history.check()).toBe('broken');
});

test('another ground is a break', async () => {
  let ground = 'one server';
  const history = await begun({ ground: async () => ground });
  const state = at(history, await happen(), 0);
  expect(await history.check()).toBe('same');
  ground = 'another server';
  expect(await history.check()).toBe('broken');
  expect(await history.continues(state)).toBe(false);
  expect(await history.check()).toBe('same');
});

test('what was begun before a break and ends after it is no second one', async () => {
  let ground = 'one server';
  const history = await begun({ ground: async () => ground });
  await happen();
  const eventId = await happen();
  expect(await history.check()).toBe('same');
  const before = history.highest;
  ground = 'another server';
  expect(await history.check()).toBe('broken');
  // It was acknowledged by the server before, or got an id again from this one.
  expect(history.note({ event: { id: eventId + 100, at: new Date() } }, before)).toBe(true);
  expect(history.note({ event: { id: eventId - 1, at: new Date() } }, before)).toBe(true);
  expect(await history.check()).toBe('same');
});

test('instances that restart one after the other go over to the newest history', async () => {
  const one = await begun();
  await happen();
  expect(await one.check()).toBe('same');
  const state = at(one, await happen(), 0);
  const two = await begun();
  expect(await one.check()).toBe('adopted');
  expect(one.current.name).toBe(two.current.name);
  const oneAgain = await begun();
  expect(await two.check()).toBe('adopted');
  for (const history of [one, two, oneAgain]) expect(await history.continues(state)).toBe(true);
});

test('a break that another instance found is one here too', async () => {
  let ground = 'a';
  const one = await begun({ ground: async () => ground });
  const two = await begun();
  const state = at(two, await happen(), 0);
  expect(await two.check()).toBe('same');
  expect(await one.check()).toBe('adopted');
  ground = 'b';
  const told: string[] = [];
  expect(await one.check(() => told.push(one.current.name))).toBe('broken');
  expect(await two.check(() => told.push(two.current.name))).toBe('broken');
  expect(two.current.name).toBe(one.current.name);
  expect(told).toEqual([one.current.name, one.current.name]);
  expect(await two.continues(state)).toBe(false);
});
