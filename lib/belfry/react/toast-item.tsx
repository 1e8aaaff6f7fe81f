'use client';

import {
  type KeyboardEvent,
  type ReactNode,
  type RefCallback,
  use,
  useCallback,
  useEffect,
  useRef,
  useState,
} from 'react';
import { startToastTime } from '../client/toast-time.ts';
import { ToastListContext } from './toast-list.tsx';
import { useSwipe } from './use-swipe.ts';

/** Of a `ToastItem`. */
export interface ToastItemProps {
  /** Infinite: it stays. */
  lastsMs: number;
  /** It is to go: its time is over, it was swiped away, or Escape was pressed in it. */
  onEnd: () => void;
  /** It was read out before, and is not again. As it is when the item comes. */
  isHeard?: boolean | undefined;
  /** For the element, as `useSeen` gives it. */
  seen?: RefCallback<Element> | undefined;
  className?: string | undefined;
  children: ReactNode;
}

/** The place of one toast in a `ToastList`: it leaves after its time, which stands still while somebody is at the list. */
export function ToastItem({ lastsMs, onEnd, isHeard = false, seen, className, children }: ToastItemProps) {
  const list = use(ToastListContext);
  const [wasHeard] = useState(isHeard);
  const latestEnd = useRef(onEnd);
  const swipe = useSwipe(onEnd);
  const watch = useCallback(
    (item: HTMLLIElement | null) => {
      if (!item) return;
      const unwatch = seen?.(item);
      return () => {
        if (unwatch) unwatch();
        list?.leave(item);
      };
    },
    [list, seen],
  );

  useEffect(() => {
    latestEnd.current = onEnd;
  }, [onEnd]);
  useEffect(() => {
    if (!list || lastsMs === Number.POSITIVE_INFINITY) return;
    return startToastTime({ ...list, lastsMs, onEnd: () => latestEnd.current() });
  }, [lastsMs, list]);

  function closeOnEscape(event: KeyboardEvent): void {
    if (event.key !== 'Escape') return;
    // It is meant for this toast, and for nothing that stands behind it.
    event.preventDefault();
    event.stopPropagation();
    onEnd();
  }

  return (
    <li
      ref={watch}
      {...swipe}
      onKeyDown={closeOnEscape}
      aria-live={wasHeard ? 'off' : undefined}
      className={className}
    >
      {children}
    </li>
  );
}
