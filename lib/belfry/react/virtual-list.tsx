'use client';

import {
  defaultRangeExtractor,
  type Range,
  useVirtualizer,
  useWindowVirtualizer,
  type VirtualItem,
} from '@tanstack/react-virtual';
import {
  type FocusEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { useListFocus } from './use-list-focus.ts';

// A title, a line of text, and what stands between two of them; what is in the document is measured.
const USUAL_HEIGHT_PX = 72;
// Tab and Shift+Tab need the next item to be there, also when the key is held.
const BEYOND_VIEW = 5;
// The library's way of holding on to the end of a list is for chats: an item opened there must not scroll away.
const NEVER_AT_END = -1;
// With so few left below, the next page is asked for by itself.
const NEAR_END = 8;

/** What tells the items of a list apart. */
type Id = number | string;

/** Of a `VirtualList` or a `WindowList`. */
export interface VirtualListProps<One extends { id: Id }> {
  items: readonly One[];
  hasMore: boolean;
  loadingMore: boolean;
  /** Called when somebody comes near the end, once for each length of the list, and when they ask for it. */
  onLoadMore: () => void;
  /** Takes the focus when no item is left to have it. */
  restingPlace: RefObject<HTMLElement | null>;
  /** `handOn` is the same function each time, to be called before an item goes: see `useListFocus`. */
  renderItem: (item: One, handOn: (id: Id) => void, index: number) => ReactNode;
  /** What stands below the items while there are more. */
  renderMore: (load: () => void) => ReactNode;
  /** Whether what arrives comes in above what is seen: somebody has scrolled down. */
  onScrolledChange?: (isScrolled: boolean) => void;
  /** Of the box that scrolls; of a `WindowList`, of the box around the list. */
  className?: string | undefined;
  listClassName?: string | undefined;
  itemClassName?: string | undefined;
  moreClassName?: string | undefined;
}

/**
 * Items in a box that scrolls. Only those in view, and a few beyond, are in the document; the others are known by
 * their height. The focused one and its neighbours stay wherever it is scrolled to, so that Tab goes on from there. What
 * arrives above, and what leaves, moves nothing of what is read.
 */
export function VirtualList<One extends { id: Id }>(props: VirtualListProps<One>) {
  const { items, onScrolledChange } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [isScrolled, setIsScrolled] = useState(false);
  const focused = useFocusedItem(items);
  const virtualizer = useVirtualizer({
    ...useRowOptions(items, focused.index, isScrolled),
    getScrollElement: () => scroller.current,
  });
  useEffect(() => onScrolledChange?.(isScrolled), [onScrolledChange, isScrolled]);

  return (
    <div
      ref={scroller}
      onScroll={({ currentTarget }) => setIsScrolled(currentTarget.scrollTop > 0)}
      className={props.className}
      style={{ overflowY: 'auto', overflowAnchor: 'none' }}
    >
      <Rows {...props} virtualizer={virtualizer} margin={0} focused={focused} />
    </div>
  );
}

/** As `VirtualList`, for a list that scrolls with the page. */
export function WindowList<One extends { id: Id }>(props: VirtualListProps<One>) {
  const { items, onScrolledChange } = props;
  const box = useRef<HTMLDivElement>(null);
  const { margin, isScrolled } = usePlaceOnPage(box);
  const focused = useFocusedItem(items);
  const virtualizer = useWindowVirtualizer({
    ...useRowOptions(items, focused.index, isScrolled),
    scrollMargin: margin,
  });
  useEffect(() => onScrolledChange?.(isScrolled), [onScrolledChange, isScrolled]);

  return (
    <div ref={box} className={props.className} style={{ overflowAnchor: 'none' }}>
      <Rows {...props} virtualizer={virtualizer} margin={margin} focused={focused} />
    </div>
  );
}

function useRowOptions(items: readonly { id: Id }[], focused: number, isScrolled: boolean) {
  return {
    count: items.length,
    getItemKey: useCallback((index: number) => items[index]?.id ?? index, [items]),
    estimateSize: () => USUAL_HEIGHT_PX,
    overscan: BEYOND_VIEW,
    rangeExtractor: (range: Range) => withNeighbours(range, focused),
    // What arrives while somebody reads further down must not push away what they read; at the top it shows.
    anchorTo: isScrolled ? ('end' as const) : ('start' as const),
    scrollEndThreshold: NEVER_AT_END,
  };
}

/** Where a box begins on its page, in pixels, and whether that is scrolled out of sight. */
function usePlaceOnPage(box: RefObject<HTMLElement | null>) {
  const [margin, setMargin] = useState(0);
  const [isScrolled, setIsScrolled] = useState(false);
  const measure = useCallback(() => {
    const top = box.current?.getBoundingClientRect().top;
    if (top === undefined) return;
    setMargin(Math.round(top + window.scrollY));
    setIsScrolled(top < 0);
  }, [box]);

  // Whatever stands above it comes and goes with no word to it.
  useLayoutEffect(measure);
  useEffect(() => {
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    window.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      window.removeEventListener('scroll', measure);
    };
  }, [measure]);
  return { margin, isScrolled };
}

