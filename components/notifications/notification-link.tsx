import Link from 'next/link';
import { use } from 'react';
import { handOverHistoryEntry } from '@/components/ui/history-entry.ts';
import { useModalHost } from '@/components/ui/modal-host.ts';
import { type LinkTarget, linkTarget } from './link-target.ts';
import { PagesContext } from './pages.ts';

const LOOK =
  'inline-flex max-w-full items-center gap-1 rounded-sm font-medium text-verdigris-text underline decoration-1 underline-offset-3 hover:decoration-2';

/** The visible link of a notification, naming where it leads; nothing when it leads nowhere safe. */
export function NotificationLink({
  link,
  onFollow,
  onVisit,
}: {
  link: string | null;
  /** After it was followed, and this page is still there. */
  onFollow?: (() => void) | undefined;
  /** Whenever it is followed. */
  onVisit?: (() => void) | undefined;
}) {
  const target = linkTarget(link, use(PagesContext));
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
        className={LOOK}
      >
        <Label of={target} />
      </Link>
    );
  }
  if (target.leadsTo === 'path') {
    return (
      <a href={target.href} className={LOOK} onClick={onVisit}>
        <Label of={target} />
      </a>
    );
  }
  return (
    <a
      href={target.href}
      target="_blank"
      rel="noopener noreferrer"
      className={LOOK}
      onClick={() => {
        onVisit?.();
        onFollow?.();
      }}
    >
      <Label of={target} />
      <svg viewBox="0 0 12 12" className="size-3 shrink-0" aria-hidden="true">
        <path
          d="M4 2H2v8h8V8M6.5 2H10v3.5M10 2 5.5 6.5"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.4"
        />
      </svg>
      <span className="sr-only">(new tab)</span>
    </a>
  );
}

function Label({ of: { label } }: { of: LinkTarget }) {
  return (
    <span className="line-clamp-2 min-w-0 wrap-anywhere">
      <span>Open </span>
      <bdi>{label}</bdi>
    </span>
  );
}
