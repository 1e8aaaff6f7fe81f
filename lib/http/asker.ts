/** Who sent a request, for the log line of one that fails. */

/** A user by id, or a token by its key. */
export interface Asker {
  userId?: number;
  sender?: string;
}

// On the request itself: garbage collection looks through a WeakMap of all of them again and again.
const ASKER = Symbol.for('belfry.asker');

type AskedRequest = Request & { [ASKER]?: Asker };

/** Called as soon as it is known. The last call counts. */
export function noteAsker(request: AskedRequest, asker: Asker): void {
  request[ASKER] = asker;
}

/** Empty as long as nobody is known. */
export function askerOf(request: AskedRequest): Asker {
  return request[ASKER] ?? {};
}
