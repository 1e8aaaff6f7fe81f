'use client';

import Link from 'next/link.js';
import type { MouseEvent, ReactNode } from 'react';
import { handOverHistoryEntry } from './history-entry.ts';
import type { LinkTarget } from './link-target.ts';
import { useModalHost } from './modal-host.ts';
import { useSettings } from './settings.ts';
import { useLinkTarget } from './use-link-target.ts';

/** Of a `NotificationLink`. */
export interface NotificationLinkProps {
  /** As the sender gave it; `null`: there is none. */
  link: string | null;
  /** After it was followed, and this page is still there. */
  onFollow?: (() => void) | undefined;
  /** Whenever it is followed, also into another tab. */
  onVisit?: (() => void) | undefined;
  className?: string | undefined;
  'aria-describedby'?: string | undefined;
  /** Of what opens an item: see `useListFocus`. */
  'data-open'?: string | undefined;
  /** What the link says of where it leads. */
  children: (target: LinkTarget) => ReactNode;
}

/** The link of a notification; nothing when it leads nowhere safe. Another site opens in a new tab. */
export function NotificationLink({ link, onFollow, onVisit, children, ...rest }: NotificationLinkProps) {
  const { basePath } = useSettings();
  const target = useLinkTarget(link);
  const isInFront = useModalHost() !== null;
  if (!target) return null;
  const anchor = {
    ...rest,
    // The middle button opens another tab.
    onAuxClick: ({ button }: MouseEvent) => button === 1 && onVisit?.(),
  };
  if (target.leadsTo === 'page') {
    return (
      <Link
        {...anchor}
        href={target.href}
        prefetch={false}
        // In front of the page, the current entry of the history is only there for Back to close it.
        replace={isInFront}
        onNavigate={() => {
          if (isInFront) handOverHistoryEntry();
          onVisit?.();
          onFollow?.();
        }}
        // Of these the router is not told.
        onClick={(event) => opensElsewhere(event) && onVisit?.()}
      >
        {children(target)}
      </Link>
    );
  }
  if (target.leadsTo === 'path') {
    return (
      <a {...anchor} href={`${basePath}${target.href}`} onClick={onVisit}>
        {children(target)}
      </a>
    );
  }
  return (
    <a
      {...anchor}
      href={target.href}
      target="_blank"
      rel="noopener noreferrer"
      onClick={() => {
        onVisit?.();
        onFollow?.();
      }}
    >
      {children(target)}
    </a>
  );
}

/** A click that leaves this page where it is. */
function opensElsewhere({ ctrlKey, metaKey, shiftKey }: MouseEvent): boolean {
  return ctrlKey || metaKey || shiftKey;
}
