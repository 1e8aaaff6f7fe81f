'use client';

import { type Priority, useTranslate } from 'belfry/react';
import './notifications.css';

const SIGNS: Record<Priority, string> = {
  LOW: 'M9 15h6',
  NORMAL:
    'M12 8.4c-2 0-3 1.4-3.2 3.4-.2 1.9-.5 2.7-1.2 3.6-.3.4 0 .9.4.9h8c.4 0 .7-.5.4-.9-.7-.9-1-1.7-1.2-3.6-.2-2-1.2-3.4-3.2-3.4zM10.7 17.7a1.4 1.4 0 0 0 2.6 0z',
  HIGH: 'm8 14 4-4 4 4M8 18.8l4-4 4 4',
  CRITICAL: 'm10.7 8 .4 8h1.8l.4-8zM12 17.6a1.45 1.45 0 1 0 0 2.9 1.45 1.45 0 0 0 0-2.9z',
};

/** An arched opening whose fill, outline and sign differ by priority; the word stands in the text beside it. */
export function PriorityMark({
  priority,
  className = '',
}: {
  priority: Priority;
  className?: string | undefined;
}) {
  const isDrawn = priority === 'LOW' || priority === 'HIGH';
  return (
    <svg
      viewBox="0 0 24 26"
      className={`belfry-root belfry-mark ${className}`}
      data-priority={priority}
      aria-hidden="true"
    >
      <path
        className="belfry-arch"
        strokeDasharray={priority === 'LOW' ? '2.5 2' : undefined}
        d="M1.7 22.5V12a10.3 10.3 0 0 1 20.6 0v10.5a2 2 0 0 1-2 2H3.7a2 2 0 0 1-2-2z"
      />
      <path
        className="belfry-sign"
        d={SIGNS[priority]}
        {...(isDrawn && { fill: 'none', strokeWidth: 1.8, strokeLinecap: 'round', strokeLinejoin: 'round' })}
      />
    </svg>
  );
}

/** The word for a priority, in its colour. */
export function PriorityWord({ priority }: { priority: Priority }) {
  const t = useTranslate();
  return (
    <span className="belfry-root belfry-word" data-priority={priority}>
      {t(`belfry.priority.${priority}`)}
    </span>
  );
}
