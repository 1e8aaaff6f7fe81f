'use client';

import { type RefObject, useCallback, useEffect, useId, useRef, useState, useSyncExternalStore } from 'react';
import { Button } from '@/components/ui/button.tsx';
import { Dialog } from '@/components/ui/dialog.tsx';
import { GuardedButton } from '@/components/ui/guarded-button.tsx';
import { type Connection, useInbox } from './inbox.tsx';
import { NotificationList } from './notification-list.tsx';
import { closePanel } from './panel-state.ts';
import { toastStack } from './toast-stack.ts';

// As the variant `small` in globals.css: too narrow or too low for a panel beside the page.
const SMALL_SCREEN = '(max-width: 39.99rem), (max-height: 25rem)';
/** The inbox below the bell; on a small screen a sheet in front of the page. Loaded when first wanted. */
export function NotificationPanel({
  id,
  open,
  bell,
}: {
  id: string;
  open: boolean;
  bell: RefObject<HTMLButtonElement | null>;
}) {
  const panel = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const isSheet = useSyncExternalStore(subscribeToScreen, isScreenSmall, () => false);
  const isBesides = useCallback((element: Element) => isBellOrToast(element, bell.current), [bell]);

  useEffect(() => {
    // They stand in the list, and would cover it.
    if (open) toastStack.closePassing();
  }, [open]);

  return (
    <Dialog
      ref={panel}
      id={id}
      aria-labelledby={titleId}
      open={open}
      modal={isSheet}
      onClose={closePanel}
      isInside={isBesides}
      returnFocus={bell}
      className="absolute inset-auto top-full right-[max(0.75rem,calc((100vw-72rem)/2+1.25rem))] mt-1 max-h-[min(40rem,calc(100dvh-5rem))] w-104 max-w-[calc(100vw-1.5rem)] flex-col overflow-hidden rounded-2xl bg-surface text-ink shadow-lifted edge backdrop:bg-ink/30 open:flex open:animate-open dark:ring-1 dark:ring-line dark:backdrop:bg-sunken/80 small:fixed small:inset-x-0 small:top-auto small:bottom-0 small:mt-0 small:max-h-[calc(100dvh-1.5rem)] small:w-full small:max-w-none small:rounded-b-none"
    >
      <PanelContent panel={panel} titleId={titleId} isSheet={isSheet} />
    </Dialog>
  );
}

function subscribeToScreen(listener: () => void) {
  const screen = matchMedia(SMALL_SCREEN);
  screen.addEventListener('change', listener);
  return () => screen.removeEventListener('change', listener);
}

function isScreenSmall() {
  return matchMedia(SMALL_SCREEN).matches;
}

/** The bell toggles by itself, and closing a toast is no reason to close the list that it stands in. */
function isBellOrToast(element: Element, bell: HTMLElement | null): boolean {
  return bell?.contains(element) || element.closest('[data-toasts]') !== null;
}

function PanelContent({
  panel,
  titleId,
  isSheet,
}: {
  panel: RefObject<HTMLDialogElement | null>;
  titleId: string;
  isSheet: boolean;
}) {
  const inbox = useInbox();
  const { items, unreadTotal, totals, status, connection, hasMore, loadingMore } = inbox;
  const { dismiss, clear, loadMore, retry } = inbox;
  const [problem, setProblem] = useState<string | null>(null);

  const attempt = useCallback(async (work: () => Promise<unknown>) => {
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : 'That did not work. Try again in a moment.');
    }
  }, []);

  const dismissOne = useCallback((id: number) => void attempt(() => dismiss([id])), [attempt, dismiss]);

  function clearAll() {
    panel.current?.focus();
    void attempt(clear);
  }

  function loadOlder() {
    if (loadingMore) return;
    // The button leaves with what it brings.
    panel.current?.focus();
    void attempt(loadMore);
  }

  return (
    <>
      <div className="flex min-h-15 flex-wrap items-center gap-x-3 border-b border-line px-4 py-2 sm:px-5">
        <h2 id={titleId} className="min-w-0 font-display text-lg font-semibold tracking-tight wrap-anywhere">
          Notifications
        </h2>
        {unreadTotal > 0 && (
          <p className="rounded-full bg-verdigris-wash px-2 py-0.5 text-xs font-semibold whitespace-nowrap text-verdigris-text tabular-nums edge">
            <span>{unreadTotal.toLocaleString('en-GB')}</span>
            <span className="max-sm:sr-only"> unread</span>
          </p>
        )}
        {isSheet ? (
          <Button look="quiet" className="-mr-2 ml-auto" onClick={closePanel}>
            Done
          </Button>
        ) : (
          totals.inbox > 0 && <ClearAll className="-mr-2.5 ml-auto" onClear={clearAll} />
        )}
      </div>
      {problem && (
        <p
          role="alert"
          className="border-b border-line bg-critical-wash px-4 py-2.5 text-sm text-critical-text sm:px-5"
        >
          {problem}
        </p>
      )}
      {items.length > 0 ? (
        <NotificationList onDismiss={dismissOne} onFollow={closePanel} attempt={attempt} panel={panel} />
      ) : (
        <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain">
          {connection === 'signed-out' ? null : status === 'loading' ? (
            <Skeleton />
          ) : status === 'error' ? (
            <LoadFailure onRetry={retry} />
          ) : totals.inbox === 0 ? (
            <AllQuiet />
          ) : hasMore ? (
            <OlderLeft loading={loadingMore} onLoad={loadOlder} />
          ) : (
            <Skeleton />
          )}
        </div>
      )}
      <ConnectionNote connection={connection} />
      {/* At the foot of the sheet: its head may stand where the bell was. */}
      {isSheet && totals.inbox > 0 && (
        <div className="border-t border-line px-2 py-1.5">
          <ClearAll onClear={clearAll} />
        </div>
      )}
    </>
  );
}

