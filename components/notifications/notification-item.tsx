'use client';

import { memo, useCallback, useId, useState } from 'react';
import { RelativeTime, useNow } from '@/components/ui/relative-time.tsx';
import { describeRelative } from '@/components/ui/time-words.ts';
import type { Item } from './inbox.tsx';
import { NotificationLink } from './notification-link.tsx';
import { PRIORITY_LABEL, PRIORITY_TEXT, PriorityMark } from './priority-mark.tsx';

// An end that is further away than a day is no news to somebody reading now.
const EXPIRY_SHOWN_MS = 24 * 60 * 60_000;

interface NotificationItemProps {
  notification: Item;
  onDismiss: (id: number) => void;
  /** After a link was followed. */
  onFollow?: (() => void) | undefined;
  /** Whenever a link is followed, also one that leaves this page. */
  onVisit?: ((id: number) => void) | undefined;
}

/** One notification of the inbox. Everything in it is text: nothing a sender wrote becomes markup. */
export const NotificationItem = memo(function NotificationItem({
  notification,
  onDismiss,
  onFollow,
  onVisit,
}: NotificationItemProps) {
  const { id, eventType, priority, createdAt, expiresAt, title, message, link } = notification;
  const titleId = useId();
  return (
    <article className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-3.5 px-4 pt-4 pb-2.5 sm:px-5">
      <PriorityMark priority={priority} className="mt-0.5 h-8 w-7" />
      <div className="min-w-0">
        <h3 id={titleId} dir="auto" className="text-[0.9375rem] leading-snug font-semibold wrap-anywhere">
          {/* A stored event of another type may have none. */}
          {title || eventType}
        </h3>
        {message && <Message text={message} of={notification} />}
        {link && (
          <p className="mt-1.5 min-w-0 text-sm">
            <NotificationLink link={link} onFollow={onFollow} onVisit={() => onVisit?.(id)} />
          </p>
        )}
        <div className="mt-0.5 flex items-center justify-between gap-3">
          <p className="min-w-0 text-xs text-soft">
            {priority === 'NORMAL' || priority === 'LOW' ? (
              <span className="sr-only">{`${PRIORITY_LABEL[priority]} priority, `}</span>
            ) : (
              <>
                <span className={`font-semibold ${PRIORITY_TEXT[priority]}`}>{PRIORITY_LABEL[priority]}</span>
                <Dot />
              </>
            )}
            <RelativeTime at={createdAt} past className="whitespace-nowrap" />
            {expiresAt && <ExpiryHint at={expiresAt} />}
          </p>
          <button
            type="button"
            aria-describedby={titleId}
            data-dismiss=""
            onClick={() => onDismiss(id)}
            className="-mr-2.5 min-h-9 shrink-0 rounded-md px-2.5 text-xs font-medium text-soft hover:bg-sunken hover:text-ink"
          >
            Dismiss
          </button>
        </div>
      </div>
    </article>
  );
});

function Dot() {
  return (
    <span className="px-1.5" aria-hidden="true">
      ·
    </span>
  );
}

function ExpiryHint({ at }: { at: string }) {
  const now = useNow();
  if (now === null) return null;
  const left = new Date(at).getTime() - now;
  if (left > EXPIRY_SHOWN_MS) return null;
  return (
    <>
      <Dot />
      <span className="text-bronze-text">
        {left > 0 ? `expires ${describeRelative(at, now)}` : 'expired'}
      </span>
    </>
  );
}

type Length = 'short' | 'clamped' | 'expanded';

// An item that is scrolled out of sight leaves the document, and has to come back as high as it was.
const lengths = new WeakMap<Item, Length>();

/** Three lines, and a button for the rest where there is more; measured, since it depends on the width. */
function Message({ text, of }: { text: string; of: Item }) {
  const messageId = useId();
  const [length, setLength] = useState(lengths.get(of) ?? 'short');
  const expanded = length === 'expanded';
  const overflows = length !== 'short';

  const settle = useCallback(
    (next: Length) => {
      lengths.set(of, next);
      setLength(next);
    },
    [of],
  );

  const watchOverflow = useCallback(
    (node: HTMLParagraphElement | null) => {
      if (!node) return;
      const measure = () => {
        // Measurable only while clamped; once expanded, the button has to stay.
        if (lengths.get(of) === 'expanded') return;
        settle(node.scrollHeight > node.clientHeight + 1 ? 'clamped' : 'short');
      };
      // At once, so that the list measures the item together with its button.
      measure();
      const observer = new ResizeObserver(measure);
      observer.observe(node);
      return () => observer.disconnect();
    },
    [of, settle],
  );

  return (
    <>
      <p
        ref={watchOverflow}
        id={messageId}
        dir="auto"
        className={`typed-text mt-0.5 text-sm text-soft ${expanded ? '' : 'line-clamp-3'}`}
      >
        {text}
      </p>
      {overflows && (
        <button
          type="button"
          aria-expanded={expanded}
          aria-controls={messageId}
          onClick={() => settle(expanded ? 'clamped' : 'expanded')}
          className="-ml-1 min-h-7 rounded-md px-1 text-sm font-medium text-verdigris-text hover:underline"
        >
          {expanded ? 'Show less' : 'Show all'}
        </button>
      )}
    </>
  );
}
