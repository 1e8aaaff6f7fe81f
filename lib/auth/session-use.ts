/**
 * Notes when a session was last used, and from where: what is used does not run out. Nobody waits for it.
 * What comes within a second is written together; what cannot be written is dropped, and the next
 * request says it again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from '../belfry/storage/database.ts';
import { processSingleton } from '../config/process-singleton.ts';
import { db, sqlOf } from '../database/db.ts';
import { log } from '../telemetry/log.ts';
import { type Client, checkSessions, type OpenSession, shortened } from './sessions.ts';

// People read it in minutes; a write with every request would cost more than the request. An open stream counts as use
// too: when all come back after a restart, few have anything to note.
const NOTE_EVERY_MS = 5 * 60_000;
const WRITE_TOGETHER_MS = 1_000;
const WRITE_BATCH = 250;
const WRITE_PAUSE_MS = 5;
// A full disk or a read-only database stays so for a while.
const PAUSE_AFTER_FAILURE_MS = 30_000;

interface Use {
  at: Date;
  /** Unknown for a stream that was opened earlier. */
  client: Client | null;
}

class SessionUses {
  #waiting = new Map<string, Use>();
  #isWriting = false;
  /** By `performance.now()`. */
  #pausedUntil = 0;

  note(id: string, use: Use): void {
    if (performance.now() < this.#pausedUntil) return;
    this.#waiting.set(id, use);
    if (this.#isWriting) return;
    this.#isWriting = true;
    void this.#write();
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting.size > 0) {
        await sleep(WRITE_TOGETHER_MS, undefined, { ref: false });
        const uses = [...this.#waiting];
        this.#waiting = new Map();
        for (let at = 0; at < uses.length; at += WRITE_BATCH) {
          await writeUses(uses.slice(at, at + WRITE_BATCH));
          await sleep(WRITE_PAUSE_MS, undefined, { ref: false });
        }
      }
    } catch (error) {
      this.#waiting.clear();
      this.#pausedUntil = performance.now() + PAUSE_AFTER_FAILURE_MS;
      log.warn({ err: error, code: 'session_use_not_noted' }, 'the last use of sessions was not noted');
    } finally {
      this.#isWriting = false;
    }
  }
}

/** One statement with one parameter, however many they are: after a restart everybody comes at once. */
async function writeUses(uses: readonly [string, Use][]): Promise<void> {
  const database = sqlOf(db);
  const rows = uses.map(([id, { at, client }]) => {
    const { address = null, agent = null } = client ? shortened(client) : {};
    return [id, at.getTime(), address, agent];
  });
  const json = JSON.stringify(rows);
  const [from, at] =
    database.dialect === 'sqlite'
      ? [sql`json_each(${json})`, sql`value ->> 1`]
      : [
          sql`json_array_elements(CAST(${json} AS json))`,
          sql`to_timestamp((value ->> 1)::bigint / 1000.0) AT TIME ZONE 'UTC'`,
        ];
  // Materialized, or SQLite would go through all sessions that stand, and through these for each of them.
  // One that ended meanwhile was not used afterwards.
  await database.execute(sql`
    WITH used AS MATERIALIZED (
      SELECT value ->> 0 AS id, ${at} AS at, value ->> 2 AS address, value ->> 3 AS agent FROM ${from}
    )
    UPDATE session SET last_seen_at = used.at, address = COALESCE(used.address, session.address),
      agent = COALESCE(used.agent, session.agent)
    FROM used WHERE session.id = used.id AND session.ended_at IS NULL`);
}

const uses = processSingleton('session-uses', () => new SessionUses());

/** Whether it is time to note that a session was used: also when that is said to have been later than now. */
export function isUseNews({ lastSeenAt }: { lastSeenAt: Date }): boolean {
  return Math.abs(Date.now() - lastSeenAt.getTime()) >= NOTE_EVERY_MS;
}

/** A request came with this session. Never fails, and returns at once. */
export function noteUse(sessionId: string, client: Client): void {
  uses.note(sessionId, { at: new Date(), client });
}

/**
 * The ids, each once, of those sessions that no longer stand, and of those whose account has another role by
 * now. That there are streams open with the others counts as their use.
 */
export async function checkOpenSessions(
  open: readonly OpenSession[],
): Promise<{ ended: string[]; changed: string[] }> {
  const at = new Date();
  const { unseen, ...checked } = await checkSessions(open, new Date(at.getTime() - NOTE_EVERY_MS));
  for (const id of unseen) uses.note(id, { at, client: null });
  return checked;
}
