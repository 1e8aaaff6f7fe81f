/** A line in front of work that is dear, which is fair to each client: however many stand in it for one, the others do not wait for them all. */
import { BelfryError } from '../belfry/protocol/errors.ts';
import { toMessage } from '../language/languages.ts';

export interface FairLineOptions {
  /** How many are served at the same time. */
  atOnce: number;
  /** How many may wait for one client. */
  longestForOne: number;
  /** How many may wait in all. */
  longest: number;
}

interface Waiting {
  serve: () => void;
  refuse: (error: BelfryError) => void;
}

export class FairLine {
  readonly #options: FairLineOptions;
  /** Those who wait, by client; the first client is served next. */
  readonly #waiting = new Map<string, Waiting[]>();
  #running = 0;
  #length = 0;

  constructor(options: FairLineOptions) {
    this.#options = options;
  }

  /**
   * Runs `work` when it is its turn. Clients take turns, and each one's own are served in the order in which
   * they came. When the line is full, a client with fewer in it takes the last place of the one with the most.
   *
   * @param client Whose turn it takes.
   * @throws BelfryError `too_many_requests` when there is no place, or it was taken away; else whatever `work`
   * throws.
   */
  async run<T>(client: string, work: () => Promise<T>): Promise<T> {
    await this.#turn(client);
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  async #turn(client: string): Promise<void> {
    if (this.#running < this.#options.atOnce) {
      this.#running += 1;
      return;
    }
    const own = this.#waiting.get(client) ?? [];
    if (own.length >= this.#options.longestForOne) throw noPlace();
    if (this.#length >= this.#options.longest) this.#takePlace(own.length);
    await new Promise<void>((serve, refuse) => {
      own.push({ serve, refuse });
      this.#waiting.set(client, own);
      this.#length += 1;
    });
  }

  #takePlace(ownLength: number): void {
    let most: Waiting[] = [];
    for (const waiting of this.#waiting.values()) if (waiting.length > most.length) most = waiting;
    // At most even afterwards: two clients must not take places from each other for ever.
    if (most.length < ownLength + 2) throw noPlace();
    most.pop()?.refuse(noPlace());
    this.#length -= 1;
  }

  // Whoever leaves hands over the place without giving it up, so nobody can slip in between.
  #next(): void {
    const [first] = this.#waiting;
    if (!first) {
      this.#running -= 1;
      return;
    }
    const [client, own] = first;
    const next = own.shift();
    this.#length -= 1;
    this.#waiting.delete(client);
    if (own.length > 0) this.#waiting.set(client, own);
    next?.serve();
  }
}

function noPlace(): BelfryError {
  return new BelfryError('too_many_requests', toMessage('server.sign-in.crowd'), { retryAfterSeconds: 2 });
}
