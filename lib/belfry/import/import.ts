/**
 * Imports the notifications of an app's own table. First all rows are read and looked at: with one that is wrong nothing is
 * written. Then they are stored, the oldest first, so many in a transaction; what was stored is known by its id, so that a
 * run that was cut off is finished by the next.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Users } from '../accounts/accounts.ts';
import { BelfryError, isBelfryError } from '../protocol/errors.ts';
import type { SqlDatabase } from '../storage/database.ts';
import { toBelfryError } from '../storage/database-errors.ts';
import { Recipients } from '../storage/recipients.ts';
import { alreadyImported, storeImported } from './imported.ts';
import { type ImportedRow, type ReadRow, RowReader } from './row.ts';
import type { FoundRow, Source } from './source.ts';
import { Spool } from './spool.ts';

export interface ImportOptions {
  database: SqlDatabase;
  source: Source;
  /** Which of these ids are users of the app. Not given: all are. */
  find?: Users['find'];
  /** Writes nothing. */
  dryRun?: boolean;
  now?: Date;
  /** Told now and then how far it has come. */
  onProgress?: (sentence: string) => void;
}

/** What became of the rows. Each is counted once. */
export interface ImportResult {
  read: number;
  /** With `dryRun`, or with faults: what would have been. */
  imported: number;
  /** Whose they are. */
  users: number;
  /** Imported before. */
  there: number;
  expired: number;
  doneLongAgo: number;
  /** Of people who are no users of the app. */
  ofUnknownUsers: number;
  unknownUsers: string[];
  faults: number;
  firstFaults: string[];
  /** Columns that were met, and are none of those that are read. */
  unread: string[];
}

const BATCH = 1_000;
// Of what one statement takes as a parameter.
const BATCH_CHARACTERS = 2_000_000;
const MOST_FAULTS_SAID = 10;
const FOUND_AT_ONCE = 1_000;
const SAY_EVERY = 10_000;
// Lets others write in between.
const PAUSE_MS = 5;
// Somebody else may have the database for a while.
const TRIES = 20;
const TRY_AGAIN_MS = 250;

/** @throws BelfryError for a source that cannot be read to its end, and for a database that is away. */
export async function importRows(options: ImportOptions): Promise<ImportResult> {
  const { database, source, find, dryRun = false, now = new Date(), onProgress = () => {} } = options;
  const recipients = new Recipients(database);
  const spool = new Spool();
  try {
    const { result, userIds } = await readAll({ source, spool, now, onProgress });
    result.unknownUsers = await unknownOf(userIds, find);
    const unknown = new Set(result.unknownUsers);
    const writes = !dryRun && result.faults === 0;
    const users = new Set<string>();
    let done = 0;
    for (const batch of batches(spool.oldestFirst())) {
      const known = batch.filter(({ userId }) => !unknown.has(userId));
      const there = await alreadyImported(database, known);
      const missing = known.filter(({ id }) => !there.has(id));
      const stored = writes ? await store({ database, recipients, now }, missing, result) : missing.length;
      for (const { userId } of missing) users.add(userId);
      result.ofUnknownUsers += batch.length - known.length;
      result.imported += stored;
      result.there += known.length - stored;
      done += batch.length;
      if (writes) say(done, batch.length, (count) => onProgress(`${count} of ${text(spool.length)} written`));
    }
    return { ...result, users: users.size };
  } finally {
    spool.close();
  }
}

async function readAll({
  source,
  spool,
  now,
  onProgress,
}: {
  source: Source;
  spool: Spool;
  now: Date;
  onProgress: (sentence: string) => void;
}): Promise<{ result: ImportResult; userIds: Set<string> }> {
  const reader = new RowReader(now);
  const ids = new Set<string>();
  const userIds = new Set<string>();
  const result: ImportResult = {
    read: 0,
    imported: 0,
    users: 0,
    there: 0,
    expired: 0,
    doneLongAgo: 0,
    ofUnknownUsers: 0,
    unknownUsers: [],
    faults: 0,
    firstFaults: [],
    unread: [],
  };
  for await (const found of source) {
    const row = readOne(reader, found);
    result.read += 1;
    if (row === 'expired') result.expired += 1;
    else if (row === 'done long ago') result.doneLongAgo += 1;
    else {
      const fault = 'fault' in row ? row.fault : ids.has(row.id) ? 'Another row has this id.' : null;
      if (fault !== null) noteFault(result, found.place, row.id, fault);
      else if (!('fault' in row)) {
        ids.add(row.id);
        userIds.add(row.userId);
        spool.add(row.createdAt, JSON.stringify(row));
      }
    }
    say(result.read, 1, (count) => onProgress(`${count} read`));
  }
  return { result: { ...result, unread: reader.unread }, userIds };
}

function readOne(reader: RowReader, { row }: FoundRow): ReadRow {
  return 'fault' in row ? { id: null, fault: row.fault } : reader.read(row.value);
}

function noteFault(result: ImportResult, place: string | null, id: string | null, fault: string): void {
  result.faults += 1;
  if (result.firstFaults.length >= MOST_FAULTS_SAID) return;
  const named = place === null ? `the row with id ${id}` : id === null ? place : `${place} (id ${id})`;
  result.firstFaults.push(`${named}: ${fault}`);
}

/** @throws BelfryError `bad_environment` when the app cannot say. */
async function unknownOf(userIds: ReadonlySet<string>, find: Users['find']): Promise<string[]> {
  if (!find) return [];
  const all = [...userIds];
  const unknown: string[] = [];
  for (let at = 0; at < all.length; at += FOUND_AT_ONCE) {
    const asked = all.slice(at, at + FOUND_AT_ONCE);
    const known = new Set(await found(find, asked));
    unknown.push(...asked.filter((id) => !known.has(id)));
  }
  return unknown;
}

async function found(find: NonNullable<Users['find']>, asked: string[]): Promise<readonly string[]> {
  try {
    return await find(asked);
  } catch (cause) {
    const { message } = cause as Error;
    throw new BelfryError('bad_environment', `users.find failed: ${message}. Nothing was imported.`, {
      cause,
    });
  }
}

function* batches(texts: Iterable<string>): Iterable<ImportedRow[]> {
  let batch: ImportedRow[] = [];
  let characters = 0;
  for (const one of texts) {
    batch.push(JSON.parse(one));
    characters += one.length;
    if (batch.length < BATCH && characters < BATCH_CHARACTERS) continue;
    yield batch;
    batch = [];
    characters = 0;
  }
  if (batch.length > 0) yield batch;
}

async function store(
  on: Parameters<typeof storeImported>[0],
  rows: ImportedRow[],
  { imported }: ImportResult,
): Promise<number> {
  if (rows.length === 0) return 0;
  for (let tries = 1; ; tries += 1) {
    try {
      const stored = await storeImported(on, rows);
      await sleep(PAUSE_MS);
      return stored;
    } catch (error) {
      const known = toBelfryError(error);
      if (isBelfryError(known, 'database_busy') && tries < TRIES) {
        await sleep(TRY_AGAIN_MS);
        continue;
      }
      if (known === null) throw error;
      const sentence = `${known.message} ${text(imported)} notifications were imported by then: run the same command again, and it goes on from there.`;
      throw new BelfryError(known.code, sentence, { cause: error });
    }
  }
}

/** At every ten thousand. */
function say(count: number, more: number, tell: (count: string) => void): void {
  const step = (of: number) => Math.floor(of / SAY_EVERY);
  if (step(count) > step(count - more)) tell(text(step(count) * SAY_EVERY));
}

function text(count: number): string {
  return count.toLocaleString('en');
}
