import type { Priority } from '@/lib/belfry/protocol/priority.ts';

export const PRIORITY_LABEL: Record<Priority, string> = {
  LOW: 'Low',
  NORMAL: 'Normal',
  HIGH: 'High',
  CRITICAL: 'Critical',
};

export const PRIORITY_TEXT: Record<Priority, string> = {
  LOW: 'text-low-text',
  NORMAL: 'text-verdigris-text',
  HIGH: 'text-high-text',
  CRITICAL: 'text-critical-text',
};

const ARCH: Record<Priority, string> = {
  LOW: 'fill-none stroke-low-line',
  NORMAL: 'fill-verdigris-wash stroke-verdigris-text',
  HIGH: 'fill-high-wash stroke-high-text',
  CRITICAL: 'fill-critical stroke-critical',
};

function Glyph({ priority }: { priority: Priority }) {
  if (priority === 'CRITICAL') {
    return (
      <path
        className="fill-on-critical"
        d="m10.7 8 .4 8h1.8l.4-8zM12 17.6a1.45 1.45 0 1 0 0 2.9 1.45 1.45 0 0 0 0-2.9z"
      />
    );
  }
  if (priority === 'HIGH') {
    return (
      <path
        className="stroke-high-text"
        d="m8 14 4-4 4 4M8 18.8l4-4 4 4"
        fill="none"
        strokeWidth="1.8"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    );
  }
  if (priority === 'LOW') {
    return (
      <path className="stroke-low-text" d="M9 15h6" fill="none" strokeWidth="1.8" strokeLinecap="round" />
    );
  }
  return (
    <path
      className="fill-verdigris-text"
      d="M12 8.4c-2 0-3 1.4-3.2 3.4-.2 1.9-.5 2.7-1.2 3.6-.3.4 0 .9.4.9h8c.4 0 .7-.5.4-.9-.7-.9-1-1.7-1.2-3.6-.2-2-1.2-3.4-3.2-3.4zM10.7 17.7a1.4 1.4 0 0 0 2.6 0z"
    />
  );
}

/** An arched opening whose fill, outline and sign differ by priority; the word stands in the text beside it. */
export function PriorityMark({
  priority,
  className = 'h-8 w-7',
}: {
  priority: Priority;
  className?: string;
}) {
  return (
    <svg viewBox="0 0 24 26" className={`shrink-0 ${className}`} aria-hidden="true">
      <path
        className={ARCH[priority]}
        strokeWidth="1.25"
        strokeDasharray={priority === 'LOW' ? '2.5 2' : undefined}
        d="M1.7 22.5V12a10.3 10.3 0 0 1 20.6 0v10.5a2 2 0 0 1-2 2H3.7a2 2 0 0 1-2-2z"
      />
      <Glyph priority={priority} />
    </svg>
  );
}
