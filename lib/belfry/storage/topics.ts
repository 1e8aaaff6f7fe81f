/**
 * What people follow. A membership is an interval of event ids: whoever followed a topic when an event happened has it,
 * and keeps it whatever they follow later.
 */
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { parseInput } from '../protocol/errors.ts';
import { lineOfText, storableText } from '../protocol/text.ts';
import { limitTo, type Sql, type SqlDatabase, type SqlRunner, sql, toNumber } from './database.ts';
import { RecentlyUsed } from './recently-used.ts';
import { elements, type Recipients } from './recipients.ts';

const LONGEST_NAME = 200;
// Some 2 MB.
const MOST_REMEMBERED = 10_000;
// Read at once: some milliseconds.
const MEMBERS_BATCH = 1_000;

const NAME = lineOfText({
  max: LONGEST_NAME,
  missing: 'server.belfry.topic-missing',
  tooLong: 'server.belfry.topic-too-long',
}).pipe(storableText());

/** Who follows what, by the app's own id of the user. */
export interface Membership {
  userId: string;
  topic: string;
}

/** Topics, and who follows them. Safe to share; one per database. */
export class Topics {
  readonly #db: SqlDatabase;
  readonly #recipients: Recipients;
  readonly #ids: RecentlyUsed<string, number>;
  #generation = 0;

  constructor(db: SqlDatabase, recipients: Recipients) {
    this.#db = db;
    this.#recipients = recipients;
    this.#ids = new RecentlyUsed(MOST_REMEMBERED);
  }

