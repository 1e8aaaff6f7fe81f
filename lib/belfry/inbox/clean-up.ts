/**
 * Removes what nobody can be shown any more, in steps that read and write so few rows that they never
 * hold up a request: the embedded database answers within one turn of the event loop.
 *
 * Expired events are found by their index. Receipts, inboxes and changes are walked through in their order, since
 * most of them stay: a walk reads each once, however often it is interrupted.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { join, limitTo, type Sql, type SqlDatabase, sql, toDate, toNumber } from '../storage/database.ts';
import { lastIdIn } from '../storage/event-log.ts';

/**
 * For how long what somebody has done with is kept: long enough to change one's mind, and to answer "did they dismiss it?";
 * short enough to keep the tables small.
 */
export const KEEP_DONE_MS = 7 * 24 * 60 * 60_000;

// Takes a few milliseconds, during which nothing else runs on the embedded database.
const BATCH = 250;
// Lets requests in between two steps.
const PAUSE_MS = 5;
// What a user clears later makes receipts obsolete that a walk has passed.
const WALK_ANEW_MS = 24 * 60 * 60_000;

/** When and how old. */
export interface CleanUpOptions {
  now: Date;
  /** What was done with or, for everybody, expired before this may go, and how to take it back with it. */
  doneBefore: Date;
}

/** A place among the receipts, by the index that orders them. */
interface Place {
  doneAt: Date;
  userId: number;
  eventId: number;
}

interface ReceiptRow {
  done_at: Date | number;
  user_id: bigint | number;
  event_id: bigint | number;
  /** Null when the event is gone. */
  stored_id: bigint | number | null;
  target_userid: bigint | number | null;
}

interface IdRow {
  id: bigint | number;
}

const BEGINNING: Place = { doneAt: new Date(0), userId: 0, eventId: 0 };

