'use client';

import { KEYS, useTranslate, useUndo } from 'belfry/react';
import type { RefObject } from 'react';
import './notifications.css';

/** What was done last, and the way back, for 10 s. The line is always there, so that it is heard when it says something. */
export function UndoLine({
  isShown = true,
  hasKeys,
  restingPlace,
}: {
  /** Whether it is told here, and not elsewhere on the page. */
  isShown?: boolean;
  hasKeys: boolean;
  /** Takes the focus when the line goes. */
  restingPlace: RefObject<HTMLElement | null>;
}) {
  const t = useTranslate();
  const { offer, undo, problem, held } = useUndo();
  return (
    <div role="status" className="belfry-status">
      {isShown && problem && !offer && <p className="belfry-undo belfry-edge">{problem}</p>}
      {isShown && offer && (
        <p {...held} className="belfry-undo belfry-edge">
          <span>{t(`belfry.undo.${offer.kind}`, { count: offer.count })}</span>
          <button
            type="button"
            aria-keyshortcuts={hasKeys ? KEYS.undo : undefined}
            className="belfry-undo-button"
            onClick={({ detail }) => {
              // By keyboard the focus was here, and here is nothing any more.
              if (detail === 0) restingPlace.current?.focus();
              undo();
            }}
          >
            {t('belfry.undo.undo')}
          </button>
          {hasKeys && <kbd className="belfry-key">{KEYS.undo.toUpperCase()}</kbd>}
        </p>
      )}
    </div>
  );
}
