/**
 * How many items people have done with, remembered. Counting them takes as long as there are many, and the number
 * moves with the user's own changes, with expiry and with clean-up alone: so it is counted once for a revision.
 */

// After clean-up, or a change of the clock, a number may be as old as this.
const KEEP_MS = 60_000;
const MOST_REMEMBERED = 10_000;

/** A number, and when the next of those that it counts expires; `null`: none does. */
export interface DoneTotal {
  total: number;
  nextExpiresAt: Date | null;
}

interface Remembered extends DoneTotal {
  revision: number;
  from: number;
  until: number;
}

/** The numbers of one process. */
export class DoneTotals {
  readonly #remembered = new Map<number, Remembered>();

  /** To be called when the database turned out to be another. */
  forgetAll(): void {
    this.#remembered.clear();
  }

  /** The number of a user's items that are done, counted by `count` when it is not known. */
  async of(
    { userId, revision, at }: { userId: number; revision: number; at: Date },
    count: () => Promise<DoneTotal>,
  ): Promise<DoneTotal> {
    // Whoever never changed anything has done with nothing.
    if (revision === 0) return { total: 0, nextExpiresAt: null };
    const time = at.getTime();
    const known = this.#remembered.get(userId);
    if (known?.revision === revision && known.from <= time && time < known.until) return known;
    const counted = await count();
    const until = Math.min(time + KEEP_MS, counted.nextExpiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
    this.#remembered.delete(userId);
    this.#remembered.set(userId, { ...counted, revision, from: time, until });
    if (this.#remembered.size > MOST_REMEMBERED) {
      this.#remembered.delete(this.#remembered.keys().next().value as number);
    }
    return counted;
  }
}