/** Remembers between two calls how far it has walked. */
export class CleanUp {
  readonly #database: SqlDatabase;
  #place = BEGINNING;
  #walkBeganAt = Number.NEGATIVE_INFINITY;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  /**
   * Removes events of one user that have expired or were dismissed or cleared before `doneBefore`,
   * global events that expired before it (until then the admin page tells what became of them), the
   * receipts of all these, what it took to undo changes that are older, and mutes that no event is left of.
   *
   * The newest event and the newest change always stay: their ids, and with them the positions of clients, only grow.
   *
   * @returns How many events were removed.
   */
  async run(options: CleanUpOptions): Promise<number> {
    const newestId = await lastIdIn(this.#database);
    // First: a client must not be told of what changed without what is gone.
    await this.#endPositions(options);
    await this.#pruneChanges(options);
    if (newestId === 0) return 0;
    const removed =
      (await this.#removeExpired(newestId, options)) +
      (await this.#walkReceipts(newestId, options)) +
      (await this.#walkInboxes(newestId, options));
    await this.#pruneMutes();
    return removed;
  }

  #removeExpired(newestId: number, { now, doneBefore }: CleanUpOptions): Promise<number> {
    return this.#inSteps(async () => {
      // The sign keeps SQLite from going through all events by their id.
      const rows = await this.#database.query<IdRow>(sql`
        SELECT e.id FROM belfry_event e
        WHERE e.expires_at <= ${now} AND (e.target_userid IS NOT NULL OR e.expires_at <= ${doneBefore})
          AND +e.id < ${newestId}
        ${limitTo(BATCH)}`);
      return { removed: await this.#removeEvents(rows), isDone: rows.length === 0 };
    });
  }

  /** Removes events of one user that they dismissed by name, and receipts whose event is gone. */
  #walkReceipts(newestId: number, { now, doneBefore }: CleanUpOptions): Promise<number> {
    if (now.getTime() - this.#walkBeganAt >= WALK_ANEW_MS) {
      this.#walkBeganAt = now.getTime();
      this.#place = BEGINNING;
    }
    return this.#inSteps(async () => {
      const { doneAt, userId, eventId } = this.#place;
      const rows = await this.#database.query<ReceiptRow>(sql`
        SELECT r.done_at, r.user_id, r.event_id, e.id AS stored_id, e.target_userid
        FROM belfry_event_receipt r LEFT JOIN belfry_event e ON e.id = r.event_id
        WHERE (r.done_at, r.user_id, r.event_id) > (${doneAt}, ${userId}, ${eventId})
          AND r.done_at <= ${doneBefore}
        ORDER BY r.done_at, r.user_id, r.event_id
        ${limitTo(BATCH)}`);
      const removed = await this.#removeEvents(
        rows
          .filter((row) => isOwn(row) && toNumber(row.event_id) < newestId)
          .map(({ event_id: id }) => ({ id })),
      );
      const gone = rows.filter(({ stored_id }) => stored_id === null);
      if (gone.length > 0) await this.#removeReceipts(gone.map(({ event_id: id }) => ({ id })));
      const last = rows.at(-1);
      if (last) {
        this.#place = {
          doneAt: toDate(last.done_at) as Date,
          userId: toNumber(last.user_id),
          eventId: toNumber(last.event_id),
        };
      }
      return { removed, isDone: rows.length < BATCH };
    });
  }

  /** Removes events of one user that they cleared, and did not put back or off. */
  #walkInboxes(newestId: number, { doneBefore }: CleanUpOptions): Promise<number> {
    let walkedTo = 0;
    return this.#inSteps(async () => {
      const marks = await this.#database.query<{
        user_id: bigint | number;
        through_id: bigint | number | null;
      }>(sql`
        SELECT i.user_id, (
          SELECT MAX(c.through_id) FROM belfry_inbox_change c
          WHERE c.user_id = i.user_id AND c.kind = 'clear' AND c.undone_by IS NULL AND c.at <= ${doneBefore}
        ) AS through_id
        FROM belfry_inbox i WHERE i.user_id > ${walkedTo} ORDER BY i.user_id ${limitTo(BATCH)}`);
      const last = marks.at(-1);
      if (!last) return { removed: 0, isDone: true };
      const cleared = marks.filter(({ through_id }) => through_id !== null);
      const rows =
        cleared.length === 0
          ? []
          : await this.#database.query<IdRow>(sql`
              SELECT e.id FROM belfry_event e
              LEFT JOIN belfry_event_receipt r ON r.user_id = e.target_userid AND r.event_id = e.id
              WHERE e.topic_id IS NULL AND +e.id < ${newestId}
                AND r.done_revision IS NULL AND r.snoozed_until IS NULL
                AND (${join(
                  cleared.map(
                    ({ user_id, through_id }) =>
                      sql`(e.target_userid = ${toNumber(user_id)} AND e.id <= ${toNumber(through_id)})`,
                  ),
                  ' OR ',
                )})
              ${limitTo(BATCH)}`);
      // These inboxes may have more.
      if (rows.length < BATCH) walkedTo = toNumber(last.user_id);
      return { removed: await this.#removeEvents(rows), isDone: false };
    });
  }

  /** What a user changed so long ago can no longer be told: of positions before it a client has to read anew. */
  async #endPositions({ doneBefore }: CleanUpOptions): Promise<void> {
    let walkedTo = 0;
    await this.#inSteps(async () => {
      const rows = await this.#database.query<{
        user_id: bigint | number;
        pruned_through: bigint | number;
        last_revision: bigint | number | null;
      }>(sql`
        SELECT i.user_id, i.pruned_through, (${lastRevision(sql`i.user_id`, doneBefore)}) AS last_revision
        FROM belfry_inbox i WHERE i.user_id > ${walkedTo} ORDER BY i.user_id ${limitTo(BATCH)}`);
      const last = rows.at(-1);
      if (!last) return { removed: 0, isDone: true };
      walkedTo = toNumber(last.user_id);
      const users = rows
        .filter((row) => toNumber(row.last_revision) > toNumber(row.pruned_through))
        .map(({ user_id }) => toNumber(user_id));
      if (users.length > 0) {
        await this.#database.execute(sql`
          UPDATE belfry_inbox SET pruned_through = (${lastRevision(sql`belfry_inbox.user_id`, doneBefore)})
          WHERE user_id IN (${join(users)})`);
      }
      return { removed: 0, isDone: rows.length < BATCH };
    });
  }

  /**
   * Removes changes that are too old to be taken back, but for marks that still count: those that no other mark, as
   * old and made later, covers as far.
   */
  async #pruneChanges({ doneBefore }: CleanUpOptions): Promise<void> {
    let walkedTo = 0;
    await this.#inSteps(async () => {
      const rows = await this.#database.query<{ revision: bigint | number }>(sql`
        SELECT c.revision FROM belfry_inbox_change c
        WHERE c.revision > ${walkedTo} AND c.at <= ${doneBefore}
          AND c.revision < (SELECT MAX(revision) FROM belfry_inbox_change)
          AND (c.undone_by IS NOT NULL OR c.kind NOT IN ('clear', 'read-all', 'seen') OR EXISTS (
            SELECT 1 FROM belfry_inbox_change later
            WHERE later.user_id = c.user_id AND later.kind = c.kind AND later.revision > c.revision
              AND later.undone_by IS NULL AND later.through_id >= c.through_id AND later.at <= ${doneBefore}))
        ORDER BY c.revision ${limitTo(BATCH)}`);
      const last = rows.at(-1);
      if (!last) return { removed: 0, isDone: true };
      walkedTo = toNumber(last.revision);
      await this.#database.execute(
        sql`DELETE FROM belfry_inbox_change WHERE revision IN (${join(rows.map(({ revision }) => toNumber(revision)))})`,
      );
      return { removed: 0, isDone: rows.length < BATCH };
    });
  }

  /** Removes mutes that are over, and of which no event is left. */
  async #pruneMutes(): Promise<void> {
    await this.#database.execute(sql`
      DELETE FROM belfry_mute WHERE until_event_id < (SELECT MIN(id) FROM belfry_event)`);
  }

  async #removeEvents(rows: readonly IdRow[]): Promise<number> {
    if (rows.length === 0) return 0;
    const ids = rows.map(({ id }) => toNumber(id));
    // Together, or a crash in between would bring a dismissed event back.
    return this.#database.transaction(async (tx) => {
      await tx.execute(sql`DELETE FROM belfry_event_receipt WHERE event_id IN (${join(ids)})`);
      return tx.execute(sql`DELETE FROM belfry_event WHERE id IN (${join(ids)})`);
    });
  }

  async #removeReceipts(rows: readonly IdRow[]): Promise<void> {
    const ids = rows.map(({ id }) => toNumber(id));
    await this.#database.execute(sql`DELETE FROM belfry_event_receipt WHERE event_id IN (${join(ids)})`);
  }

  async #inSteps(step: () => Promise<{ removed: number; isDone: boolean }>): Promise<number> {
    let total = 0;
    for (;;) {
      const { removed, isDone } = await step();
      total += removed;
      if (isDone) return total;
      await sleep(PAUSE_MS);
    }
  }
}

/** A user's last change until then. */
function lastRevision(userId: Sql, until: Date): Sql {
  return sql`SELECT MAX(c.revision) FROM belfry_inbox_change c WHERE c.user_id = ${userId} AND c.at <= ${until}`;
}

/** Whether the event was for this user alone. */
function isOwn({ target_userid: target, user_id: user }: ReceiptRow): boolean {
  return target !== null && toNumber(target) === toNumber(user);
}
