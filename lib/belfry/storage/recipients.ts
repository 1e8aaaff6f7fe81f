/**
 * People as the engine knows them: an integer for whatever text the app has for the id of a user. Nothing but this file
 * looks into such a text.
 */
import type { MessageKey } from '../language/message.ts';
import { parseInput } from '../protocol/errors.ts';
import { storableText } from '../protocol/text.ts';
import { limitTo, type Sql, type SqlDatabase, type SqlRunner, sql, toNumber } from './database.ts';
import { RecentlyUsed } from './recently-used.ts';

const LONGEST_ID = 255;
// Some 10 MB, and more people than are connected to one instance.
const MOST_REMEMBERED = 50_000;

const USER_ID = storableText()
  .min(1, 'server.belfry.user-missing' satisfies MessageKey)
  .max(LONGEST_ID, 'server.belfry.user-too-long' satisfies MessageKey);

interface Row {
  id: bigint | number;
  userId: string;
}

/** The integers of people. Safe to share; one per database. */
export class Recipients {
  readonly #db: SqlDatabase;
  readonly #mostRemembered: number;
  readonly #ids: RecentlyUsed<string, number>;
  readonly #userIds: RecentlyUsed<number, string>;
  // What a statement of before a `forgetAll` brings is not remembered.
  #generation = 0;

  /** @param mostRemembered How many people are kept in memory. Default: 50,000. */
  constructor(db: SqlDatabase, mostRemembered = MOST_REMEMBERED) {
    this.#db = db;
    this.#mostRemembered = mostRemembered;
    this.#ids = new RecentlyUsed(mostRemembered);
    this.#userIds = new RecentlyUsed(mostRemembered);
  }

  /** Remembers those who were made last, as many as are kept: after a restart all who were connected come back at once. */
  async rememberLatest(): Promise<void> {
    await this.#rows(
      sql`"id" IN (SELECT "id" FROM "belfry_recipient" ORDER BY "id" DESC ${limitTo(this.#mostRemembered)}) ORDER BY "id"`,
      undefined,
    );
  }

  /** The integer of one user, made at first need. As `idsOf`. */
  async idOf(userId: string, runner?: SqlRunner): Promise<number> {
    const id = this.#ids.get(userId) ?? (await this.idsOf([userId], runner)).get(userId);
    if (id === undefined) throw new Error('A recipient that was just made is gone.');
    return id;
  }

  /**
   * The integers of users, made at first need: three statements at most, however many they are. Two calls at once make
   * each once.
   *
   * @param runner The caller's transaction. What it makes goes when it rolls back, so nothing of it is remembered.
   * @throws BelfryError `invalid_input` when an id is empty, longer than 255 characters, or cannot be stored.
   */
  async idsOf(userIds: readonly string[], runner?: SqlRunner): Promise<Map<string, number>> {
    const ids = await this.find(userIds, runner);
    const missing = new Set(userIds.filter((userId) => !ids.has(userId)));
    if (missing.size === 0) return ids;
    // Sorted: two at once wait for each other's rows in one order, and never for each other.
    const texts = [...missing].sort();
    const on = runner ?? this.#db;
    await on.execute(sql`INSERT INTO "belfry_recipient" ("external_id")
      SELECT "value" FROM ${elements(on, texts)} WHERE TRUE
      ON CONFLICT ("external_id") DO NOTHING`);
    for (const [userId, id] of await this.find(texts, runner)) ids.set(userId, id);
    return ids;
  }

  /** The integers of those users who have one. Makes none. Errors as `idsOf`. */
  async find(userIds: readonly string[], runner?: SqlRunner): Promise<Map<string, number>> {
    const ids = new Map<string, number>();
    const unknown = new Set<string>();
    for (const userId of userIds) {
      const id = this.#ids.get(userId);
      if (id === undefined) unknown.add(checked(userId));
      else ids.set(userId, id);
    }
    if (unknown.size === 0) return ids;
    const on = runner ?? this.#db;
    const rows = await this.#rows(
      sql`"external_id" IN (SELECT "value" FROM ${elements(on, [...unknown])})`,
      runner,
    );
    for (const { id, userId } of rows) ids.set(userId, toNumber(id));
    return ids;
  }

  /** The app's own ids. An integer that is nobody's is left out. */
  async userIdsOf(ids: readonly number[], runner?: SqlRunner): Promise<Map<number, string>> {
    const userIds = new Map<number, string>();
    const unknown = new Set<number>();
    for (const id of ids) {
      const userId = this.#userIds.get(id);
      if (userId === undefined) unknown.add(id);
      else userIds.set(id, userId);
    }
    if (unknown.size === 0) return userIds;
    const on = runner ?? this.#db;
    const rows = await this.#rows(
      sql`"id" IN (SELECT CAST("value" AS INTEGER) FROM ${elements(on, [...unknown])})`,
      runner,
    );
    for (const { id, userId } of rows) userIds.set(toNumber(id), userId);
    return userIds;
  }

  /** To be called when the database turned out to be another. */
  forgetAll(): void {
    this.#generation += 1;
    this.#ids.clear();
    this.#userIds.clear();
  }

  async #rows(condition: Sql, runner: SqlRunner | undefined): Promise<Row[]> {
    const generation = this.#generation;
    const rows = await (runner ?? this.#db).query<Row>(
      sql`SELECT "id", "external_id" AS "userId" FROM "belfry_recipient" WHERE ${condition}`,
    );
    // A transaction also sees what it made itself.
    if (runner || generation !== this.#generation) return rows;
    for (const { id, userId } of rows) {
      this.#ids.set(userId, toNumber(id));
      this.#userIds.set(toNumber(id), userId);
    }
    return rows;
  }
}

function checked(userId: string): string {
  return parseInput(USER_ID, userId, null);
}

/** A table of one column, `value`, out of one parameter: a statement has a limit of them. */
export function elements({ dialect }: SqlRunner, values: readonly (string | number)[]): Sql {
  const json = JSON.stringify(values);
  return dialect === 'sqlite'
    ? sql`json_each(${json}) AS "element"`
    : sql`json_array_elements_text(CAST(${json} AS JSON)) AS "element" ("value")`;
}
