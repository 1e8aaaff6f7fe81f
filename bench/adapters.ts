/**
 * Sends, reads and changes through every way in which an app can give Belfry its database, beside this app's own adapter
 * on the same kind of database.
 *
 *     npm run bench -- --only adapters
 *
 * They take turns, round by round, and the median of the rounds counts, so that whatever else the machine does is
 * everybody's trouble alike. Every commit is on the disk before it is told of, as in this app.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Inbox } from '../lib/belfry/inbox/inbox.ts';
import { InboxReader } from '../lib/belfry/inbox/inbox-reader.ts';
import { migrate as migratePort } from '../lib/belfry/migrations/migrations.ts';
import { type Dialect, sql } from '../lib/belfry/storage/database.ts';
import { EventLog, type NewEvent } from '../lib/belfry/storage/event-log.ts';
import { migrate } from '../lib/database/migrations.ts';
import { type Filled, type Filling, fillingsOn } from '../test/support/fillings.ts';
import { createDatabase, startPostgresql } from '../test/support/postgresql.ts';
import { median } from './median.ts';

const ROUNDS = 7;
const WARM_UP_ROUNDS = 2;
const SENDS = 2_000;
const IN_FLIGHT = 64;
const SENDS_WITHIN = 150;
const READS = 150;
const DISMISSALS = 100;
const READER = 1;
const UNREAD = 50;
const OTHERS = 1_000;
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const OWN = "this app's adapter itself";

interface Figures {
  sendsPerSecond: number;
  /** All in microseconds of CPU of this process. */
  send: number;
  sendWithin: number;
  poll: number;
  total: number;
  dismiss: number;
}

export interface AdapterFigures extends Figures {
  name: string;
  dialect: Dialect;
  sendsWithinPerSecond: number;
}

type Round = Omit<AdapterFigures, 'name' | 'dialect'>;

interface Contestant {
  name: string;
  dialect: Dialect;
  /** Not possible with a database that Belfry alone has. */
  sendsWithin: boolean;
  filled: Filled;
  eventLog: EventLog;
  reader: InboxReader;
  inbox: Inbox;
  /** Of other people, one each. */
  undismissed: { userId: number; eventIds: number[] }[];
  rounds: Round[];
}

