'use client';

import { Popover } from '@base-ui/react/popover';
import { type RefObject, useCallback, useRef, useState } from 'react';
import { Button } from '@/components/ui/button.tsx';
import { type Connection, useInbox } from './inbox.tsx';
import { NotificationList } from './notification-list.tsx';
import { setPanelOpen } from './panel-state.ts';

const closePanel = () => setPanelOpen(false);

/** The inbox as a popover below the bell; over the whole width on a narrow screen. Loaded when first wanted. */
export function NotificationPanel({
  id,
  open,
  bell,
}: {
  id: string;
  open: boolean;
  bell: RefObject<HTMLButtonElement | null>;
}) {
  const popup = useRef<HTMLDivElement>(null);
  return (
    <Popover.Root
      open={open}
      onOpenChange={(next, { reason, event, cancel }) => {
        const leaves = reason === 'outside-press' || reason === 'focus-out';
        if (leaves && isBesides(event, bell.current)) cancel();
        else setPanelOpen(next);
      }}
    >
      <Popover.Portal>
        <Popover.Backdrop className="fixed inset-0 z-40 bg-ink/30 transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0 sm:hidden dark:bg-sunken/80" />
        <Popover.Positioner
          anchor={bell}
          side="bottom"
          align="end"
          sideOffset={14}
          collisionPadding={12}
          className="z-50 max-sm:fixed! max-sm:inset-x-0! max-sm:top-0! max-sm:transform-none!"
        >
          <Popover.Popup
            ref={popup}
            id={id}
            initialFocus={popup}
            finalFocus={bell}
            className="flex max-h-[min(40rem,var(--available-height))] w-104 origin-(--transform-origin) flex-col overflow-hidden rounded-2xl bg-surface shadow-lifted outline-none transition-[opacity,translate] duration-150 ease-out data-ending-style:-translate-y-1 data-ending-style:opacity-0 data-starting-style:-translate-y-1 data-starting-style:opacity-0 max-sm:max-h-[88dvh] max-sm:w-full max-sm:rounded-t-none dark:ring-1 dark:ring-line"
          >
            <PanelContent popup={popup} />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** The bell toggles by itself, and closing a toast is no reason to close the list that it stands in. */
function isBesides(event: Event, bell: HTMLElement | null): boolean {
  const touched = [event.target, event instanceof FocusEvent ? event.relatedTarget : null];
  return touched.some(
    (node) => node instanceof Element && (bell?.contains(node) || node.closest('[data-sonner-toaster]')),
  );
}

function PanelContent({ popup }: { popup: RefObject<HTMLDivElement | null> }) {
  const { items, unreadTotal, status, connection, hasMore, loadingMore, dismiss, clear, loadMore, retry } =
    useInbox();
  const [problem, setProblem] = useState<string | null>(null);

  const attempt = useCallback(async (work: () => Promise<void>) => {
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : 'That did not work. Try again in a moment.');
    }
  }, []);

  const dismissOne = useCallback((id: number) => void attempt(() => dismiss([id])), [attempt, dismiss]);

  function clearAll() {
    popup.current?.focus();
    void attempt(clear);
  }

  function loadOlder() {
    if (loadingMore) return;
    // The button leaves with what it brings.
    popup.current?.focus();
    void attempt(loadMore);
  }

  return (
    <>
      <div className="flex min-h-15 items-center gap-2 border-b border-line px-4 py-2 sm:gap-3 sm:px-5">
        <Popover.Title className="min-w-0 truncate font-display text-lg font-semibold tracking-tight">
          Notifications
        </Popover.Title>
        {unreadTotal > 0 && (
          <p className="rounded-full bg-verdigris-wash px-2 py-0.5 text-xs font-semibold whitespace-nowrap text-verdigris-text tabular-nums">
            <span>{unreadTotal.toLocaleString('en-GB')}</span>
            <span className="max-sm:sr-only"> unread</span>
          </p>
        )}
        <div className="ml-auto flex items-center gap-1">
          {unreadTotal > 0 && (
            <Button look="quiet" className="max-sm:px-1.5 sm:-mr-2.5" onClick={clearAll}>
              Clear all
            </Button>
          )}
          <Popover.Close className="-mr-2 min-h-10 rounded-lg px-2 text-sm font-medium text-soft hover:text-ink sm:hidden">
            Done
          </Popover.Close>
        </div>
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
        <NotificationList onDismiss={dismissOne} onFollow={closePanel} attempt={attempt} popup={popup} />
      ) : (
        <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain">
          {connection === 'signed-out' ? null : status === 'loading' ? (
            <Skeleton />
          ) : status === 'error' ? (
            <LoadFailure onRetry={retry} />
          ) : unreadTotal === 0 ? (
            <AllQuiet />
          ) : hasMore ? (
            <OlderLeft loading={loadingMore} onLoad={loadOlder} />
          ) : (
            <Skeleton />
          )}
        </div>
      )}
      <ConnectionNote connection={connection} />
    </>
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

export function Skeleton() {
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
