'use client';

import { useCallback, useEffect, useId, useRef, useState, useSyncExternalStore } from 'react';
import { isFromOtherVersion, isOtherVersion, NEW_VERSION } from '@/components/site-version.ts';
import { DELIBERATE } from '@/components/ui/deliberate.ts';
import { leaveEmptyHistoryEntry } from '@/components/ui/history-entry.ts';
import { useInbox } from './inbox.tsx';
import { isPanelOpen, setPanelOpen, subscribeToPanel } from './panel-state.ts';

type PanelComponent = typeof import('./notification-panel.tsx').NotificationPanel;

// A badge wider than this would cover the bell; the full number is in the button's name. The badge's
// own text is drawn by CSS, so that no one hears the number twice.
const BADGE_MAX = 99;

export function NotificationBell() {
  const { items, unreadTotal, status } = useInbox();
  const open = useSyncExternalStore(subscribeToPanel, isPanelOpen, () => false);
  const { Panel, failed, load } = usePanelCode();
  const bell = useRef<HTMLButtonElement>(null);
  const panelId = useId();

  useEffect(() => {
    if (open) load();
  }, [open, load]);
  useEffect(leaveEmptyHistoryEntry, []);

  return (
    <>
      <button
        ref={bell}
        type="button"
        aria-label={bellName(unreadTotal, status)}
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-controls={open ? panelId : undefined}
        onPointerEnter={load}
        onFocus={load}
        {...DELIBERATE}
        onClick={() => setPanelOpen(!open)}
        className="relative grid size-10 place-items-center rounded-lg text-ink transition-colors hover:bg-verdigris-wash aria-expanded:bg-verdigris-wash"
      >
        <BellIcon newest={newestLiveId(items)} />
        {unreadTotal > 0 && (
          <span
            data-count={unreadTotal > BADGE_MAX ? `${BADGE_MAX}+` : unreadTotal}
            className="absolute top-0.5 left-1/2 min-w-4.5 edge rounded-full bg-verdigris px-1 text-center text-[0.6875rem] leading-4.5 font-semibold text-on-verdigris tabular-nums ring-2 ring-paper before:content-[attr(data-count)/'']"
          />
        )}
      </button>
      {Panel ? (
        <Panel id={panelId} open={open} bell={bell} />
      ) : (
        open && <PanelOnItsWay failed={failed} onRetry={load} />
      )}
    </>
  );
}

/** The panel's code, fetched when somebody reaches for the bell. A failed fetch can be tried again. */
function usePanelCode() {
  const [Panel, setPanel] = useState<PanelComponent | null>(null);
  const [failed, setFailed] = useState(false);
  const load = useCallback(async () => {
    try {
      const { NotificationPanel } = await import('./notification-panel.tsx');
      setPanel(() => NotificationPanel);
    } catch {
      await isFromOtherVersion();
      setFailed(true);
    }
  }, []);
  return { Panel, failed, load };
}

function bellName(unreadTotal: number, status: 'loading' | 'ready' | 'error') {
  if (unreadTotal > 0) return `Notifications, ${unreadTotal} unread`;
  return status === 'ready' ? 'Notifications, 0 unread' : 'Notifications';
}

function newestLiveId(items: readonly { id: number; isRecovered: boolean }[]) {
  return items.reduce((newest, item) => (item.isRecovered ? newest : Math.max(newest, item.id)), 0);
}

/** Swings once whenever something newer arrived live; not for what was waiting, nor after a dismissal. */
function BellIcon({ newest }: { newest: number }) {
  const [rung, setRung] = useState(newest);
  if (newest > rung) setRung(newest);
  return (
    <svg
      key={rung}
      viewBox="0 0 24 24"
      className="size-6"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <g className={`origin-[50%_10%] ${rung > 0 ? 'animate-swing' : ''}`}>
        <path d="M12 4.4c-3.3 0-5.1 2.4-5.4 5.7-.3 3.2-.8 4.6-2 6.2-.4.5 0 1.3.6 1.3h13.6c.6 0 1-.8.6-1.3-1.2-1.6-1.7-3-2-6.2-.3-3.3-2.1-5.7-5.4-5.7zM12 4.4V2.6" />
        <circle
          className={rung > 0 ? 'animate-clapper' : ''}
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
function PanelOnItsWay({ failed, onRetry }: { failed: boolean; onRetry: () => void }) {
  return (
    <div className="absolute top-full right-[max(0.75rem,calc((100vw-72rem)/2+1.25rem))] mt-1 w-72 max-w-[calc(100vw-1.5rem)] animate-late edge rounded-2xl bg-surface p-5 text-sm shadow-lifted dark:ring-1 dark:ring-line">
      {failed ? (
        <>
          <p role="alert">
            {isOtherVersion()
              ? NEW_VERSION
              : 'Your notifications could not be opened. Check your connection.'}
          </p>
          <button
            type="button"
            onClick={onRetry}
            className="mt-2 min-h-9 font-medium text-verdigris-text underline"
          >
            Try again
          </button>
        </>
      ) : (
        <p className="text-soft">Opening your notifications…</p>
      )}
    </div>
  );
}