/** Every adapter on a database of its own; PostgreSQL is started for it. */
export async function measureAdapters(): Promise<AdapterFigures[]> {
  const postgresql = await startPostgresql();
  const folder = mkdtempSync(join(tmpdir(), 'belfry-bench-'));
  const contestants: Contestant[] = [];
  try {
    for (const [index, filling] of fillingsOn('sqlite').entries())
      contestants.push(await open(filling, 'sqlite', `file:${join(folder, `${index}.db`)}`));
    for (const filling of fillingsOn('postgresql'))
      contestants.push(await open(filling, 'postgresql', await createDatabase(postgresql.url)));
    for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
      for (const one of contestants) {
        // What the one before left behind is not this one's; connections that it dropped are closed a moment later.
        collectGarbage();
        await sleep(20);
        const figures = await measure(one);
        if (round >= 0) one.rounds.push(figures);
      }
    }
    return contestants.map(({ name, dialect, rounds }) => {
      const of = (key: keyof Round) => median(rounds.map((figures) => figures[key]));
      return {
        name,
        dialect,
        sendsPerSecond: of('sendsPerSecond'),
        send: of('send'),
        sendsWithinPerSecond: of('sendsWithinPerSecond'),
        sendWithin: of('sendWithin'),
        poll: of('poll'),
        total: of('total'),
        dismiss: of('dismiss'),
      };
    });
  } finally {
    for (const { filled } of contestants) await filled.close();
    await postgresql.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function open(
  { name, isAlone = false, open }: Filling,
  dialect: Dialect,
  url: string,
): Promise<Contestant> {
  if (!isAlone) await migrate(url);
  const filled = open(url);
  const { port } = filled;
  if (isAlone) await migratePort(port);
  // As this app's adapter has it; better-sqlite3 is built to wait for less with a write-ahead log.
  if (dialect === 'sqlite') await port.query(sql`PRAGMA synchronous = FULL`);
  const eventLog = new EventLog(port);
  const { events: others } = await eventLog.append(
    Array.from({ length: (WARM_UP_ROUNDS + ROUNDS) * DISMISSALS }, (_, index) =>
      newEvent(READER + 1 + index),
    ),
  );
  await eventLog.append(Array.from({ length: UNREAD }, () => newEvent(READER)));
  return {
    name,
    dialect,
    sendsWithin: !isAlone,
    filled,
    eventLog,
    reader: new InboxReader(port),
    inbox: new Inbox(port),
    undismissed: others.map(({ id, targetUserId }) => ({ userId: targetUserId as number, eventIds: [id] })),
    rounds: [],
  };
}

async function measure(contestant: Contestant): Promise<Round> {
  const { eventLog, reader, inbox, undismissed } = contestant;
  let next = 0;
  const worker = async () => {
    while (next < SENDS) {
      next += 1;
      await eventLog.append([newEvent(READER + 1 + (next % OTHERS))]);
    }
  };
  const sends = await costOf(SENDS, () => Promise.all(Array.from({ length: IN_FLIGHT }, worker)));
  const within = contestant.sendsWithin
    ? await costOf(SENDS_WITHIN, () => sendWithin(contestant))
    : { perSecond: 0, cpu: 0 };
  // After the commits they become events all together; that is the engine's to do.
  await eventLog.publishOutbox();
  const each = (times: number, work: () => Promise<unknown>) =>
    costOf(times, async () => {
      for (let index = 0; index < times; index += 1) await work();
    });
  const poll = await each(READS, () => reader.readPage({ userId: READER, limit: UNREAD }));
  const total = await each(READS, () => reader.readSummary(READER));
  const dismiss = await each(DISMISSALS, async () => inbox.dismiss(undismissed.pop() as never));
  return {
    sendsPerSecond: sends.perSecond,
    send: sends.cpu,
    sendsWithinPerSecond: within.perSecond,
    sendWithin: within.cpu,
    poll: poll.cpu,
    total: total.cpu,
    dismiss: dismiss.cpu,
  };
}

/** One after the other, each in a transaction of the app's own that holds nothing else. */
async function sendWithin({ filled: { port, transact }, eventLog }: Contestant): Promise<void> {
  for (let index = 0; index < SENDS_WITHIN; index += 1) {
    const { targetUserId, target, topicId, id, ...event } = newEvent(READER);
    const audience = { user: `${READER + 1 + (index % OTHERS)}` };
    await transact((tx) => eventLog.appendWithin(port.within(tx), { ...event, audience }));
  }
}

function newEvent(targetUserId: number): NewEvent {
  return {
    id: null,
    eventType: 'SystemNotification',
    priority: 'NORMAL',
    createdAt: new Date(),
    expiresAt: null,
    targetUserId,
    target: `${targetUserId}`,
    topicId: null,
    payload: { title: 'Load', message: 'x'.repeat(200) },
  };
}

async function costOf(
  count: number,
  work: () => Promise<unknown>,
): Promise<{ perSecond: number; cpu: number }> {
  const [before, since] = [process.cpuUsage(), performance.now()];
  await work();
  const seconds = (performance.now() - since) / 1_000;
  const { user, system } = process.cpuUsage(before);
  return { perSecond: count / seconds, cpu: (user + system) / count };
}

export function adaptersTable(rows: readonly AdapterFigures[]): string {
  return [
    "| database | through | sends a second, 64 in flight | CPU µs a send | sends a second in the app's transaction | CPU µs | poll of 50, CPU µs | total | dismiss |",
    `|${' --- |'.repeat(9)}`,
    ...rows.map((row) => {
      const own = rows.find(({ name, dialect }) => name === OWN && dialect === row.dialect);
      const cell = (key: keyof Round) => withRatio(row[key], own?.[key]);
      const cells = [
        row.dialect === 'sqlite' ? 'SQLite' : 'PostgreSQL',
        row.name,
        cell('sendsPerSecond'),
        cell('send'),
        cell('sendsWithinPerSecond'),
        cell('sendWithin'),
        cell('poll'),
        cell('total'),
        cell('dismiss'),
      ];
      return `| ${cells.join(' | ')} |`;
    }),
  ].join('\n');
}

function withRatio(value: number, own: number | undefined): string {
  if (value === 0) return '–';
  const text = value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
  return own === undefined || own === value ? text : `${text} (${(value / own).toFixed(2)} ×)`;
}
