/** What the database work costs: durable sends, and reads as the tables grow. */
import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import BetterSqlite3 from 'better-sqlite3';
import { CleanUp } from '../lib/belfry/inbox/clean-up.ts';
import { Inbox } from '../lib/belfry/inbox/inbox.ts';
import { InboxReader } from '../lib/belfry/inbox/inbox-reader.ts';
import { EVERYBODY } from '../lib/belfry/protocol/event.ts';
import { EventLog, type NewEvent } from '../lib/belfry/storage/event-log.ts';
import { openDatabase, sqlOf } from '../lib/database/db.ts';
import { migrate } from '../lib/database/migrations.ts';
import { median } from './median.ts';

const IN_FLIGHT = 64;
const SENDS = 20_000;
const READER = 1;
const UNREAD = 50;
const PUT_BACK = UNREAD / 10;
const ROUNDS = 9;
const WARM_UP_ROUNDS = 2;
const READS_A_ROUND = 300;
const WRITES_A_ROUND = 80;
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
    const eventLog = new EventLog(sqlOf(db));
    let sent = 0;
    const belfryPerSecond = await perSecond(SENDS, async () => {
      const worker = async () => {
        while (sent++ < SENDS) await eventLog.append([newEvent()]);
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    });
    await db.$disconnect();

    const bare = new BetterSqlite3(file);
    bare.pragma('journal_mode = WAL');
    bare.pragma('synchronous = FULL');
    const insert = bare.prepare(
      'INSERT INTO belfry_event (event_type, priority, payload, created_at) VALUES (?, ?, ?, ?)',
    );
    const { payload, eventType } = newEvent();
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
 * tables of different size. They take turns, round by round, and the median of the rounds counts: what
 * the process does beside them (compiling, collecting) moves a single round by more than their size does.
 */
export async function measureReads(sizes: readonly number[]): Promise<ReadFigures[]> {
  return inFolder(async (folder) => {
    const tables = await Promise.all(sizes.map((events) => openTable(join(folder, `${events}.db`), events)));
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
      for (const { reader, inbox, rounds, dismissals } of tables) {
        const figures = {
          pollMicroseconds: await cpuOf(READS_A_ROUND, () =>
            reader.readPage({ userId: READER, limit: UNREAD }),
          ),
          totalMicroseconds: await cpuOf(READS_A_ROUND, () => reader.readSummary(READER)),
          dismissMicroseconds: await cpuOf(WRITES_A_ROUND, async () => inbox.dismiss(dismissals.next())),
          clearMicroseconds: await cpuOf(WRITES_A_ROUND, (index) =>
            inbox.clear({ userId: 1_000_000 + index }),
          ),
        };
        if (round >= 0) rounds.push(figures);
      }
    }
    for (const { db } of tables) await db.$disconnect();
    return tables.map(({ events, rounds }) => ({
      events,
      pollMicroseconds: median(rounds.map((one) => one.pollMicroseconds)),
      totalMicroseconds: median(rounds.map((one) => one.totalMicroseconds)),
      dismissMicroseconds: median(rounds.map((one) => one.dismissMicroseconds)),
      clearMicroseconds: median(rounds.map((one) => one.clearMicroseconds)),
    }));
  });
}

async function openTable(file: string, events: number) {
  await migrate(`file:${file}`);
  fill(file, events);
  syncToDisk(file);
  const db = openDatabase(`file:${file}`);
  const rounds: Omit<ReadFigures, 'events'>[] = [];
  const database = sqlOf(db);
  const [reader, inbox] = [new InboxReader(database), new Inbox(database)];
  return { events, db, reader, inbox, rounds, dismissals: dismissalsIn(events) };
}

/** Each of somebody else and of another event. */
function dismissalsIn(events: number) {
  let id = 0;
  const next = () => {
    for (;;) {
      id += 1;
      const userId = addresseeOf(events, id);
      if (userId !== null) return { userId, eventIds: [id] };
    }
  };
  return { next };
}

