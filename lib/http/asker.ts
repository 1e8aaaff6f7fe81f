/** Who sent a request, for the log line of one that fails. */

/** A user by id, or a token by its key. */
export interface Asker {
  userId?: number;
  sender?: string;
}

const askers = new WeakMap<Request, Asker>();

/** Called as soon as it is known. The last call counts. */
export function noteAsker(request: Request, asker: Asker): void {
  askers.set(request, asker);
}

/** Empty as long as nobody is known. */
export function askerOf(request: Request): Asker {
  return askers.get(request) ?? {};
}
