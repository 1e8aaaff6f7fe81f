import type { Entry } from '../client/inbox-model.ts';
import { describeDayOf, type TimeWords } from './time-words.ts';

/**
 * The headings of a list, by the index of the entry that each stands above: the days on which its entries came, and above
 * them *Urgent*, where something urgent and unread was fetched from further down.
 *
 * What came back from a snooze stands where it came back, and so under that day, or one that is not long before it: an
 * entry is as new as the newest that stands below it.
 *
 * @param today Any instant of the reader's today, in milliseconds since 1970.
 */
export function sectionsOf(
  entries: readonly Entry[],
  today: number,
  words: TimeWords,
): ReadonlyMap<number, string> {
  const sections = new Map<number, string>();
  const firstInOrder = pinnedCount(entries);
  if (firstInOrder > 0) sections.set(0, words.translate('belfry.inbox.pinned'));
  const cameAt = newestFromBelow(entries);
  // As texts: ISO 8601 in UTC sorts by time, and to read ten thousand of them would take long.
  let dayBegan: string | null = null;
  for (let index = firstInOrder; index < entries.length; index += 1) {
    const at = cameAt[index] as string;
    if (dayBegan !== null && at >= dayBegan) continue;
    dayBegan = new Date(new Date(at).setHours(0, 0, 0, 0)).toISOString();
    sections.set(index, describeDayOf(at, today, words));
  }
  return sections;
}

/** How many stand above the list that goes on without a gap. */
function pinnedCount(entries: readonly Entry[]): number {
  const first = entries.findIndex(({ item }, index) => {
    const above = entries[index - 1]?.item;
    return above !== undefined && item.orderId > above.orderId;
  });
  return Math.max(first, 0);
}

function newestFromBelow(entries: readonly Entry[]): string[] {
  const newest = entries.map(({ item }) => item.createdAt);
  for (let index = newest.length - 2; index >= 0; index -= 1) {
    const [here, below] = [newest[index] as string, newest[index + 1] as string];
    if (below > here) newest[index] = below;
  }
  return newest;
}
