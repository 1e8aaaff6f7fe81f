'use client';

import Link from 'next/link.js';
import type { ReactNode } from 'react';
import { handOverHistoryEntry } from './history-entry.ts';
import { useTranslate } from './language.tsx';
import { type LinkTarget, linkTarget } from './link-target.ts';
import { useModalHost } from './modal-host.ts';
import { useSettings } from './settings.ts';

/** Of a `NotificationLink`. */
export interface NotificationLinkProps {
  /** As the sender gave it; `null`: there is none. */
  link: string | null;
  className?: string | undefined;
  /** After it was followed, and this page is still there. */
  onFollow?: (() => void) | undefined;
  /** Whenever it is followed. */
  onVisit?: (() => void) | undefined;
  /** What the link says of where it leads. */
  children: (target: LinkTarget) => ReactNode;
}

/** The link of a notification; nothing when it leads nowhere safe. Another site opens in a new tab. */
export function NotificationLink({ link, className, onFollow, onVisit, children }: NotificationLinkProps) {
  const { pages, basePath } = useSettings();
  const t = useTranslate();
  const target = linkTarget(link, pages, t('belfry.link.home'));
  const isInFront = useModalHost() !== null;
  if (!target) return null;
  if (target.leadsTo === 'page') {
    return (
      <Link
        href={target.href}
        prefetch={false}
        // In front of the page, the current entry of the history is only there for Back to close it.
        replace={isInFront}
        onNavigate={() => {
          if (isInFront) handOverHistoryEntry();
          onVisit?.();
          onFollow?.();
        }}
        className={className}
      >
        {children(target)}
      </Link>
    );
  }
  if (target.leadsTo === 'path') {
    return (
      <a href={`${basePath}${target.href}`} className={className} onClick={onVisit}>
        {children(target)}
      </a>
    );
  }
  return (
    <a
      href={target.href}
      target="_blank"
      rel="noopener noreferrer"
      className={className}
      onClick={() => {
        onVisit?.();
        onFollow?.();
      }}
    >
      {children(target)}
    </a>
  );
}
