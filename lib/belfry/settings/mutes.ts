/**
 * What people have muted: the writer of the table `belfry_mute`. A mute is an interval of event ids, of one type of event.
 * Whatever came in it is read from the start, and stays so when it is over.
 *
 * People mute categories; types are of one as long as their definitions say so. So a mute concerns the types that the
 * category has when it is kept, and `followDefinitions` brings that up to date at each start: a type that has come into a
 * muted category is muted from then on, one that has gone to another is not. A type that nobody defines any more keeps what it had.
 */
import { type SqlRunner, sql, toNumber } from '../storage/database.ts';
import { lockEventIds, newestEventId } from '../storage/topics.ts';

/** A type of event, and what people choose it by. */
export interface Categorized {
  eventType: string;
  category: string;
}

interface OpenRow {
  event_type: string;
  category: string;
  since_event_id: bigint | number;
}

/**
 * Has exactly these types muted for a user from now on, beside those that nobody defines any more.
 *
 * @param tx The transaction to do it in, which has locked the user's changes. On PostgreSQL no event gets an id until it has ended.
 * @param defined Those whose mutes may end.
 */
export async function keepMutes(
  tx: SqlRunner,
  { userId, muted, defined }: { userId: number; muted: readonly Categorized[]; defined: ReadonlySet<string> },
): Promise<void> {
  await lockEventIds(tx);
  const newest = await newestEventId(tx);
  const open = await openMutes(tx, userId);
  const wanted = new Map(muted.map(({ eventType, category }) => [eventType, category]));
  for (const { event_type: eventType, category } of open) {
    const now = wanted.get(eventType);
    const mine = sql`user_id = ${userId} AND event_type = ${eventType} AND until_event_id IS NULL`;
    if (now === undefined && defined.has(eventType)) await end(tx, mine, newest);
    else if (now !== undefined && now !== category)
      await tx.execute(sql`UPDATE belfry_mute SET category = ${now} WHERE ${mine}`);
    wanted.delete(eventType);
  }
  for (const [eventType, category] of wanted) {
    await tx.execute(sql`
      INSERT INTO belfry_mute (user_id, event_type, category, since_event_id)
      VALUES (${userId}, ${eventType}, ${category}, ${newest})`);
  }
}

/** From which event on a user has a category muted now. */
export async function mutedCategories(
  runner: SqlRunner,
  userId: number,
): Promise<{ category: string; sinceEventId: number }[]> {
  const since = new Map<string, number>();
  for (const { category, since_event_id } of await openMutes(runner, userId)) {
    since.set(category, Math.min(since.get(category) ?? Number.POSITIVE_INFINITY, toNumber(since_event_id)));
  }
  return [...since].map(([category, sinceEventId]) => ({ category, sinceEventId }));
}

/** Whether anybody has anything muted now. */
export async function isAnythingMuted(runner: SqlRunner): Promise<boolean> {
  const rows = await runner.query(
    sql`SELECT 1 AS "one" FROM belfry_mute WHERE until_event_id IS NULL LIMIT 1`,
  );
  return rows.length > 0;
}

/**
 * Brings everybody's mutes up to the definitions. Twice, or on two instances at once, does nothing more.
 *
 * @param tx The transaction to do it in.
 */
export async function followDefinitions(tx: SqlRunner, types: readonly Categorized[]): Promise<void> {
  await lockEventIds(tx);
  const newest = await newestEventId(tx);
  for (const { eventType, category } of types) {
    await end(
      tx,
      sql`event_type = ${eventType} AND until_event_id IS NULL AND category <> ${category}
        AND NOT EXISTS (
          SELECT 1 FROM belfry_mute other
          WHERE other.user_id = belfry_mute.user_id AND other.category = ${category} AND other.until_event_id IS NULL)`,
      newest,
    );
    await tx.execute(sql`
      UPDATE belfry_mute SET category = ${category}
      WHERE event_type = ${eventType} AND until_event_id IS NULL AND category <> ${category}`);
    await tx.execute(sql`
      INSERT INTO belfry_mute (user_id, event_type, category, since_event_id)
      SELECT DISTINCT m.user_id, CAST(${eventType} AS TEXT), m.category, CAST(${newest} AS BIGINT) FROM belfry_mute m
      WHERE m.category = ${category} AND m.until_event_id IS NULL AND NOT EXISTS (
        SELECT 1 FROM belfry_mute own
        WHERE own.user_id = m.user_id AND own.event_type = ${eventType} AND own.until_event_id IS NULL)`);
  }
}

function openMutes(runner: SqlRunner, userId: number): Promise<OpenRow[]> {
  return runner.query<OpenRow>(sql`
    SELECT event_type, category, since_event_id FROM belfry_mute
    WHERE user_id = ${userId} AND until_event_id IS NULL`);
}

/** An interval that holds no event would be in the way of one that begins at the same. */
async function end(tx: SqlRunner, which: ReturnType<typeof sql>, newest: number): Promise<void> {
  await tx.execute(sql`DELETE FROM belfry_mute WHERE ${which} AND since_event_id >= ${newest}`);
  await tx.execute(sql`UPDATE belfry_mute SET until_event_id = ${newest} WHERE ${which}`);
}
