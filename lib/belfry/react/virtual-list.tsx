'use client';

import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import { type FocusEvent, type ReactNode, type RefObject, useCallback, useRef, useState } from 'react';
import { useListFocus } from './use-list-focus.ts';

// A title, one line of text and the line below; what is in the document is measured.
const USUAL_HEIGHT_PX = 105;
// Tab and Shift+Tab need the next item to be there, also when the key is held.
const BEYOND_VIEW = 5;
// The library's way of holding on to the end of a list is for chats: an item opened there must not scroll away.
const NEVER_AT_END = -1;

/** What tells the items of a list apart. */
type Id = number | string;

/** Of a `VirtualList`. */
export interface VirtualListProps<One extends { id: Id }> {
  items: readonly One[];
  hasMore: boolean;
  loadingMore: boolean;
  onLoadMore: () => void;
  /** Takes the focus when no item is left to have it. */
  restingPlace: RefObject<HTMLElement | null>;
  /**
   * `handOn` is the same function each time, to be called before an item goes: the focus goes on to the first button of the
   * next one that has the attribute `data-dismiss`.
   */
  renderItem: (item: One, handOn: (id: Id) => void) => ReactNode;
  /** What stands below the items while there are more. */
  renderMore: (load: () => void) => ReactNode;
  /** Of the box that scrolls. */
  className?: string | undefined;
  listClassName?: string | undefined;
  itemClassName?: string | undefined;
  moreClassName?: string | undefined;
}

/**
 * Items in a box that scrolls. Only those in view, and a few beyond, are in the document; the others are known by
 * their height. The focused one and its neighbours stay wherever it is scrolled to, so that Tab goes on from there.
 */
export function VirtualList<One extends { id: Id }>(props: VirtualListProps<One>) {
  const { items, hasMore, loadingMore, onLoadMore, restingPlace } = props;
  const { renderItem, renderMore } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const focus = useListFocus({ count: items.length, hasMore, loadingMore, restingPlace });
  const [isScrolled, setIsScrolled] = useState(false);
  const [focusedId, setFocusedId] = useState<Id | null>(null);
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

  return (
    <div
      ref={scroller}
      onScroll={({ currentTarget }) => setIsScrolled(currentTarget.scrollTop > 0)}
      className={props.className}
      style={{ overflowY: 'auto', overflowAnchor: 'none' }}
    >
      <ul
        ref={focus.list}
        // biome-ignore lint/a11y/noRedundantRoles: Safari takes the role away from a list without bullets
        role="list"
        onFocus={({ currentTarget, target }) => {
          const index = [...currentTarget.children]
            .find((child) => child.contains(target))
            ?.getAttribute('data-index');
          setFocusedId(items[Number(index)]?.id ?? null);
        }}
        onBlur={(event) => {
          if (!goesWithin(event)) setFocusedId(null);
        }}
        className={props.listClassName}
        style={{ position: 'relative', height: virtualizer.getTotalSize() }}
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
                // -1: nobody knows how many those to come will be, once they are joined.
                aria-setsize={hasMore ? -1 : items.length}
                className={props.itemClassName}
                style={{ position: 'absolute', insetInline: 0, top: start }}
              >
                {renderItem(item, focus.handOn)}
              </li>
            )
          );
        })}
      </ul>
      {hasMore && (
        <div className={props.moreClassName}>{renderMore(() => focus.resumeAfter(onLoadMore))}</div>
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

/** Between the two, nothing may leave the document: the one that the focus goes to, for example. */
function goesWithin({ currentTarget, relatedTarget }: FocusEvent): boolean {
  return currentTarget.contains(relatedTarget);
}
