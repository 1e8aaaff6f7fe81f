/** Work that one instance at a time does. */
import type { Database } from './db.ts';

// Background work comes in small steps with pauses; a million rows take minutes.
const WORK_LIMIT_MS = 60 * 60_000;

/**
 * Runs `work` unless another instance holds the lock: then nothing happens. PostgreSQL keeps the lock,
 * and lets go of it when the instance dies.
 *
 * @param lock A number of its own for each kind of work; the same on every instance.
 */
export async function runAlone(db: Database, lock: number, work: () => Promise<void>): Promise<void> {
  await db.$transaction(
    async (tx) => {
      const [row] = await tx.$queryRaw<
        { held: boolean }[]
      >`SELECT pg_try_advisory_xact_lock(${lock}) AS held`;
      // Beside this transaction, which only holds the lock: its own statements commit as they go.
      if (row?.held) await work();
    },
    { timeout: WORK_LIMIT_MS },
  );
}