/** Removes expired events, and watches for how long the event loop stands still at most. */
export async function measureCleanUp(events: number): Promise<CleanUpFigures> {
  return inFolder(async (folder) => {
    const file = join(folder, 'clean-up.db');
    await migrate(`file:${file}`);
    const database = new BetterSqlite3(file);
    database.pragma('synchronous = OFF');
    const insert = insertInto(database);
    const { payload } = newEvent();
    const text = JSON.stringify(payload);
    const past = Date.now() - DAY_MS;
    database.transaction(() => {
      for (let index = 0; index < events; index += 1) insert.run((index % 100_000) + 1, text, past, past);
      insert.run(READER, text, past, null);
    })();
    database.close();
    syncToDisk(file);
    const db = openDatabase(`file:${file}`);
    const store = sqlOf(db);
    await new EventLog(store).lastId();
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const since = performance.now();
    const removed = await new CleanUp(store).run({ now: new Date(), doneBefore: new Date(past) });
    const seconds = (performance.now() - since) / 1_000;
    delay.disable();
    await db.$disconnect();
    return { removed, seconds, longestStopMs: delay.max / 1e6 };
  });
}

// Everybody has cleared everything, and every tenth event was put back one by one by whom it is for. The reader's 50
// unread are 5 that were put back and the newest 45; what else was for them is cleared: 1,000 live global notices.
function fill(file: string, events: number): void {
  const database = new BetterSqlite3(file);
  database.pragma('synchronous = OFF');
  const insert = insertInto(database);
  const text = JSON.stringify(newEvent().payload);
  const now = Date.now();
  database.transaction(() => {
    for (let id = 1; id <= events; id += 1) insert.run(addresseeOf(events, id), text, now, now + DAY_MS);
    for (let index = 0; index < PUT_BACK; index += 1) insert.run(READER, text, now, null);
    const through = events + PUT_BACK;
    database.exec(`
      INSERT INTO belfry_inbox_change (user_id, kind, through_id, at)
        SELECT DISTINCT target_userid, 'clear', ${through}, ${now} FROM belfry_event WHERE target_userid IS NOT NULL;
      INSERT INTO belfry_inbox (user_id, revision, done_through_id) SELECT user_id, revision, ${through} FROM belfry_inbox_change;
      INSERT INTO belfry_event_receipt (user_id, event_id, done_revision, revision)
        SELECT e.target_userid, e.id, i.revision + 1, i.revision + 1 FROM belfry_event e JOIN belfry_inbox i ON i.user_id = e.target_userid
        WHERE e.id % 10 = 5 OR e.id > ${events};`);
    for (let index = 0; index < UNREAD - PUT_BACK; index += 1) insert.run(READER, text, now, null);
  })();
  database.close();
}

/** Whom the event with this id is for, in a table of so many; null: everybody. */
function addresseeOf(events: number, id: number): number | null {
  const globals = Math.min(1_000, events / 10);
  const isGlobal = (id - 1) % (events / globals) === 0;
  return isGlobal ? null : READER + 1 + ((id - 1) % Math.min(100_000, events));
}

// Filling did not wait for the disk. Left so, the first checkpoint that is measured would wait for all of it.
function syncToDisk(file: string): void {
  const descriptor = openSync(file, 'r+');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function insertInto(database: BetterSqlite3.Database) {
  return database.prepare(
    `INSERT INTO belfry_event (event_type, priority, target_userid, payload, created_at, expires_at)
     VALUES ('SystemNotification', 1, ?, ?, ?, ?)`,
  );
}

function newEvent(): NewEvent {
  return {
    ...EVERYBODY,
    id: null,
    eventType: 'SystemNotification',
    priority: 'NORMAL',
    createdAt: new Date(),
    expiresAt: null,
    payload: { title: 'Load', message: 'x'.repeat(200) },
  };
}

async function perSecond(count: number, work: () => Promise<void>): Promise<number> {
  const since = performance.now();
  await work();
  return count / ((performance.now() - since) / 1_000);
}

async function cpuOf(times: number, work: (index: number) => Promise<unknown>): Promise<number> {
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
