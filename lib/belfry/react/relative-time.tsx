'use client';

import { useTimeWords } from './language.tsx';
import { describeInstant, describeInstantUtc, describeRelative } from './time-words.ts';
import { useNow } from './use-now.ts';

/** Of a `RelativeTime`. */
export interface RelativeTimeProps {
  /** ISO 8601. */
  at: string;
  /** It has happened, also where the page's clock, in its steps, has not got there yet. */
  past?: boolean;
  className?: string | undefined;
}

/** "3 minutes ago", kept true, with the full date for whoever asks. On the server: the date in UTC. */
export function RelativeTime({ at, past = false, className }: RelativeTimeProps) {
  const present = useNow();
  const words = useTimeWords();
  const full = present === null ? describeInstantUtc(at) : describeInstant(at, words.locale);
  return (
    <time dateTime={at} title={full} className={className}>
      {present === null
        ? full
        : describeRelative(at, past ? Math.max(present, Date.parse(at)) : present, words)}
    </time>
  );
}
