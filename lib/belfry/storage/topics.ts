/**
 * What people can follow. Membership is a stretch of event ids: whoever belonged to a topic when an event happened
 * has it, and keeps it when they leave.
 */
import { topicNameSchema } from '../protocol/audience.ts';
import { invalidInput } from '../protocol/errors.ts';
import { type SqlDatabase, type SqlRunner, sql, toNumber } from './database.ts';
import { lastIdIn } from './event-log.ts';
import type { Recipients } from './recipients.ts';

interface IdRow {
  id: bigint | number;
}

// The lock that those who take event ids hold until they have committed: see the migration that made the table `event`.
const EVENT_IDS_LOCK = 4270011;

/** The tables `topic` and `topic_member`. */
export class Topics {
  readonly #database: SqlDatabase;
  readonly #recipients: Recipients;

  constructor(database: SqlDatabase, recipients: Recipients) {
    this.#database = database;
    this.#recipients = recipients;
  }

  /**
   * The number of a topic, made if need be.
   *
   * @throws BelfryError `invalid_input` for a name that cannot be one.
   */
  async idOf(topic: string, runner: SqlRunner = this.#database): Promise<number> {
    const name = check(topic);
    const find = () => runner.query<IdRow>(sql`SELECT id FROM topic WHERE name = ${name}`);
    const [known] = await find();
    if (known) return toNumber(known.id);
    await runner.execute(sql`INSERT INTO topic (name) VALUES (${name}) ON CONFLICT (name) DO NOTHING`);
    const [made] = await find();
    return toNumber(made?.id);
  }

  /** From the next event on the user has what is sent to the topic. Twice changes nothing. */
  async subscribe({ userId, topic }: { userId: string; topic: string }): Promise<{ changed: boolean }> {
    const recipientId = await this.#recipients.idOf(userId);
    const topicId = await this.idOf(topic);
    return this.#atThisEvent(async (tx, lastId) => {
      const changed = await tx.execute(sql`
        INSERT INTO topic_member (topic_id, recipient_id, since_event_id)
        SELECT topic.id, recipient.id, ${lastId === 0 ? sql`0` : sql`(SELECT MAX(id) FROM event)`} FROM topic, recipient
        WHERE topic.id = ${topicId} AND recipient.id = ${recipientId} AND NOT EXISTS (
          SELECT 1 FROM topic_member m
          WHERE m.topic_id = ${topicId} AND m.recipient_id = ${recipientId} AND m.until_event_id IS NULL)
        ON CONFLICT (recipient_id, topic_id, since_event_id) DO UPDATE SET until_event_id = NULL`);
      return { changed: changed > 0 };
    });
  }

  /** From the next event on the user has no more of it, and keeps what they had. Twice changes nothing. */
  async unsubscribe({ userId, topic }: { userId: string; topic: string }): Promise<{ changed: boolean }> {
    const recipientId = await this.#recipients.idOf(userId);
    const topicId = await this.idOf(topic);
    return this.#atThisEvent(async (tx, lastId) => {
      const changed = await tx.execute(sql`
        UPDATE topic_member SET until_event_id = ${lastId}
        WHERE topic_id = ${topicId} AND recipient_id = ${recipientId} AND until_event_id IS NULL`);
      return { changed: changed > 0 };
    });
  }

  /** The names of the topics that a user follows now, sorted. */
  async topicsOf(userId: string): Promise<string[]> {
    const recipientId = await this.#recipients.idOf(userId);
    const rows = await this.#database.query<{ name: string }>(sql`
      SELECT t.name FROM topic_member m JOIN topic t ON t.id = m.topic_id
      WHERE m.recipient_id = ${recipientId} AND m.until_event_id IS NULL`);
    return rows.map(({ name }) => name).sort();
  }

  /** The app's ids of those who follow a topic now, sorted. */
  async membersOf(topic: string): Promise<string[]> {
    const rows = await this.#database.query<{ external_id: string }>(sql`
      SELECT p.external_id FROM topic t JOIN topic_member m ON m.topic_id = t.id JOIN recipient p ON p.id = m.recipient_id
      WHERE t.name = ${check(topic)} AND m.until_event_id IS NULL`);
    return rows.map(({ external_id }) => external_id).sort();
  }

  /** The numbers of those who belonged to a topic when an event happened. */
  async recipientIdsAt(topicId: number, eventId: number): Promise<number[]> {
    const rows = await this.#database.query<IdRow>(sql`
      SELECT DISTINCT recipient_id AS id FROM topic_member
      WHERE topic_id = ${topicId} AND since_event_id < ${eventId}
        AND (until_event_id IS NULL OR until_event_id >= ${eventId})`);
    return rows.map(({ id }) => toNumber(id));
  }

  /** Runs work between two events: none is stored while it runs, and `lastId` is that of the last one before. */
  #atThisEvent<T>(work: (tx: SqlRunner, lastId: number) => Promise<T>): Promise<T> {
    return this.#database.transaction(async (tx) => {
      if (tx.dialect === 'postgresql')
        await tx.query(sql`SELECT CAST(pg_advisory_xact_lock(${EVENT_IDS_LOCK}) AS text)`);
      return work(tx, await lastIdIn(tx));
    });
  }
}

function check(topic: string): string {
  const parsed = topicNameSchema.safeParse(topic);
  if (parsed.success) return parsed.data;
  throw invalidInput(parsed.error, parsed.error.issues[0]?.message ?? 'This can be no name of a topic.');
}