  /**
   * Every event of the topic that happens after this resolved is the user's; none is that happened before it began.
   * Twice changes nothing, and says so.
   *
   * @param runner The caller's transaction (on PostgreSQL, of READ COMMITTED). On PostgreSQL no event gets an id
   * until it has ended: it had better be short.
   * @throws BelfryError `invalid_input` for a name or an id that cannot be kept.
   */
  async subscribe(membership: Membership, runner?: SqlRunner): Promise<{ changed: boolean }> {
    return this.#change(membership, runner, async (tx, recipientId, topicId) => {
      const newest = await newestEventId(tx);
      const rows = await tx.query(sql`SELECT 1 AS "one" FROM "belfry_topic_member"
        WHERE "recipient_id" = ${recipientId} AND "topic_id" = ${topicId} AND "until_event_id" IS NULL`);
      if (rows.length > 0) return false;
      await begin(tx, { recipientId, topicId, newest });
      return true;
    });
  }

  /**
   * No later event of the topic is the user's, nor can they come back to it by themselves. When they do not follow it, nothing
   * else changes. Otherwise as `subscribe`.
   */
  async unsubscribe(membership: Membership, runner?: SqlRunner): Promise<{ changed: boolean }> {
    return this.#change(membership, runner, async (tx, recipientId, topicId) => {
      const newest = await newestEventId(tx);
      await forgetLeaving(tx, { recipientId, topicId });
      const current = sql`"recipient_id" = ${recipientId} AND "topic_id" = ${topicId} AND "until_event_id" IS NULL`;
      // An interval that holds no event would be in the way of one that begins at the same.
      const removed = await tx.execute(
        sql`DELETE FROM "belfry_topic_member" WHERE ${current} AND "since_event_id" >= ${newest}`,
      );
      if (removed > 0) return true;
      const ended = await tx.execute(
        sql`UPDATE "belfry_topic_member" SET "until_event_id" = ${newest} WHERE ${current}`,
      );
      return ended > 0;
    });
  }

  /**
   * The user leaves a topic by themselves: as `unsubscribe`, but they may come back to it, for as long as the app has not taken
   * them out of it.
   *
   * @param at When they did.
   */
  async leave(membership: Membership & { at: Date }, runner?: SqlRunner): Promise<{ changed: boolean }> {
    return this.#changeOfKnown(membership, runner, async (tx, recipientId, topicId) => {
      const newest = await newestEventId(tx);
      const left = await tx.execute(sql`
        UPDATE "belfry_topic_member" SET "until_event_id" = ${newest}, "left_at" = ${membership.at}
        WHERE "recipient_id" = ${recipientId} AND "topic_id" = ${topicId} AND "until_event_id" IS NULL`);
      return left > 0;
    });
  }

  /** The user comes back to a topic that they left by themselves. To any other nobody comes by asking: then nothing changes. */
  async comeBack(membership: Membership, runner?: SqlRunner): Promise<{ changed: boolean }> {
    return this.#changeOfKnown(membership, runner, async (tx, recipientId, topicId) => {
      const rows = await tx.query(sql`SELECT 1 AS "one" FROM "belfry_topic_member"
        WHERE "recipient_id" = ${recipientId} AND "topic_id" = ${topicId} AND "left_at" IS NOT NULL`);
      if (rows.length === 0) return false;
      await begin(tx, { recipientId, topicId, newest: await newestEventId(tx) });
      return true;
    });
  }

  /** What a user follows now, or has left by themselves and may come back to, sorted by name. */
  async choicesOf(recipientId: number): Promise<{ name: string; isFollowed: boolean }[]> {
    const rows = await this.#db.query<{ text: string; followed: bigint | number }>(sql`
      SELECT t."name" AS "text", CASE WHEN m."until_event_id" IS NULL THEN 1 ELSE 0 END AS "followed"
      FROM "belfry_topic_member" m JOIN "belfry_topic" t ON t."id" = m."topic_id"
      WHERE m."recipient_id" = ${recipientId} AND (m."until_event_id" IS NULL OR m."left_at" IS NOT NULL)`);
    return rows
      .map(({ text, followed }) => ({ name: text, isFollowed: toNumber(followed) === 1 }))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** The names of the topics that a user follows now, sorted. */
  async topicsOf(userId: string): Promise<string[]> {
    const recipientId = (await this.#recipients.find([userId])).get(userId);
    if (recipientId === undefined) return [];
    const rows = await this.#db.query<{ text: string }>(sql`SELECT t."name" AS "text"
      FROM "belfry_topic_member" m JOIN "belfry_topic" t ON t."id" = m."topic_id"
      WHERE m."recipient_id" = ${recipientId} AND m."until_event_id" IS NULL`);
    return rows.map(({ text }) => text).sort();
  }

  /** The ids of the users who follow a topic now, sorted. */
  async membersOf(topic: string): Promise<string[]> {
    const rows = await this.#db.query<{ text: string }>(sql`SELECT r."external_id" AS "text"
      FROM "belfry_topic" t JOIN "belfry_topic_member" m ON m."topic_id" = t."id" JOIN "belfry_recipient" r ON r."id" = m."recipient_id"
      WHERE t."name" = ${nameOf(topic)} AND m."until_event_id" IS NULL`);
    return rows.map(({ text }) => text).sort();
  }

  /** The integer of a topic, made at first need; two calls at once make one. Errors as `subscribe`. */
  async idOf(topic: string, runner?: SqlRunner): Promise<number> {
    const name = nameOf(topic);
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const on = runner ?? this.#db;
    const found = await this.#find(name, runner);
    if (found !== undefined) return found;
    await on.execute(
      sql`INSERT INTO "belfry_topic" ("name") VALUES (${name}) ON CONFLICT ("name") DO NOTHING`,
    );
    const made = await this.#find(name, runner);
    if (made === undefined) throw new Error('A topic that was just made is gone.');
    return made;
  }

  /**
   * Those of the recipients in `among` who followed a topic when an event happened. Costs as much as the topic has
   * members or as `among` has, whichever is less, and lets others have their turn meanwhile.
   */
  async recipientIdsAt(topicId: number, eventId: number, among: readonly number[]): Promise<number[]> {
    const isMember = sql`"topic_id" = ${topicId} AND "since_event_id" < ${eventId}
      AND ("until_event_id" IS NULL OR "until_event_id" >= ${eventId})`;
    const few = await this.#recipientIds(sql`${isMember} ${limitTo(MEMBERS_BATCH + 1)}`);
    if (few.length <= MEMBERS_BATCH) {
      const isAmong = new Set(among);
      return few.filter((id) => isAmong.has(id));
    }
    const found: number[] = [];
    for (let at = 0; at < among.length; at += MEMBERS_BATCH) {
      const batch = elements(this.#db, among.slice(at, at + MEMBERS_BATCH));
      const isOfBatch = sql`"recipient_id" IN (SELECT CAST("value" AS INTEGER) FROM ${batch})`;
      found.push(...(await this.#recipientIds(sql`${isOfBatch} AND ${isMember}`)));
      // The embedded database answers within one turn of the event loop.
      await endOfTurn();
    }
    return found;
  }

  /** To be called when the database turned out to be another. */
  forgetAll(): void {
    this.#generation += 1;
    this.#ids.clear();
  }

  async #change(
    { userId, topic }: Membership,
    runner: SqlRunner | undefined,
    work: (tx: SqlRunner, recipientId: number, topicId: number) => Promise<boolean>,
  ): Promise<{ changed: boolean }> {
    // Before the lock: no event waits for these.
    const recipientId = await this.#recipients.idOf(userId, runner);
    const topicId = await this.idOf(topic, runner);
    const locked = async (tx: SqlRunner) => {
      await lockEventIds(tx);
      return { changed: await work(tx, recipientId, topicId) };
    };
    return runner ? locked(runner) : this.#db.transaction(locked);
  }

  /** What people ask for by themselves makes no topic. */
  async #changeOfKnown(
    membership: Membership,
    runner: SqlRunner | undefined,
    work: (tx: SqlRunner, recipientId: number, topicId: number) => Promise<boolean>,
  ): Promise<{ changed: boolean }> {
    const name = nameOf(membership.topic);
    if (!this.#ids.get(name) && (await this.#find(name, runner)) === undefined) return { changed: false };
    return this.#change(membership, runner, work);
  }

  async #recipientIds(condition: Sql): Promise<number[]> {
    const rows = await this.#db.query<{ id: bigint | number }>(
      sql`SELECT "recipient_id" AS "id" FROM "belfry_topic_member" WHERE ${condition}`,
    );
    return rows.map(({ id }) => toNumber(id));
  }

  async #find(name: string, runner: SqlRunner | undefined): Promise<number | undefined> {
    const generation = this.#generation;
    const rows = await (runner ?? this.#db).query<{ id: bigint | number }>(
      sql`SELECT "id" FROM "belfry_topic" WHERE "name" = ${name}`,
    );
    if (!rows[0]) return undefined;
    const id = toNumber(rows[0].id);
    // A transaction also sees what it made itself, and may roll it back.
    if (!runner && generation === this.#generation) this.#ids.set(name, id);
    return id;
  }
}

function nameOf(topic: string): string {
  return parseInput(NAME, topic, null);
}

interface Place {
  recipientId: number;
  topicId: number;
}

/** Begins an interval: whatever was left by themselves before, they have come back to. */
async function begin(tx: SqlRunner, { newest, ...place }: Place & { newest: number }): Promise<void> {
  const { recipientId, topicId } = place;
  await forgetLeaving(tx, place);
  await tx.execute(sql`
    INSERT INTO "belfry_topic_member" ("recipient_id", "topic_id", "since_event_id")
    VALUES (${recipientId}, ${topicId}, ${newest})`);
}

/** That the user left by themselves. An interval that they left, and that holds no event, goes with it. */
async function forgetLeaving(tx: SqlRunner, { recipientId, topicId }: Place): Promise<void> {
  const left = sql`"recipient_id" = ${recipientId} AND "topic_id" = ${topicId} AND "left_at" IS NOT NULL`;
  await tx.execute(
    sql`DELETE FROM "belfry_topic_member" WHERE ${left} AND "since_event_id" >= "until_event_id"`,
  );
  await tx.execute(sql`UPDATE "belfry_topic_member" SET "left_at" = NULL WHERE ${left}`);
}

/**
 * Until the transaction has ended, nobody else gets an id for an event or changes a membership. The same lock as that
 * of the trigger `event_ids_in_order`. On SQLite a transaction has the write lock anyway.
 */
export async function lockEventIds(tx: SqlRunner): Promise<void> {
  if (tx.dialect === 'postgresql') {
    await tx.query(sql`SELECT CAST(pg_advisory_xact_lock(4270011) AS TEXT) AS "locked"`);
  }
}

/** 0: there is none. */
export async function newestEventId(tx: SqlRunner): Promise<number> {
  const [row] = await tx.query<{ id: bigint | number | null }>(
    sql`SELECT MAX("id") AS "id" FROM "belfry_event"`,
  );
  return toNumber(row?.id);
}
