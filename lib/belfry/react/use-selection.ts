'use client';

import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

type Id = number | string;

/** What is selected in a list; see `useSelection`. */
export interface Selection<One extends { id: Id }> {
  /** In the order of the list. What has left the list is not selected any more. */
  selected: readonly One[];
  has: (id: Id) => boolean;
  /** The same function each time. With `toHere`: all from the one that was selected last. */
  toggle: (id: Id, toHere?: boolean) => void;
  selectAll: () => void;
  clear: () => void;
}

/**
 * Several of a list, selected one by one or from one to another.
 *
 *     const selection = useSelection(inbox.entries);
 *     <input type="checkbox" checked={selection.has(id)} onClick={({ shiftKey }) => selection.toggle(id, shiftKey)} />
 */
export function useSelection<One extends { id: Id }>(items: readonly One[]): Selection<One> {
  const [ids, setIds] = useState<ReadonlySet<Id>>(new Set());
  const last = useRef<Id | null>(null);
  const latest = useRef(items);
  useEffect(() => {
    latest.current = items;
  }, [items]);

  const toggle = useCallback((id: Id, toHere = false) => {
    const range = toHere ? rangeOf(latest.current, last.current, id) : [];
    last.current = id;
    setIds((before) => {
      const next = new Set(before);
      if (range.length > 0) for (const each of range) next.add(each);
      else if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);

  return {
    selected: useMemo(() => (ids.size === 0 ? [] : items.filter(({ id }) => ids.has(id))), [items, ids]),
    has: (id) => ids.has(id),
    toggle,
    selectAll: () => setIds(new Set(items.map(({ id }) => id))),
    clear: useCallback(() => setIds(new Set()), []),
  };
}

/** From one to the other, whichever stands first; nothing where one of them is gone. */
function rangeOf(items: readonly { id: Id }[], from: Id | null, to: Id): Id[] {
  const [a, b] = [from, to].map((end) => items.findIndex(({ id }) => id === end)) as [number, number];
  if (a < 0 || b < 0) return [];
  return items.slice(Math.min(a, b), Math.max(a, b) + 1).map(({ id }) => id);
}
