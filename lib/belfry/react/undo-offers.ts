/** What was done on this page and can still be taken back with one press: the last of it first, for some seconds. */

/** Something that was done, and how to take it back. */
export interface UndoOffer {
  kind: 'done' | 'all-done' | 'read' | 'snoozed';
  /** How many notifications it was done to. */
  count: number;
  /** Of the answers, once they are there. None: it was refused, or nothing has changed. */
  tokens: Promise<readonly string[]>;
}

/** How long it is offered, counted from the last that was done. */
export const OFFERED_FOR_MS = 10_000;
// So many can be taken back one after the other.
const MOST_OFFERS = 50;

/** Keeps the offers of a page, which goes on offering while it is held. */
export function createUndoOffers() {
  let offers: readonly UndoOffer[] = [];
  let of: unknown;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const holders = new Set<object>();
  const listeners = new Set<() => void>();

  function change(next: readonly UndoOffer[]): void {
    offers = next;
    wait();
    for (const listener of listeners) listener();
  }

  function wait(): void {
    clearTimeout(timer);
    if (offers.length > 0 && holders.size === 0) timer = setTimeout(() => change([]), OFFERED_FOR_MS);
  }

  return {
    /** The last; `null`: there is none. */
    newest: (): UndoOffer | null => offers.at(-1) ?? null,
    subscribe(listener: () => void): () => void {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    /** At once: whoever takes it back before it was answered waits for that. */
    offer(made: UndoOffer): void {
      change([...offers, made].slice(-MOST_OFFERS));
      void made.tokens.then((tokens) => {
        if (tokens.length === 0) change(offers.filter((each) => each !== made));
      });
    },
    /** Takes the last away, to be undone. */
    take(): UndoOffer | null {
      const last = offers.at(-1) ?? null;
      if (last) change(offers.slice(0, -1));
      return last;
    },
    /** Whose page it is from now on: what somebody else did is not theirs to take back. */
    beginFor(person: unknown): void {
      if (person !== of) change([]);
      of = person;
    },
    /** Somebody's pointer or focus is at it. Returns the way to let go. */
    hold(holder: object): () => void {
      holders.add(holder);
      wait();
      return () => {
        if (holders.delete(holder)) wait();
      };
    },
  };
}
