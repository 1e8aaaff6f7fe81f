'use client';

import { type Connection, useConnection } from 'belfry/react';
import { useT } from './use-t.ts';

const COLORS: Record<Connection, string> = {
  live: 'text-verdigris-text',
  connecting: 'text-soft',
  polling: 'text-bronze-text',
  'poll-only': 'text-soft',
  offline: 'text-critical-text',
  'signed-out': 'text-critical-text',
};

/** How notifications reach this page at the moment: always in sight, and spoken when it is no longer live. */
export function ConnectionState() {
  const connection = useConnection();
  const t = useT();
  const explanation = t(`connection.${connection}-text`);
  const troubled = connection !== 'live' && connection !== 'connecting' && connection !== 'poll-only';
  return (
    <>
      <p
        title={explanation}
        className={`flex items-center gap-2 p-1 text-xs font-medium ${COLORS[connection]}`}
      >
        <StateSign connection={connection} />
        <span className="whitespace-nowrap max-md:sr-only">{t(`connection.${connection}`)}</span>
      </p>
      <span aria-live="polite" className="sr-only">
        {troubled ? explanation : ''}
      </span>
    </>
  );
}

/** Full, ringed, half or struck through: the state shows in the shape as well. */
function StateSign({ connection }: { connection: Connection }) {
  return (
    <svg
      viewBox="0 0 12 12"
      className={`size-3 shrink-0 ${connection === 'connecting' ? 'animate-breathe' : ''}`}
      aria-hidden="true"
      stroke="currentColor"
      strokeWidth="1.5"
      fill="none"
    >
      <circle cx="6" cy="6" r="4.25" fill={connection === 'live' ? 'currentColor' : 'none'} />
      {connection === 'polling' && (
        <path d="M6 1.75a4.25 4.25 0 0 1 0 8.5z" fill="currentColor" stroke="none" />
      )}
      {(connection === 'offline' || connection === 'signed-out') && (
        <path d="m1.5 10.5 9-9" strokeLinecap="round" />
      )}
    </svg>
  );
}
