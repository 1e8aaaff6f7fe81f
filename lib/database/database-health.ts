/** Whether the database does what the app lives on: it stores an event, for good. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type DatabaseTrouble,
  databaseTrouble,
  toDatabaseTrouble,
} from '../belfry/storage/database-errors.ts';
import { belfry } from '../belfry.ts';
import { processSingleton } from '../config/process-singleton.ts';
import { log } from '../telemetry/log.ts';

// Anybody may ask, and each look costs a commit: this many are enough to tell a supervisor in time.
const LOOK_EVERY_MS = 1_000;
// A server that hangs does not refuse; whoever asks wants to know all the same.
const ANSWER_LIMIT_MS = 2_000;

interface Look {
  startedAt: number;
  isOver: boolean;
  trouble: Promise<DatabaseTrouble | null>;
}

interface Known {
  look: Look | null;
  trouble: DatabaseTrouble | null;
}

const known = processSingleton<Known>('database-health', () => ({ look: null, trouble: null }));

/**
 * What is wrong with the database; null while all is well. All who ask within a second share one look, and
 * nobody waits for longer than two.
 */
export async function troubleOfDatabase(): Promise<DatabaseTrouble | null> {
  const now = performance.now();
  // One at a time, or those that hang would take all connections.
  const isFresh = known.look && (!known.look.isOver || now - known.look.startedAt < LOOK_EVERY_MS);
  if (!isFresh) known.look = beginToLook(now);
  const answered = new AbortController();
  const late = sleep(ANSWER_LIMIT_MS, null, { signal: answered.signal }).then(() =>
    tell(databaseTrouble('busy'), new Error('The database has not answered in time.')),
  );
  late.catch(() => {});
  try {
    return await Promise.race([(known.look as Look).trouble, late]);
  } finally {
    answered.abort();
  }
}

/** Whether only a restart helps, as far as is known. Does not wait, and has somebody look. */
export function needsRestart(): boolean {
  void troubleOfDatabase();
  return known.trouble?.code === 'replaced';
}

function beginToLook(startedAt: number): Look {
  const trouble = belfry.eventLog.proveStorable().then(
    () => tell(null, null),
    (error) => tell(toDatabaseTrouble(error) ?? databaseTrouble('refused'), error),
  );
  const look: Look = { startedAt, isOver: false, trouble };
  void trouble.then(() => {
    look.isOver = true;
  });
  return look;
}

/** Says it in the log once, until it is another: supervisors ask every few seconds. */
function tell(trouble: DatabaseTrouble | null, error: unknown): DatabaseTrouble | null {
  if (trouble && trouble.code !== known.trouble?.code) {
    log.error(
      { err: error, code: 'database_down', reason: trouble.code },
      'nothing can be stored in the database',
    );
  }
  known.trouble = trouble;
  return trouble;
}
