/**
 * Lets concurrent writes share a commit. Making a commit durable waits for the disk, and costs the same
 * for one row as for a hundred: what arrives while one is under way goes into the next.
 *
 * A write that comes alone is not held up.
 */

import { setImmediate as endOfTurn } from 'node:timers/promises';

// Keeps one statement below the database's limit on parameters.
const MOST_IN_ONE_COMMIT = 250;

interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/** One queue of writes to one table. */
export class GroupCommit<Item, Result> {
  readonly #commit: (items: Item[]) => Promise<Result[]>;
  readonly #concernsAll: (error: unknown) => boolean;
  #waiting: Waiting<Item, Result>[] = [];
  #running = false;

  /**
   * @param commit Writes all items in one commit, or none; gives their results in the same order.
   * @param concernsAll Whether a failure is the database's: trying each item alone would only make each
   * wait for it again, one after the other.
   */
  constructor(commit: (items: Item[]) => Promise<Result[]>, concernsAll: (error: unknown) => boolean) {
    this.#commit = commit;
    this.#concernsAll = concernsAll;
  }

  /**
   * Resolves once the item is durable. When a shared commit fails for another reason than the database's
   * own, each of its items is tried alone.
   */
  add(item: Item): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#waiting.push({ item, resolve, reject });
    if (!this.#running) void this.#run();
    return promise;
  }

  async #run(): Promise<void> {
    this.#running = true;
    do {
      // Whatever else this turn of the event loop brings can come along.
      await endOfTurn();
      await this.#commitTogether(this.#waiting.splice(0, MOST_IN_ONE_COMMIT));
    } while (this.#waiting.length > 0);
    this.#running = false;
  }

  async #commitTogether(group: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#commit(group.map(({ item }) => item));
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
    } catch (error) {
      if (group.length > 1 && !this.#concernsAll(error)) {
        for (const one of group) await this.#commitTogether([one]);
      } else {
        for (const { reject } of group) reject(error);
      }
    }
  }
}
