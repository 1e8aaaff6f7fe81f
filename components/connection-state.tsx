'use client';

import { type Connection, useConnection } from 'belfry/react';

const STATES: Record<Connection, { word: string; explanation: string; color: string }> = {
  live: {
    word: 'Live',
    explanation: 'Live: notifications arrive the moment they are sent.',
    color: 'text-verdigris-text',
  },
  connecting: { word: 'Connecting', explanation: 'Connecting to live notifications.', color: 'text-soft' },
  polling: {
    word: 'Checking every 20 s',
    explanation: 'The live connection is down. Checking for notifications every 20 seconds.',
    color: 'text-bronze-text',
  },
  'poll-only': {
    word: 'Every 20 s',
    explanation: 'Notifications are fetched every 20 seconds.',
    color: 'text-soft',
  },
  offline: {
    word: 'Offline',
    explanation: 'You are offline. Notifications arrive when the connection is back.',
    color: 'text-critical-text',
  },
  'signed-out': {
    word: 'Signed out',
    explanation: 'Your session has ended. Sign in again to see your notifications.',
    color: 'text-critical-text',
  },
};

/** How notifications reach this page at the moment: always in sight, and spoken when it is no longer live. */
export function ConnectionState() {
  const connection = useConnection();
  const { word, explanation, color } = STATES[connection];
  const troubled = connection !== 'live' && connection !== 'connecting' && connection !== 'poll-only';
  return (
    <>
      <p title={explanation} className={`flex items-center gap-2 p-1 text-xs font-medium ${color}`}>
        <StateSign connection={connection} />
        <span className="whitespace-nowrap max-md:sr-only">{word}</span>
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
