/**
 * How many items people have done with, remembered. Counting them takes as long as there are many, and the number
 * moves with the user's own changes, with expiry and with clean-up alone: so it is counted once for a revision.
 */

// After clean-up, or a change of the clock, a number may be as old as this.
const KEEP_MS = 60_000;
const MOST_REMEMBERED = 10_000;

interface Remembered {
  revision: number;
  total: number;
  from: number;
  until: number;
}

/** The numbers of one process. */
export class DoneTotals {
  readonly #remembered = new Map<number, Remembered>();

  /** In another database the same revision is another change. */
  forgetAll(): void {
    this.#remembered.clear();
  }

  /** The number of a user's items that are done, counted by `count` when it is not known. */
  async of(
    { userId, revision, at }: { userId: number; revision: number; at: Date },
    count: () => Promise<{ total: number; nextExpiresAt: Date | null }>,
  ): Promise<number> {
    // Whoever never changed anything has done with nothing.
    if (revision === 0) return 0;
    const time = at.getTime();
    const known = this.#remembered.get(userId);
    if (known?.revision === revision && known.from <= time && time < known.until) return known.total;
    const { total, nextExpiresAt } = await count();
    const until = Math.min(time + KEEP_MS, nextExpiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
    this.#remembered.delete(userId);
    this.#remembered.set(userId, { revision, total, from: time, until });
    if (this.#remembered.size > MOST_REMEMBERED) {
      this.#remembered.delete(this.#remembered.keys().next().value as number);
    }
    return total;
  }
}
