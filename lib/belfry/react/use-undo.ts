'use client';

import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { UndoOffer } from './undo-offers.ts';
import { undoOffers } from './undo-offers-of-page.ts';
import { useAttempt } from './use-attempt.ts';
import { useInboxActions } from './use-inbox-actions.ts';

/** What can be taken back, for 10 s after it was done, and for as long as somebody is at it. */
export interface Undo {
  /** The last that was done here, in a panel or on a page; `null`: nothing, or too long ago. */
  offer: UndoOffer | null;
  /** Takes it back. Nothing where there is none. */
  undo: () => void;
  /** Why it could not be taken back, in a sentence. */
  problem: string | null;
  /** For the element that offers it: held while it has pointer or focus. */
  held: {
    onPointerEnter: () => void;
    onPointerLeave: () => void;
    onFocus: () => void;
    onBlur: () => void;
  };
}

/**
 * Offers to take back what was done last.
 *
 *     const { offer, undo, held } = useUndo();
 *     return <p role="status">{offer && <button {...held} onClick={undo}>Undo</button>}</p>;
 */
export function useUndo(): Undo {
  const offer = useSyncExternalStore(undoOffers.subscribe, undoOffers.newest, () => null);
  const { undo } = useInboxActions();
  const { problem, attempt } = useAttempt();
  const letGo = useRef<{ pointer?: () => void; focus?: () => void }>({});

  const release = useCallback((by: 'pointer' | 'focus') => {
    letGo.current[by]?.();
    delete letGo.current[by];
  }, []);
  // What goes from under the pointer tells of no leaving.
  useEffect(() => {
    if (offer) return;
    release('pointer');
    release('focus');
  }, [offer, release]);
  useEffect(
    () => () => {
      release('pointer');
      release('focus');
    },
    [release],
  );

  const held = useMemo(() => {
    const hold = (by: 'pointer' | 'focus') => {
      letGo.current[by] ??= undoOffers.hold({});
    };
    return {
      onPointerEnter: () => hold('pointer'),
      onPointerLeave: () => release('pointer'),
      onFocus: () => hold('focus'),
      onBlur: () => release('focus'),
    };
  }, [release]);

  return {
    offer,
    problem,
    held,
    undo: useCallback(() => {
      const taken = undoOffers.take();
      if (!taken) return;
      void attempt(async () => {
        for (const token of await taken.tokens) await undo(token);
      });
    }, [attempt, undo]),
  };
}
