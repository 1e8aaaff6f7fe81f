/** Gathers what was on the screen, and has the server told of it together: whoever scrolls sees much. */
import type { Item } from './inbox-model.ts';

// Nobody waits for it, and a screen full of items is one request.
const TOGETHER_MS = 1_000;
const MOST_AT_ONCE = 100;

export interface SeenItems {
  /** Notes that an item was on the screen. Again, or of one that the server knows to be seen: nothing. */
  see: (item: Pick<Item, 'id' | 'createdAt' | 'seenAt'>) => void;
  /** Sends what waits, at once: the page may be gone the next moment. */
  flush: () => void;
}

/** @param send When it rejects, the items are told of the next time that they are on the screen. */
export function gatherSeen(send: (ids: readonly number[]) => Promise<unknown>): SeenItems {
  const told = new Set<string>();
  let waiting: { name: string; id: number }[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const items = waiting;
    waiting = [];
    for (let at = 0; at < items.length; at += MOST_AT_ONCE) sendSome(items.slice(at, at + MOST_AT_ONCE));
  }

  function sendSome(items: readonly { name: string; id: number }[]): void {
    send(items.map(({ id }) => id)).catch(() => {
      for (const { name } of items) told.delete(name);
    });
  }

  return {
    see({ id, createdAt, seenAt }) {
      // A database that was put back may give an id again.
      const name = `${id} ${createdAt}`;
      if (seenAt !== null || told.has(name)) return;
      told.add(name);
      waiting.push({ name, id });
      if (waiting.length >= MOST_AT_ONCE) flush();
      else timer ??= setTimeout(flush, TOGETHER_MS);
    },
    flush,
  };
}
