'use client';

import { MessageText, type RunningItem, useRunning, useTranslate } from 'belfry/react';
import { useId } from 'react';
import './notifications.css';

/** The long jobs that run now. Nothing where there are none. */
export function RunningJobs() {
  const running = useRunning();
  return running.length > 0 && <RunningList running={running} />;
}

/** Long jobs, each with how far it is. */
export function RunningList({ running }: { running: readonly RunningItem[] }) {
  const t = useTranslate();
  return (
    <ul
      // biome-ignore lint/a11y/noRedundantRoles: Safari takes the role away from a list without bullets
      role="list"
      aria-label={t('belfry.running.label')}
      className="belfry-root belfry-running"
    >
      {running.map((item) => (
        <li key={`${item.eventType} ${item.key}`} className="belfry-running-job">
          <RunningJob item={item} />
        </li>
      ))}
    </ul>
  );
}

function RunningJob({ item: { title, message, fraction } }: { item: RunningItem }) {
  const t = useTranslate();
  const titleId = useId();
  // Not 100 before it is done.
  const percent = fraction === null ? undefined : Math.floor(fraction * 100);
  const howFar = percent === undefined ? undefined : t('belfry.running.percent', { fraction: percent / 100 });
  return (
    <>
      <p id={titleId} dir="auto" className="belfry-item-title">
        {title}
      </p>
      {message && (
        <p dir="auto" className="belfry-text">
          <MessageText text={message} linkClassName="belfry-inline-link" />
        </p>
      )}
      <div className="belfry-running-line">
        <div
          role="progressbar"
          aria-labelledby={titleId}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={percent}
          aria-valuetext={howFar}
          className="belfry-progress belfry-edge"
        >
          <div
            className={percent === undefined ? 'belfry-progress-unknown' : 'belfry-progress-done'}
            style={percent === undefined ? undefined : { inlineSize: `${percent}%` }}
          />
        </div>
        {howFar && (
          <span aria-hidden="true" className="belfry-meta belfry-running-percent">
            {howFar}
          </span>
        )}
      </div>
    </>
  );
}
