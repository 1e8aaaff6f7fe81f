/**
 * Which of numbers that are handed out in order have been there: the ids of the events that a manager has
 * taken up, or the revisions that a stream was told of. Ids are handed out in order and nearly always
 * arrive in order, so one number says almost everything; the few that ran ahead are kept beside it.
 */
export class SeenIds {
  #upTo: number;
  readonly #ahead = new Set<number>();

  /** @param upTo Every id up to this one counts as seen. */
  constructor(upTo: number) {
    this.#upTo = upTo;
  }

  /** Every id up to and including this one has been seen. */
  get upTo(): number {
    return this.#upTo;
  }

  /** Marks an id. False when it had been seen before. */
  add(id: number): boolean {
    if (id <= this.#upTo || this.#ahead.has(id)) return false;
    this.#ahead.add(id);
    this.#closeGap();
    return true;
  }

  /** Gives up waiting for ids up to this one that never came: they were rolled back. */
  skipTo(id: number): void {
    if (id <= this.#upTo) return;
    this.#upTo = id;
    for (const ahead of this.#ahead) if (ahead <= id) this.#ahead.delete(ahead);
    this.#closeGap();
  }

  #closeGap(): void {
    while (this.#ahead.delete(this.#upTo + 1)) this.#upTo += 1;
  }
}
