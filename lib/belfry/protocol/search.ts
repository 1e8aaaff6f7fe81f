/** What a search finds: the same on the server and, of what arrives, in the browser. Pure. */
import type { ItemJson } from './item.ts';

const MARKS = /\p{M}+/gu;
const SPACE = /\s+/u;

/** As it is compared: without regard to capitals, accents, and the widths and forms of characters. */
function folded(text: string): string {
  return text.normalize('NFKD').replace(MARKS, '').toLowerCase();
}

/**
 * Whether a search finds an item: each of its words stands somewhere in what the reader sees of it, as a part of a word too.
 *
 * @param q What was searched for. Nothing, or white space, finds everything.
 * @returns The same question for any number of items.
 */
export function searchFor(q: string): (item: Pick<ItemJson, 'title' | 'message'>) => boolean {
  const words = folded(q).split(SPACE).filter(Boolean);
  if (words.length === 0) return () => true;
  return ({ title, message }) => {
    const text = folded(`${title}\n${message}`);
    return words.every((word) => text.includes(word));
  };
}
