/** Knows what is under way in a test whose timers are its own, so that it can wait until all that goes on by itself has ended. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SqlDatabase, SqlRunner } from '../../lib/belfry/storage/database.ts';

// Streams, queues and promises take a turn of the event loop each to go on by themselves.
const QUIET_TURNS = 3;

export class Activity {
  readonly #underWay = new Set<Promise<unknown>>();
  #count = 0;

  /** Something happened that others may go on from. */
  note(): void {
    this.#count += 1;
  }

  /** Work counts as under way until it has ended, however it does. Gives it back. */
  during<T>(work: Promise<T>): Promise<T> {
    const ended: Promise<unknown> = work
      .catch(() => {})
      .finally(() => {
        this.#underWay.delete(ended);
        this.note();
      });
    this.#underWay.add(ended);
    return work;
  }

  /** Resolves when nothing is under way but what waits for time to pass. */
  async settled(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; ) {
      const before = this.#count;
      await (this.#underWay.size > 0 ? Promise.race(this.#underWay) : nextTurn());
      quiet = this.#underWay.size === 0 && this.#count === before ? quiet + 1 : 0;
    }
  }

  /**
   * A database whose statements count as under way.
   *
   * @param assertAlive Called before each statement, and may throw: then the statement is not run.
   */
  watch(database: SqlDatabase, assertAlive: () => void): SqlDatabase {
    const runner = (on: SqlRunner): SqlRunner => ({
      dialect: on.dialect,
      query: async (statement) => {
        assertAlive();
        return this.during(on.query(statement));
      },
      execute: async (statement) => {
        assertAlive();
        return this.during(on.execute(statement));
      },
    });
    return {
      ...runner(database),
      transaction: async (work) => {
        assertAlive();
        return this.during(
          database.transaction(async (tx) => {
            const result = await work(runner(tx));
            assertAlive();
            return result;
          }),
        );
      },
      appTransaction: (work) => this.during(database.appTransaction((tx, own) => work(runner(tx), own))),
      within: (tx) => database.within(tx),
      isUnavailable: (error) => database.isUnavailable(error),
    };
  }
}
