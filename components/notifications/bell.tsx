'use client';

import { badgeText, useBell, useTranslate } from 'belfry/react';
import { Suspense, useState } from 'react';
import './notifications.css';

interface NotificationBellProps {
  /** Where the panel's foot leads. Default: nowhere, and there is no such link. */
  inboxPath?: string;
  /** `false`: the panel's keys are left alone. Default: they work while the focus is in it. */
  keyboard?: boolean;
}

/** The bell with its count, and the panel that it opens. Its place is kept while its language is on its way. */
export function NotificationBell(props: NotificationBellProps) {
  return (
    <Suspense fallback={<span className="belfry-root belfry-bell" />}>
      <BellWithPanel {...props} />
    </Suspense>
  );
}

function BellWithPanel({ inboxPath, keyboard = true }: NotificationBellProps) {
  const { unreadTotal, newestLiveId, button, open, Panel, panel, failure, load } = useBell(importPanel);
  return (
    <div className="belfry-root belfry-anchor">
      <button {...button} className="belfry-bell">
        <BellIcon newest={newestLiveId} />
        {unreadTotal > 0 && <span data-count={badgeText(unreadTotal)} className="belfry-badge belfry-edge" />}
      </button>
      {Panel ? (
        <Panel {...panel} inboxPath={inboxPath} keyboard={keyboard} />
      ) : (
        open && <PanelOnItsWay failure={failure} onRetry={load} />
      )}
    </div>
  );
}

async function importPanel() {
  const { NotificationPanel } = await import('./panel');
  return NotificationPanel;
}

/** Swings once whenever something newer arrived live; not for what was waiting, nor after a dismissal. */
function BellIcon({ newest }: { newest: number }) {
  const [rung, setRung] = useState(newest);
  if (newest > rung) setRung(newest);
  return (
    <svg
      key={rung}
      viewBox="0 0 24 24"
      className="belfry-bell-icon"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <g className={rung > 0 ? 'belfry-swings' : undefined}>
        <path d="M12 4.4c-3.3 0-5.1 2.4-5.4 5.7-.3 3.2-.8 4.6-2 6.2-.4.5 0 1.3.6 1.3h13.6c.6 0 1-.8.6-1.3-1.2-1.6-1.7-3-2-6.2-.3-3.3-2.1-5.7-5.4-5.7zM12 4.4V2.6" />
        <circle
          className={rung > 0 ? 'belfry-clapper' : undefined}
          cx="12"
          cy="20.4"
          r="1.4"
          fill="currentColor"
          stroke="none"
        />
      </g>
    </svg>
  );
}

/** For as long as the code of the panel is not there: nothing at first, since it mostly comes at once. */
function PanelOnItsWay({ failure, onRetry }: { failure: string | null; onRetry: () => void }) {
  const t = useTranslate();
  return (
    <div className="belfry-below belfry-on-its-way belfry-edge">
      {failure ? (
        <>
          <p role="alert" className="belfry-state-text">
            {failure}
          </p>
          <button type="button" onClick={onRetry} className="belfry-again">
            {t('belfry.attempt.again')}
          </button>
        </>
      ) : (
        <p className="belfry-text">{t('belfry.bell.opening')}</p>
      )}
    </div>
  );
}
