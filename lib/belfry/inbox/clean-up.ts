/**
 * Removes what nobody can be shown any more, in steps that read and write so few rows that they never
 * hold up a request: the embedded database answers within one turn of the event loop.
 *
 * Expired events are found by their index. Receipts and inboxes are walked through in their order, since
 * most of them stay: a walk reads each once, however often it is interrupted.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../database/db.ts';

// Takes a few milliseconds, during which nothing else runs on the embedded database.
const BATCH = 250;
// Lets requests in between two steps.
const PAUSE_MS = 5;
// What a user clears later makes receipts obsolete that a walk has passed.
const WALK_ANEW_MS = 24 * 60 * 60_000;

/** When and how old. */
export interface CleanUpOptions {
  now: Date;
  /** What was dismissed, cleared or, for everybody, expired before this may go. */
  dismissedBefore: Date;
}

/** A place among the receipts, by the index that orders them. */
interface Place {
  dismissedAt: Date;
  userId: number;
  eventId: number;
}

interface ReceiptRow {
  dismissed_at: Date;
  user_id: bigint | number;
  event_id: bigint | number;
  /** Null when the event is gone. */
  stored_id: bigint | number | null;
  target_userid: bigint | number | null;
  cleared_through_id: bigint | number | null;
}

const BEGINNING: Place = { dismissedAt: new Date(0), userId: 0, eventId: 0 };

/** Remembers between two calls how far it has walked. */
export class CleanUp {
  readonly #db: Database;
  #place = BEGINNING;
  #walkBeganAt = Number.NEGATIVE_INFINITY;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Removes events of one user that have expired or were dismissed or cleared before `dismissedBefore`,
   * global events that expired before it (until then the admin page tells what became of them), and the
   * receipts of all these.
   *
   * The newest event always stays: ids, and with them `asOf`, only grow.
   *
   * @returns How many events were removed.
   */
  async run(options: CleanUpOptions): Promise<number> {
    const newest = await this.#db.event.findFirst({ orderBy: { id: 'desc' }, select: { id: true } });
    if (!newest) return 0;
    const newestId = Number(newest.id);
    return (
      (await this.#removeExpired(newestId, options)) +
      (await this.#walkReceipts(newestId, options)) +
      (await this.#walkInboxes(newestId, options))
    );
  }

  #removeExpired(newestId: number, { now, dismissedBefore }: CleanUpOptions): Promise<number> {
    return this.#inSteps(async () => {
      // The sign keeps SQLite from going through all events by their id.
      const rows = await this.#db.$queryRaw<{ id: bigint | number }[]>`
        SELECT e.id FROM event e
        WHERE e.expires_at <= ${now} AND (e.target_userid IS NOT NULL OR e.expires_at <= ${dismissedBefore})
          AND +e.id < ${newestId}
        LIMIT ${BATCH}`;
      return { removed: await this.#removeEvents(rows), isDone: rows.length === 0 };
    });
  }

  /** Removes events of one user that they dismissed, and receipts that say nothing any more. */
  #walkReceipts(newestId: number, { now, dismissedBefore }: CleanUpOptions): Promise<number> {
    if (now.getTime() - this.#walkBeganAt >= WALK_ANEW_MS) {
      this.#walkBeganAt = now.getTime();
      this.#place = BEGINNING;
    }
    return this.#inSteps(async () => {
      const { dismissedAt, userId, eventId } = this.#place;
      const rows = await this.#db.$queryRaw<ReceiptRow[]>`
        SELECT r.dismissed_at, r.user_id, r.event_id, e.id AS stored_id, e.target_userid, i.cleared_through_id
        FROM event_receipt r
        LEFT JOIN event e ON e.id = r.event_id
        LEFT JOIN inbox i ON i.user_id = r.user_id
        WHERE (r.dismissed_at, r.user_id, r.event_id) > (${dismissedAt}, ${userId}, ${eventId})
          AND r.dismissed_at <= ${dismissedBefore}
        ORDER BY r.dismissed_at, r.user_id, r.event_id
        LIMIT ${BATCH}`;
      const removed = await this.#removeEvents(
        rows
          .filter((row) => isOwn(row) && Number(row.event_id) < newestId)
          .map(({ event_id: id }) => ({ id })),
      );
      await this.#removeReceipts(
        rows.filter(
          (row) => row.stored_id === null || Number(row.event_id) <= Number(row.cleared_through_id ?? 0),
        ),
      );
      const last = rows.at(-1);
      if (last) {
        this.#place = {
          dismissedAt: last.dismissed_at,
          userId: Number(last.user_id),
          eventId: Number(last.event_id),
        };
      }
      return { removed, isDone: rows.length < BATCH };
    });
  }

  /** Removes events of one user that they cleared. */
  #walkInboxes(newestId: number, { dismissedBefore }: CleanUpOptions): Promise<number> {
    let walkedTo = 0;
    return this.#inSteps(async () => {
      const inboxes = await this.#db.inbox.findMany({
        where: { userId: { gt: walkedTo } },
        orderBy: { userId: 'asc' },
        select: { userId: true },
        take: BATCH,
      });
      const last = inboxes.at(-1);
      if (!last) return { removed: 0, isDone: true };
      const rows = await this.#db.$queryRaw<{ id: bigint | number }[]>`
        SELECT e.id FROM inbox i JOIN event e ON e.target_userid = i.user_id AND e.id <= i.cleared_through_id
        WHERE i.user_id > ${walkedTo} AND i.user_id <= ${last.userId} AND i.cleared_at <= ${dismissedBefore}
          AND +e.id < ${newestId}
        LIMIT ${BATCH}`;
      // These inboxes may have more.
      if (rows.length < BATCH) walkedTo = last.userId;
      return { removed: await this.#removeEvents(rows), isDone: false };
    });
  }

  async #removeEvents(rows: readonly { id: bigint | number }[]): Promise<number> {
    if (rows.length === 0) return 0;
    const ids = rows.map(({ id }) => Number(id));
    // Together, or a crash in between would bring a dismissed event back.
    const [, { count }] = await this.#db.$transaction([
      this.#db.eventReceipt.deleteMany({ where: { eventId: { in: ids } } }),
      this.#db.event.deleteMany({ where: { id: { in: ids } } }),
    ]);
    return count;
  }

  async #removeReceipts(rows: readonly ReceiptRow[]): Promise<void> {
    if (rows.length === 0) return;
    const receipts = rows.map(({ user_id, event_id }) => ({
      userId: Number(user_id),
      eventId: Number(event_id),
    }));
    await this.#db.eventReceipt.deleteMany({ where: { OR: receipts } });
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

/** Whether the event was for this user alone. */
function isOwn({ target_userid: target, user_id: user }: ReceiptRow): boolean {
  return target !== null && Number(target) === Number(user);
}
