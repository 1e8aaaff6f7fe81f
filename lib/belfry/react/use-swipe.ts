'use client';

import { type PointerEvent, useRef } from 'react';

// Less is a finger that trembles, or scrolls.
const BEGINS_AFTER_PX = 8;
const GOES_AFTER_PX = 64;
// A flick, however short.
const GOES_AT_PX_PER_MS = 0.5;

interface Swipe {
  x: number;
  y: number;
  startedAt: number;
  /** Until then it may be a tap, or scroll what is under it. */
  isMoving: boolean;
}

/**
 * For an element that goes when a finger or a pen takes it to either side. Spread on it; meanwhile it has the attribute
 * `data-swiping`. It needs `touch-action: pan-y`. A mouse selects text instead.
 */
export function useSwipe(onGone: () => void) {
  const swipe = useRef<Swipe | null>(null);

  function end({ currentTarget: { style, dataset } }: PointerEvent<HTMLElement>): void {
    swipe.current = null;
    style.translate = '';
    style.opacity = '';
    delete dataset.swiping;
  }

  return {
    onPointerDown({ pointerType, isPrimary, clientX, clientY, timeStamp }: PointerEvent<HTMLElement>) {
      if (pointerType === 'mouse' || !isPrimary) return;
      swipe.current = { x: clientX, y: clientY, startedAt: timeStamp, isMoving: false };
    },
    onPointerMove({ currentTarget, pointerId, clientX, clientY }: PointerEvent<HTMLElement>) {
      if (!swipe.current) return;
      const by = clientX - swipe.current.x;
      const isAcross = Math.abs(by) > Math.max(BEGINS_AFTER_PX, Math.abs(clientY - swipe.current.y));
      if (!swipe.current.isMoving && isAcross) {
        swipe.current.isMoving = true;
        // What is under the finger is not pressed any more.
        currentTarget.setPointerCapture(pointerId);
        currentTarget.dataset.swiping = '';
      }
      if (!swipe.current.isMoving) return;
      currentTarget.style.translate = `${by}px`;
      currentTarget.style.opacity = `${1 - Math.min(Math.abs(by) / currentTarget.offsetWidth, 1)}`;
    },
    onPointerUp(event: PointerEvent<HTMLElement>) {
      const { current } = swipe;
      end(event);
      if (!current?.isMoving) return;
      const by = Math.abs(event.clientX - current.x);
      const speed = by / Math.max(event.timeStamp - current.startedAt, 1);
      if (by > GOES_AFTER_PX || (by > BEGINS_AFTER_PX && speed > GOES_AT_PX_PER_MS)) onGone();
    },
    onPointerCancel: end,
  };
}
