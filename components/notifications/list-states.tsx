'use client';

import { useTranslate } from 'belfry/react';
import './notifications.css';

/** Nothing is in the list. */
export function AllQuiet({ title, text }: { title: string; text: string }) {
  return (
    <div className="belfry-state">
      <svg
        viewBox="0 0 64 64"
        className="belfry-quiet-bell"
        aria-hidden="true"
        fill="none"
        strokeLinecap="round"
        strokeWidth="2"
      >
        <path d="M10 58V30a22 22 0 0 1 44 0v28" className="belfry-quiet-arch" />
        <path d="M6 58h52M32 8v9" className="belfry-quiet-arch" />
        <path
          d="M32 17c-6.5 0-9.6 4.5-10 10.5-.5 6-1.5 8.5-3.7 11.2-.8 1 0 2.6 1.3 2.6h24.8c1.3 0 2.1-1.6 1.3-2.6-2.2-2.7-3.2-5.2-3.7-11.2C41.6 21.5 38.5 17 32 17z"
          className="belfry-quiet-body"
          strokeLinejoin="round"
        />
        <circle cx="32" cy="47" r="3" className="belfry-quiet-clapper" />
      </svg>
      <p className="belfry-state-title">{title}</p>
      <p className="belfry-state-text">{text}</p>
    </div>
  );
}

/** Everything that was loaded is gone, and there is more. */
export function OlderLeft({ isLoading, onLoad }: { isLoading: boolean; onLoad: () => void }) {
  const t = useTranslate();
  return (
    <div className="belfry-state">
      <p className="belfry-state-title">{t('belfry.list.older-left')}</p>
      <button type="button" className="belfry-plain" aria-disabled={isLoading} onClick={onLoad}>
        {t(isLoading ? 'belfry.list.loading-more' : 'belfry.list.more')}
      </button>
    </div>
  );
}

export function LoadFailure({ onRetry }: { onRetry: () => void }) {
  const t = useTranslate();
  return (
    <div role="alert" className="belfry-state">
      <p className="belfry-state-title">{t('belfry.list.failed')}</p>
      <p className="belfry-state-text">{t('belfry.list.failed-text')}</p>
      <button type="button" className="belfry-plain" onClick={onRetry}>
        {t('belfry.attempt.again')}
      </button>
    </div>
  );
}

/** Filters, or a search, let nothing through. */
export function NoneFound({ onUnfilter }: { onUnfilter: () => void }) {
  const t = useTranslate();
  return (
    <div className="belfry-state">
      <p className="belfry-state-title">{t('belfry.inbox.none-found')}</p>
      <p className="belfry-state-text">{t('belfry.inbox.none-found-text')}</p>
      <button type="button" className="belfry-plain" onClick={onUnfilter}>
        {t('belfry.inbox.unfiltered')}
      </button>
    </div>
  );
}

/** While the list is on its way: as high as what comes. */
export function Coming({ rows = 3 }: { rows?: number }) {
  const t = useTranslate();
  const places = Array.from({ length: rows }, (_, place) => place);
  return (
    <div>
      <p className="belfry-unseen">{t('belfry.list.loading')}</p>
      <div className="belfry-day belfry-coming-day" aria-hidden="true" />
      {places.map((place) => (
        <div key={place} className="belfry-coming-row" aria-hidden="true">
          <div className="belfry-coming-mark" />
          <div className="belfry-coming-text">
            <div />
            <div />
          </div>
        </div>
      ))}
    </div>
  );
}
