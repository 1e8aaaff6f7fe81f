/** What the database work costs: durable sends, and reads as the tables grow. */
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import BetterSqlite3 from 'better-sqlite3';
import { openDatabase } from '../lib/db.ts';
import { EventStore, type NewEvent } from '../lib/events/event-store.ts';
import { migrate } from '../lib/migrations.ts';

const IN_FLIGHT = 64;
const SENDS = 20_000;
const READER = 1;
const UNREAD = 50;
const DAY_MS = 86_400_000;

export interface SendFigures {
  belfryPerSecond: number;
  barePerSecond: number;
}

export interface ReadFigures {
  events: number;
  pollMicroseconds: number;
  totalMicroseconds: number;
  dismissMicroseconds: number;
  clearMicroseconds: number;
}

export interface CleanUpFigures {
  removed: number;
  seconds: number;
  longestStopMs: number;
}

/** Durable sends a second, 64 at a time, beside a bare loop with the same durability and batches. */
export async function measureSends(): Promise<SendFigures> {
  return inFolder(async (folder) => {
    const file = join(folder, 'sends.db');
    await migrate(`file:${file}`);
    const db = openDatabase(`file:${file}`);
    const store = new EventStore(db);
    let sent = 0;
    const belfryPerSecond = await perSecond(SENDS, async () => {
      const worker = async () => {
        while (sent++ < SENDS) await store.append(newEvent(null));
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    });
    await db.$disconnect();

    const bare = new BetterSqlite3(file);
    bare.pragma('journal_mode = WAL');
    bare.pragma('synchronous = FULL');
    const insert = bare.prepare(
      'INSERT INTO event (event_type, priority, payload, created_at) VALUES (?, ?, ?, ?)',
    );
    const { payload, eventType } = newEvent(null);
    const commit = bare.transaction(() => {
      for (let index = 0; index < IN_FLIGHT; index += 1) {
        insert.run(eventType, 1, JSON.stringify(payload), Date.now());
      }
    });
    const barePerSecond = await perSecond(SENDS, async () => {
      for (let index = 0; index < SENDS; index += IN_FLIGHT) commit();
    });
    bare.close();
    return { belfryPerSecond, barePerSecond };
  });
}

/**
 * CPU of a poll of 50 unread, of the total, of dismissing one and of clearing, with the same inbox in
 * tables of different size.
 */
export async function measureReads(events: number): Promise<ReadFigures> {
  return inFolder(async (folder) => {
    const file = join(folder, 'reads.db');
    await migrate(`file:${file}`);
    fill(file, events);
    const db = openDatabase(`file:${file}`);
    const store = new EventStore(db);
    const lastId = await store.lastId();
    const figures = {
      events,
      pollMicroseconds: await cpuOf(500, () =>
        store.readInbox({ userId: READER, limit: 51, order: 'newest' }),
      ),
      totalMicroseconds: await cpuOf(500, () => store.readInboxState(READER)),
      dismissMicroseconds: await cpuOf(200, (index) =>
        store.dismiss({ userId: READER, eventIds: [lastId - (index % UNREAD)] }),
      ),
      clearMicroseconds: await cpuOf(200, (index) => store.clear(1_000_000 + index)),
    };
    await db.$disconnect();
    return figures;
  });
}

/** Removes expired events, and watches for how long the event loop stands still at most. */
export async function measureCleanUp(events: number): Promise<CleanUpFigures> {
  return inFolder(async (folder) => {
    const file = join(folder, 'clean-up.db');
    await migrate(`file:${file}`);
    const database = new BetterSqlite3(file);
    database.pragma('synchronous = OFF');
    const insert = insertInto(database);
    const { payload } = newEvent(null);
    const text = JSON.stringify(payload);
    const past = Date.now() - DAY_MS;
    database.transaction(() => {
      for (let index = 0; index < events; index += 1) insert.run((index % 100_000) + 1, text, past, past);
      insert.run(READER, text, past, null);
    })();
    database.close();
    syncToDisk(file);
    const db = openDatabase(`file:${file}`);
    const store = new EventStore(db);
    await store.lastId();
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const since = performance.now();
    const removed = await store.removeObsolete({ dismissedBefore: new Date(past) });
    const seconds = (performance.now() - since) / 1_000;
    delay.disable();
    await db.$disconnect();
    return { removed, seconds, longestStopMs: delay.max / 1e6 };
  });
}

// The reader's own 50 unread are the newest; everything else is other people's, or dismissed for long:
// 1,000 live global notices that the reader has cleared, and up to 100,000 other users.
function fill(file: string, events: number): void {
  const database = new BetterSqlite3(file);
  database.pragma('synchronous = OFF');
  const insert = insertInto(database);
  const text = JSON.stringify(newEvent(null).payload);
  const now = Date.now();
  const others = Math.min(100_000, events);
  const globals = Math.min(1_000, events / 10);
  database.transaction(() => {
    for (let index = 0; index < events; index += 1) {
      const isGlobal = index % Math.floor(events / globals) === 0;
      insert.run(isGlobal ? null : (index % others) + 2, text, now, now + DAY_MS);
    }
    database
      .prepare('INSERT INTO inbox (user_id, cleared_through_id, cleared_at, revision) VALUES (?, ?, ?, 1)')
      .run(READER, events, now);
    for (let index = 0; index < UNREAD; index += 1) insert.run(READER, text, now, null);
  })();
  database.close();
}

// Filling did not wait for the disk. Left so, the first checkpoint that is measured would wait for all of it.
function syncToDisk(file: string): void {
  const descriptor = openSync(file, 'r+');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function insertInto(database: BetterSqlite3.Database) {
  return database.prepare(
    `INSERT INTO event (event_type, priority, target_userid, payload, created_at, expires_at)
     VALUES ('SystemNotification', 1, ?, ?, ?, ?)`,
  );
}

function newEvent(targetUserId: number | null): NewEvent {
  return {
    id: null,
    eventType: 'SystemNotification',
    priority: 'NORMAL',
    createdAt: new Date(),
    expiresAt: null,
    targetUserId,
    payload: { title: 'Load', message: 'x'.repeat(200) },
  };
}

async function perSecond(count: number, work: () => Promise<void>): Promise<number> {
  const since = performance.now();
  await work();
  return count / ((performance.now() - since) / 1_000);
}

async function cpuOf(times: number, work: (index: number) => Promise<unknown>): Promise<number> {
  for (let index = 0; index < 50; index += 1) await work(index);
  const before = process.cpuUsage();
  for (let index = 0; index < times; index += 1) await work(index);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'belfry-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
