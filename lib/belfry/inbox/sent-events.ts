/** What was sent to everybody, and what became of it. */
import { setImmediate as endOfTurn } from 'node:timers/promises';
import type { StoredEvent } from '../protocol/event.ts';
import { limitTo, type SqlRunner, sql, toNumber } from '../storage/database.ts';
import { EVENT_COLUMNS, type EventRow, rowToEvent } from '../storage/event-row.ts';

/** A global event as an admin reads it. */
export interface SentEvent extends StoredEvent {
  sentBy: string | null;
  /** How many people have done with it. */
  dismissedBy: number;
}

/** Reads; never writes. */
export class SentEvents {
  readonly #runner: SqlRunner;

  constructor(runner: SqlRunner) {
    this.#runner = runner;
  }

  /** The newest global events of one type, newest first, expired ones included. */
  async recentGlobal({ eventType, limit }: { eventType: string; limit: number }): Promise<SentEvent[]> {
    const rows = await this.#runner.query<EventRow & { sent_by: string | null }>(sql`
      SELECT ${EVENT_COLUMNS}, e.sent_by FROM belfry_event e
      WHERE e.target_userid IS NULL AND e.topic_id IS NULL AND e.event_type = ${eventType}
      ORDER BY e.id DESC ${limitTo(limit)}`);
    const sent: SentEvent[] = [];
    for (const row of rows) {
      const event = rowToEvent(row);
      sent.push({ ...event, sentBy: row.sent_by, dismissedBy: await this.#countDone(event.id) });
      // With very many users a count takes a while, and the embedded database answers within one turn.
      await endOfTurn();
    }
    return sent;
  }

  // Whoever cleared beyond it may have dismissed it by name as well, or have put it back: count each once.
  async #countDone(eventId: number): Promise<number> {
    const [row] = await this.#runner.query<{ users: bigint | number }>(sql`
      SELECT
        (SELECT COUNT(*) FROM belfry_inbox i WHERE i.done_through_id >= ${eventId} AND NOT EXISTS (
            SELECT 1 FROM belfry_event_receipt r
            WHERE r.user_id = i.user_id AND r.event_id = ${eventId}
              AND (r.done_revision IS NOT NULL OR r.snoozed_until IS NOT NULL)))
        + (SELECT COUNT(*) FROM belfry_event_receipt r WHERE r.event_id = ${eventId} AND r.snoozed_until IS NULL AND (
            r.done_at IS NOT NULL OR (r.done_revision IS NOT NULL AND EXISTS (
              SELECT 1 FROM belfry_inbox_change c
              WHERE c.user_id = r.user_id AND c.kind = 'clear' AND c.undone_by IS NULL
                AND c.through_id >= r.event_id AND c.revision > r.done_revision)))) AS users`);
    return toNumber(row?.users);
  }
}
