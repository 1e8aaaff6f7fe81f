/**
 * A back-up of everything that Belfry keeps, made and put back by SQL in the same database, under running instances:
 * with it go the counters of ids, so that ids are used again.
 */
import { raw, type SqlDatabase, sql } from '../../lib/belfry/storage/database.ts';

/** By table, the column that counts up. */
const TABLES = {
  belfry_event: 'id',
  belfry_event_outbox: 'id',
  belfry_event_receipt: null,
  belfry_inbox: null,
  belfry_inbox_change: 'revision',
  belfry_mute: null,
  belfry_topic: 'id',
  belfry_topic_member: null,
  belfry_history: 'id',
  belfry_job: 'id',
  belfry_recipient: 'id',
} as const;

const names = Object.keys(TABLES) as (keyof typeof TABLES)[];
const counting = names.filter((name) => TABLES[name] !== null);

export class Backup {
  readonly #database: SqlDatabase;

  private constructor(database: SqlDatabase) {
    this.#database = database;
  }

  /** One on each database. */
  static async on(database: SqlDatabase): Promise<Backup> {
    for (const name of names) {
      await database.execute(raw(`CREATE TABLE "kept_${name}" AS SELECT * FROM "${name}" WHERE 1 = 0`));
    }
    await database.execute(sql`CREATE TABLE "kept_counter" ("name" TEXT, "value" BIGINT, "called" BOOLEAN)`);
    return new Backup(database);
  }

  /** Takes the place of the one before. */
  make(): Promise<void> {
    const copies = names.flatMap((name) => [
      `DELETE FROM "kept_${name}"`,
      `INSERT INTO "kept_${name}" SELECT * FROM "${name}"`,
    ]);
    const counters =
      this.#database.dialect === 'sqlite'
        ? [
            `INSERT INTO "kept_counter" SELECT "name", "seq", TRUE FROM "sqlite_sequence" WHERE "name" IN (${counting.map((name) => `'${name}'`)})`,
          ]
        : counting.map(
            (name) =>
              `INSERT INTO "kept_counter" SELECT '${name}', last_value, is_called FROM "${name}_${TABLES[name]}_seq"`,
          );
    return this.#run([...copies, 'DELETE FROM "kept_counter"', ...counters]);
  }

  /** Everything is as it was when the back-up was made. */
  putBack(): Promise<void> {
    const copies = names.flatMap((name) => [
      `DELETE FROM "${name}"`,
      `INSERT INTO "${name}" SELECT * FROM "kept_${name}"`,
    ]);
    const counters =
      this.#database.dialect === 'sqlite'
        ? [
            `DELETE FROM "sqlite_sequence" WHERE "name" IN (${counting.map((name) => `'${name}'`)})`,
            'INSERT INTO "sqlite_sequence" ("name", "seq") SELECT "name", "value" FROM "kept_counter"',
          ]
        : counting.map(
            (name) =>
              `PERFORM setval('"${name}_${TABLES[name]}_seq"', "value", "called") FROM "kept_counter" WHERE "name" = '${name}'`,
          );
    return this.#run([...copies, ...counters]);
  }

  /** Nothing is there any more; ids go on where they were. */
  empty(): Promise<void> {
    return this.#run(names.map((name) => `DELETE FROM "${name}"`));
  }

  /** In one transaction; on PostgreSQL in one statement, since each would be a way there and back. */
  #run(statements: readonly string[]): Promise<void> {
    return this.#database.transaction(async (tx) => {
      if (tx.dialect === 'sqlite') for (const each of statements) await tx.execute(raw(each));
      else await tx.execute(raw(`DO $$ BEGIN ${statements.join('; ')}; END $$`));
    });
  }
}
