'use client';

import { type ReactNode, use, useCallback, useEffect, useRef } from 'react';
import { ToastListContext } from './toast-list.tsx';

/** The place of one toast in a `ToastList`: it leaves after its time, unless somebody is at the list. */
export function ToastItem({
  lastsMs,
  onEnd,
  className,
  children,
}: {
  /** Infinite: it stays. */
  lastsMs: number;
  /** Its time is over. */
  onEnd: () => void;
  className?: string | undefined;
  children: ReactNode;
}) {
  const list = use(ToastListContext);
  const latestEnd = useRef(onEnd);
  const watchLeaving = useCallback(
    (item: HTMLLIElement | null) => (item && list ? () => list.leave(item) : undefined),
    [list],
  );

  useEffect(() => {
    latestEnd.current = onEnd;
  }, [onEnd]);
  useEffect(() => {
    if (lastsMs === Number.POSITIVE_INFINITY) return;
    let timer = setTimeout(end, lastsMs);
    function end() {
      if (list?.isAttended()) timer = setTimeout(end, lastsMs);
      else latestEnd.current();
    }
    return () => clearTimeout(timer);
  }, [lastsMs, list]);

  return (
    <li ref={watchLeaving} className={className}>
      {children}
    </li>
  );
}