function ClearAll({ onClear, className = '' }: { onClear: () => void; className?: string }) {
  return (
    <GuardedButton look="quiet" className={className} onPress={onClear}>
      Clear all
    </GuardedButton>
  );
}

const TROUBLES: Partial<Record<Connection, string>> = {
  polling: 'The live connection is down. New notifications are fetched every 20 seconds.',
  offline: 'You are offline. What is missing here arrives when the connection is back.',
};

function ConnectionNote({ connection }: { connection: Connection }) {
  const sentence = TROUBLES[connection];
  if (!sentence && connection !== 'signed-out') return null;
  return (
    <p className="border-t border-line bg-bronze-wash px-4 py-2.5 text-xs text-bronze-text sm:px-5">
      {sentence ?? (
        <>
          <span>Your session has ended. </span>
          {/* A whole new document: the router still holds pages of the ended session. */}
          <a href="/sign-in" className="font-medium underline underline-offset-2">
            Sign in again
          </a>
        </>
      )}
    </p>
  );
}

function AllQuiet() {
  return (
    <div className="grid justify-items-center px-8 py-12 text-center">
      <svg viewBox="0 0 64 64" className="mb-4 size-16" aria-hidden="true" fill="none" strokeLinecap="round">
        <path d="M10 58V30a22 22 0 0 1 44 0v28" className="stroke-patina" strokeWidth="2" />
        <path d="M6 58h52M32 8v9" className="stroke-patina" strokeWidth="2" />
        <path
          d="M32 17c-6.5 0-9.6 4.5-10 10.5-.5 6-1.5 8.5-3.7 11.2-.8 1 0 2.6 1.3 2.6h24.8c1.3 0 2.1-1.6 1.3-2.6-2.2-2.7-3.2-5.2-3.7-11.2C41.6 21.5 38.5 17 32 17z"
          className="fill-verdigris-wash stroke-verdigris-text"
          strokeWidth="2"
          strokeLinejoin="round"
        />
        <circle cx="32" cy="47" r="3" className="fill-bronze" />
      </svg>
      <p className="font-display text-lg font-semibold">All quiet</p>
      <p className="mt-1 max-w-64 text-sm text-soft">You have seen everything. What comes next rings here.</p>
    </div>
  );
}

/** Everything that was loaded is dismissed, and there is more. */
function OlderLeft({ loading, onLoad }: { loading: boolean; onLoad: () => void }) {
  return (
    <div className="grid justify-items-center px-8 py-12 text-center">
      <p className="mb-5 font-display text-lg font-semibold">Older ones are left</p>
      <Button look="plain" aria-disabled={loading} onClick={onLoad}>
        {loading ? 'Loading older…' : 'Load older'}
      </Button>
    </div>
  );
}

function LoadFailure({ onRetry }: { onRetry: () => void }) {
  return (
    <div role="alert" className="grid justify-items-center px-8 py-12 text-center">
      <p className="font-display text-lg font-semibold">Your notifications could not be loaded</p>
      <p className="mt-1 mb-5 max-w-72 text-sm text-soft">
        Nothing is lost: they are kept on the server until you dismiss them.
      </p>
      <Button look="plain" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}

function Skeleton() {
  return (
    <div className="divide-y divide-line">
      <p className="sr-only">Loading your notifications</p>
      {['w-3/5', 'w-2/5', 'w-1/2'].map((width) => (
        <div key={width} className="flex animate-breathe gap-3.5 px-4 py-5 sm:px-5" aria-hidden="true">
          <div className="h-8 w-7 rounded-t-full rounded-b-sm bg-line" />
          <div className="grid flex-1 content-start gap-2.5 pt-1">
            <div className={`h-3.5 rounded bg-line ${width}`} />
            <div className="h-3 w-11/12 rounded bg-line" />
            <div className="h-3 w-1/4 rounded bg-line" />
          </div>
        </div>
      ))}
    </div>
  );
}
