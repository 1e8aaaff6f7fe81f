'use client';

import { type LinkTarget, NotificationLink, useTranslate, useTranslateRich } from 'belfry/react';
import './notifications.css';

/** The visible link of a notification, naming where it leads; nothing when it leads nowhere safe. */
export function OpenLink({
  link,
  label,
  describedBy,
  opensRow = false,
  onFollow,
  onVisit,
}: {
  link: string | null;
  /** What it is called. Default: where it leads. */
  label?: string | null | undefined;
  /** Of what the notification is called. */
  describedBy?: string | undefined;
  /** Whether all of the row that it stands in is pressed as this. */
  opensRow?: boolean;
  /** After it was followed, and this page is still there. */
  onFollow?: (() => void) | undefined;
  /** Whenever it is followed, also into another tab. */
  onVisit?: (() => void) | undefined;
}) {
  return (
    <NotificationLink
      link={link}
      onFollow={onFollow}
      onVisit={onVisit}
      aria-describedby={describedBy}
      className={opensRow ? 'belfry-link belfry-whole-row' : 'belfry-link'}
      {...(opensRow && { 'data-open': '' })}
    >
      {(target) => <LinkContent target={target} named={label ?? null} />}
    </NotificationLink>
  );
}

function LinkContent({ target: { label, leadsTo }, named }: { target: LinkTarget; named: string | null }) {
  const t = useTranslate();
  const rich = useTranslateRich();
  return (
    <>
      <span className="belfry-link-label">
        {named === null ? rich('belfry.link.open', { label, to: <bdi /> }) : <bdi>{named}</bdi>}
      </span>
      {leadsTo === 'site' && (
        <>
          <svg viewBox="0 0 12 12" className="belfry-link-icon" aria-hidden="true">
            <path
              d="M4 2H2v8h8V8M6.5 2H10v3.5M10 2 5.5 6.5"
              fill="none"
              stroke="currentColor"
              strokeWidth="1.4"
            />
          </svg>
          <span className="belfry-unseen">{t('belfry.link.new-tab')}</span>
        </>
      )}
    </>
  );
}
