'use client';

import { useMemo } from 'react';
import type { Entry } from '../client/inbox-model.ts';
import { useTimeWords } from './language.tsx';
import { sectionsOf } from './list-sections.ts';
import { useToday } from './use-now.ts';

const NONE: ReadonlyMap<number, string> = /* @__PURE__ */ new Map();

/**
 * The headings of a list of entries, by the index of the entry that each stands above: "Today", "Yesterday", a weekday, a
 * date, in the reader's zone. They move at midnight.
 *
 *     const sections = useSections(inbox.entries);
 *     inbox.entries.map((entry, index) => <li>{sections.has(index) && <h3>{sections.get(index)}</h3>}…</li>)
 */
export function useSections(entries: readonly Entry[]): ReadonlyMap<number, string> {
  const today = useToday();
  const words = useTimeWords();
  return useMemo(() => (today === null ? NONE : sectionsOf(entries, today, words)), [entries, today, words]);
}
