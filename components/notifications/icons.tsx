import type { ReactNode } from 'react';
import './notifications.css';

const ICONS = {
  done: 'm3.5 8.5 3 3 6-7',
  restore: 'M2.5 9.5h3l1 1.8h3l1-1.8h3v3h-11zM8 8V2.5M5.6 4.9 8 2.5l2.4 2.4',
  snooze: 'M8 4.8V8l2.2 1.6M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2z',
  read: 'M2.5 6.5 8 2.8l5.5 3.7v6.2h-11zM2.5 6.7 8 10l5.5-3.3',
  unread: 'M2.5 4h11v8.5h-11zM2.5 4.3 8 8.4l5.5-4.1',
  search: 'M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.3 10.3l3.4 3.4',
  up: 'M8 13V3.5M4 7l4-3.8L12 7',
  keys: 'M2 4.5h12v7.5H2zM4.5 7h.01M7 7h.01M9.5 7h.01M11.7 7h.01M5 9.6h6',
  close: 'm4 4 8 8M12 4l-8 8',
} as const;

/** A small drawing in the colour of the text around it; what it means is said by what it stands in. */
export function Icon({ name }: { name: keyof typeof ICONS }): ReactNode {
  return (
    <svg
      viewBox="0 0 16 16"
      className="belfry-icon"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={ICONS[name]} />
    </svg>
  );
}
