/**
 * A page of what a search finds. What somebody reads of an item is put into words by its type, in their language, and stands in
 * no column: so items are read, put into words and looked at, newest first, a bounded number for each page.
 */
import type { InboxPage } from '../protocol/item.ts';
import { formatPlace } from '../protocol/place.ts';
import { searchFor } from '../protocol/search.ts';

// Reading and wording so many keeps the embedded database, and with it everybody else, waiting for some milliseconds.
const READ_AT_ONCE = 250;
// After so many without enough to show, whoever asks goes on with the cursor.
const MOST_READ = 2_000;

/**
 * @param read A page of all that is searched, from a cursor on.
 * @returns As `read` does, with at most `limit` items; none of them is pinned. There may be more where there is a cursor.
 */
export async function searchPage({
  q,
  limit,
  cursor,
  read,
}: {
  q: string;
  limit: number;
  cursor: string | undefined;
  read: (part: { cursor: string | undefined; limit: number }) => Promise<InboxPage>;
}): Promise<InboxPage> {
  const isFound = searchFor(q);
  const found: InboxPage['notifications'] = [];
  let from = cursor;
  for (let count = READ_AT_ONCE; ; count += READ_AT_ONCE) {
    const page = await read({ cursor: from, limit: READ_AT_ONCE });
    const here = page.notifications.filter(isFound);
    const room = limit - found.length;
    found.push(...here.slice(0, room));
    const last = here[room - 1];
    const isRest = page.nextCursor !== null || page.notifications.at(-1) !== last;
    if (last)
      return { ...page, notifications: found, pinned: [], nextCursor: isRest ? formatPlace(last) : null };
    if (page.nextCursor === null || count >= MOST_READ) return { ...page, notifications: found, pinned: [] };
    from = page.nextCursor;
  }
}
