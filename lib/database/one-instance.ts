/** Work that one instance at a time does. */
import { type Database, db } from './db.ts';
import { isPostgresql } from './postgresql.ts';

// Background work comes in small steps with pauses; a million rows take minutes.
const WORK_LIMIT_MS = 60 * 60_000;
// A connection that is silent for longer than a statement may take is given up: lib/database/postgresql.ts.
const SPEAK_EVERY_MS = 5_000;

/**
 * Runs `work` unless another instance is at it: then nothing happens. PostgreSQL keeps the lock, and lets
 * go of it when the instance dies. The embedded database has one machine, whose processes take turns at
 * writing anyway: there `work` runs at once.
 *
 * @param lock A number of its own for each kind of work; the same on every instance.
 */
export async function oneInstance(
  lock: number,
  work: () => Promise<unknown>,
  database: Database = db,
): Promise<void> {
  if (!isPostgresql(database)) {
    await work();
    return;
  }
  await database.$transaction(
    async (tx) => {
      const [row] = await tx.$queryRaw<
        { held: boolean }[]
      >`SELECT pg_try_advisory_xact_lock(${lock}) AS held`;
      // Beside this transaction, which only holds the lock: its own statements commit as they go.
      if (row?.held) await whileSpeaking(tx, work);
    },
    { timeout: WORK_LIMIT_MS },
  );
}

/** Does the work, and says something on the connection now and then, which does nothing else meanwhile. */
async function whileSpeaking(tx: Pick<Database, '$executeRaw'>, work: () => Promise<unknown>): Promise<void> {
  let spoken: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    // When it broke, the commit fails, and tells it.
    spoken = tx.$executeRaw`SELECT 1`.catch(() => {});
  }, SPEAK_EVERY_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
    await spoken;
  }
}
