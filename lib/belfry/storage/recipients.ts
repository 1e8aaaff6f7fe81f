/** People as the engine knows them: a number for the app's own id of a user, made at first need. */
import { userIdSchema } from '../protocol/audience.ts';
import { invalidInput } from '../protocol/errors.ts';
import { join, type SqlDatabase, type SqlRunner, sql, toNumber } from './database.ts';

interface RecipientRow {
  id: bigint | number;
  external_id: string;
}

// Some megabytes: enough for everybody who is here.
const MOST_REMEMBERED = 50_000;
const BATCH = 5_000;

/** Numbers never change within one history of the database, so they are remembered. */
export class Recipients {
  readonly #database: SqlDatabase;
  /** By the app's id; whoever was asked for last is last. */
  readonly #remembered = new Map<string, number>();

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  /** The number of a user, made if need be. @throws BelfryError `invalid_input` for what can be no id. */
  async idOf(userId: string, runner?: SqlRunner): Promise<number> {
    const known = this.#remembered.get(userId);
    return known ?? ((await this.idsOf([userId], runner)).get(userId) as number);
  }

  /**
   * The numbers of any number of users, made where they are missing; two calls at once make each once.
   *
   * @param runner The caller's own transaction. What is made in it is remembered once it is there for all to see.
   * @throws BelfryError `invalid_input` for what can be no id.
   */
  async idsOf(userIds: readonly string[], runner?: SqlRunner): Promise<Map<string, number>> {
    const ids = new Map<string, number>();
    const unknown: string[] = [];
    for (const userId of new Set(userIds)) {
      const known = this.#remembered.get(userId);
      if (known === undefined) unknown.push(check(userId));
      else ids.set(userId, known);
    }
    for (let at = 0; at < unknown.length; at += BATCH) {
      const batch = unknown.slice(at, at + BATCH);
      for (const [userId, id] of await find(this.#database, batch)) {
        ids.set(userId, id);
        this.#remember(userId, id);
      }
      const missing = batch.filter((userId) => !ids.has(userId));
      if (missing.length === 0) continue;
      const made = runner ?? this.#database;
      await insert(made, missing);
      for (const [userId, id] of await find(made, missing)) {
        ids.set(userId, id);
        if (!runner) this.#remember(userId, id);
      }
    }
    return ids;
  }

  /** The app's ids of these numbers; those that are unknown are left out. */
  async userIdsOf(ids: readonly number[]): Promise<Map<number, string>> {
    const userIds = new Map<number, string>();
    for (let at = 0; at < ids.length; at += BATCH) {
      const rows = await this.#database.query<RecipientRow>(
        sql`SELECT id, external_id FROM recipient WHERE id IN (${join(ids.slice(at, at + BATCH))})`,
      );
      for (const { id, external_id } of rows) userIds.set(toNumber(id), external_id);
    }
    return userIds;
  }

  /** Forgets what was remembered: the database turned out to be another one. */
  forgetAll(): void {
    this.#remembered.clear();
  }

  #remember(userId: string, id: number): void {
    this.#remembered.delete(userId);
    this.#remembered.set(userId, id);
    if (this.#remembered.size > MOST_REMEMBERED) {
      this.#remembered.delete(this.#remembered.keys().next().value as string);
    }
  }
}

function check(userId: string): string {
  const parsed = userIdSchema.safeParse(userId);
  if (parsed.success) return parsed.data;
  throw invalidInput(parsed.error, parsed.error.issues[0]?.message ?? 'This can be no id of a user.');
}

/** One parameter, however many there are. */
function texts({ dialect }: SqlRunner, userIds: readonly string[]) {
  const json = JSON.stringify(userIds);
  return dialect === 'sqlite'
    ? sql`SELECT value FROM json_each(${json})`
    : sql`SELECT value FROM json_array_elements_text(CAST(${json} AS json))`;
}

async function find(runner: SqlRunner, userIds: readonly string[]): Promise<[string, number][]> {
  const rows = await runner.query<RecipientRow>(
    sql`SELECT id, external_id FROM recipient WHERE external_id IN (${texts(runner, userIds)})`,
  );
  return rows.map(({ id, external_id }) => [external_id, toNumber(id)]);
}

async function insert(runner: SqlRunner, userIds: readonly string[]): Promise<void> {
  await runner.execute(sql`
    INSERT INTO recipient (external_id) SELECT value FROM (${texts(runner, userIds)}) missing WHERE 1 = 1
    ON CONFLICT (external_id) DO NOTHING`);
}
