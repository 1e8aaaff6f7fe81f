'use client';

import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import { type FocusEvent, type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { Button } from '@/components/ui/button.tsx';
import { useInbox } from './inbox.tsx';
import { NotificationItem } from './notification-item.tsx';

// A title, one line of text and the line below; what is in the document is measured.
const USUAL_HEIGHT_PX = 105;
// Tab and Shift+Tab need the next item to be there, also when the key is held.
const BEYOND_VIEW = 5;
// The library's way of holding on to the end of a list is for chats: an item opened there must not scroll away.
const NEVER_AT_END = -1;

interface NotificationListProps {
  onDismiss: (id: number) => void;
  onFollow: () => void;
  attempt: (work: () => Promise<unknown>) => Promise<void>;
  /** Takes the focus when no item is left to have it. */
  panel: RefObject<HTMLElement | null>;
}

/**
 * The notifications in their scroll box. Only those in view, and a few beyond, are in the document; the
 * others are known by their height. The focused one and its neighbours stay wherever it is scrolled to, so
 * that Tab goes on from there.
 */
export function NotificationList({ onDismiss, onFollow, attempt, panel }: NotificationListProps) {
  const { items, totals, hasMore, loadingMore, loadMore, read } = useInbox();
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const [isScrolled, setIsScrolled] = useState(false);
  const [focusedId, setFocusedId] = useState<number | null>(null);
  const focused = focusedId === null ? -1 : items.findIndex(({ id }) => id === focusedId);

  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    getItemKey: useCallback((index: number) => items[index]?.id ?? index, [items]),
    estimateSize: () => USUAL_HEIGHT_PX,
    overscan: BEYOND_VIEW,
    rangeExtractor: (range) => withNeighbours(range, focused),
    // What arrives while somebody reads further down must not push away what they read; at the top it shows.
    anchorTo: isScrolled ? 'end' : 'start',
    scrollEndThreshold: NEVER_AT_END,
  });

  const dismissOne = useCallback(
    (id: number) => {
      // Before the item goes, and its focused button with it.
      focusNeighbour(list.current, id, panel.current);
      onDismiss(id);
    },
    [onDismiss, panel],
  );

  // It was read, whether or not the server hears of it.
  const markRead = useCallback((id: number) => void read([id]).catch(() => {}), [read]);

  // Where whoever pressed "Load older" goes on: the button leaves with the last page.
  const resumeAt = useRef<number | null>(null);

  useEffect(() => {
    if (loadingMore || resumeAt.current === null) return;
    if (!hasMore) dismissButtonOf(list.current?.querySelector(`[data-index="${resumeAt.current}"]`))?.focus();
    resumeAt.current = null;
  }, [loadingMore, hasMore]);

  function loadOlder() {
    if (loadingMore) return;
    void attempt(loadMore);
    resumeAt.current = items.length;
  }

  return (
    <div
      ref={scroller}
      onScroll={({ currentTarget }) => setIsScrolled(currentTarget.scrollTop > 0)}
      className="min-h-0 flex-1 overflow-y-auto overscroll-contain [overflow-anchor:none]"
    >
      <ul
        ref={list}
        // biome-ignore lint/a11y/noRedundantRoles: Safari takes the role away from a list without bullets
        role="list"
        onFocus={({ target }) => setFocusedId(idOfItemAround(target))}
        onBlur={(event) => {
          if (!goesWithin(event)) setFocusedId(null);
        }}
        className="relative"
        style={{ height: virtualizer.getTotalSize() }}
      >
        {virtualizer.getVirtualItems().map(({ index, key, start }) => {
          const item = items[index];
          return (
            item && (
              <li
                key={key}
                ref={virtualizer.measureElement}
                data-index={index}
                data-id={item.id}
                aria-posinset={index + 1}
                aria-setsize={hasMore ? Math.max(totals.inbox, items.length) : items.length}
                className={`absolute inset-x-0 ${index > 0 ? 'border-t border-line' : ''}`}
                style={{ top: start }}
              >
                <NotificationItem
                  notification={item}
                  onDismiss={dismissOne}
                  onFollow={onFollow}
                  onVisit={markRead}
                />
              </li>
            )
          );
        })}
      </ul>
      {hasMore && (
        <div className="border-t border-line p-2 text-center">
          <Button look="quiet" aria-disabled={loadingMore} onClick={loadOlder}>
            {loadingMore ? 'Loading older…' : 'Load older'}
          </Button>
        </div>
      )}
    </div>
  );
}

/** What is in view and a little beyond, and the focused item between the one before and the one after. */
function withNeighbours(range: Range, focused: number): number[] {
  const indexes = defaultRangeExtractor(range);
  if (focused < 0) return indexes;
  const kept = [focused - 1, focused, focused + 1].filter((index) => index >= 0 && index < range.count);
  return [...new Set([...indexes, ...kept])].sort((a, b) => a - b);
}

function idOfItemAround(target: Element): number | null {
  const id = target.closest<HTMLElement>('[data-id]')?.dataset.id;
  return id === undefined ? null : Number(id);
}

/** Between the two, nothing may leave the document: the one that the focus goes to, for example. */
function goesWithin({ currentTarget, relatedTarget }: FocusEvent): boolean {
  return currentTarget.contains(relatedTarget);
}

function dismissButtonOf(item: Element | null | undefined) {
  return item?.querySelector<HTMLButtonElement>('[data-dismiss]');
}

function focusNeighbour(list: HTMLUListElement | null, id: number, otherwise: HTMLElement | null) {
  const item = list?.querySelector(`[data-id="${id}"]`);
  const next =
    dismissButtonOf(item?.nextElementSibling) ?? dismissButtonOf(item?.previousElementSibling) ?? otherwise;
  next?.focus();
}