/** What the rows need of the library, whatever scrolls. */
interface RowsOf {
  getTotalSize: () => number;
  getVirtualItems: () => VirtualItem[];
  measureElement: (node: HTMLLIElement | null) => void;
}

function Rows<One extends { id: Id }>({
  items,
  hasMore,
  loadingMore,
  onLoadMore,
  restingPlace,
  renderItem,
  renderMore,
  virtualizer,
  margin,
  focused,
  ...props
}: VirtualListProps<One> & {
  virtualizer: RowsOf;
  /** How far down the list begins, in what scrolls. */
  margin: number;
  focused: FocusedItem;
}) {
  const focus = useListFocus({ count: items.length, hasMore, loadingMore, restingPlace });
  const more = useRef<HTMLDivElement>(null);
  const shown = virtualizer.getVirtualItems();
  const keepFocus = useKeptFocus(items, focused, focus.list, restingPlace);
  useEndlessness({ items, hasMore, loadingMore, lastShown: shown.at(-1)?.index ?? -1 }, () => {
    // The button goes with the last page: whoever is at it goes on with what comes in its place.
    if (more.current?.contains(document.activeElement)) focus.resumeAfter(onLoadMore);
    else onLoadMore();
  });

  return (
    <>
      <ul
        ref={focus.list}
        // biome-ignore lint/a11y/noRedundantRoles: Safari takes the role away from a list without bullets
        role="list"
        {...keepFocus}
        className={props.listClassName}
        style={{ position: 'relative', height: virtualizer.getTotalSize() }}
      >
        {shown.map(({ index, key, start }) => {
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
                style={{ position: 'absolute', insetInline: 0, top: start - margin }}
              >
                {renderItem(item, focus.handOn, index)}
              </li>
            )
          );
        })}
      </ul>
      {hasMore && (
        <div ref={more} className={props.moreClassName}>
          {renderMore(() => focus.resumeAfter(onLoadMore))}
        </div>
      )}
    </>
  );
}

/** Asks for the next page when somebody comes near the end. What fails is not asked for again by itself. */
function useEndlessness(
  of: { items: readonly unknown[]; hasMore: boolean; loadingMore: boolean; lastShown: number },
  load: () => void,
): void {
  const askedAt = useRef(-1);
  const latest = useRef(load);
  const { length } = of.items;
  const isNearEnd = of.hasMore && !of.loadingMore && of.lastShown >= length - NEAR_END;
  useEffect(() => {
    latest.current = load;
  });
  useEffect(() => {
    if (!isNearEnd || askedAt.current === length) return;
    askedAt.current = length;
    latest.current();
  }, [isNearEnd, length]);
}

/** Which item of a list has the focus. */
interface FocusedItem {
  id: Id | null;
  /** -1: none of those that are there. */
  index: number;
  set: (id: Id | null) => void;
}

function useFocusedItem(items: readonly { id: Id }[]): FocusedItem {
  const [id, set] = useState<Id | null>(null);
  return { id, index: id === null ? -1 : items.findIndex((item) => item.id === id), set };
}

/** Knows which item has the focus, and when what has it leaves, gives it to the item, or to the one that takes its place. */
function useKeptFocus(
  items: readonly { id: Id }[],
  { id, index, set }: FocusedItem,
  list: RefObject<HTMLUListElement | null>,
  restingPlace: RefObject<HTMLElement | null>,
) {
  const lastIndex = useRef(-1);
  useLayoutEffect(() => {
    if (index >= 0) lastIndex.current = index;
    if (id === null) return;
    if (index < 0) set(null);
    // What has the focus and leaves the document tells of it to nobody.
    if (document.activeElement && document.activeElement !== document.body) return;
    const next = list.current?.querySelector<HTMLElement>(
      `:scope > [data-index="${Math.min(lastIndex.current, items.length - 1)}"] [data-open]`,
    );
    (next ?? restingPlace.current)?.focus({ preventScroll: true });
  }, [id, index, set, items, list, restingPlace]);

  return {
    onFocus({ currentTarget, target }: FocusEvent<HTMLUListElement>) {
      const at = [...currentTarget.children]
        .find((child) => child.contains(target))
        ?.getAttribute('data-index');
      set(items[Number(at)]?.id ?? null);
    },
    onBlur({ currentTarget, relatedTarget }: FocusEvent<HTMLUListElement>) {
      // Between the two, nothing may leave the document: the one that the focus goes to, for example.
      if (!currentTarget.contains(relatedTarget)) set(null);
    },
  };
}

/** What is in view and a little beyond, and the focused item between the one before and the one after. */
function withNeighbours(range: Range, focused: number): number[] {
  const indexes = defaultRangeExtractor(range);
  if (focused < 0) return indexes;
  const kept = [focused - 1, focused, focused + 1].filter((index) => index >= 0 && index < range.count);
  return [...new Set([...indexes, ...kept])].sort((a, b) => a - b);
}
