/** A map of bounded size that lets go of what was not asked for the longest. */
export class RecentlyUsed<Key, Value> {
  // A Map keeps the order in which keys were put: the first is the one not used the longest.
  readonly #entries = new Map<Key, Value>();
  readonly #most: number;

  /** @param most How many entries it holds at most. */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: Key, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#most) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }

  clear(): void {
    this.#entries.clear();
  }
}
