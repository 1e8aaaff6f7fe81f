'use client';

import { openPanel, useInbox } from 'belfry/react';

/** How many are waiting, in a sentence. */
export function InboxSummary() {
  const { unreadTotal, status } = useInbox();
  return (
    <p className="mt-3 min-h-8 text-lg text-soft">
      {unreadTotal > 0 ? (
        <>
          <span>{waitingSentence(unreadTotal)}</span>
          <button
            type="button"
            onClick={openPanel}
            className="rounded-sm font-medium text-verdigris-text underline decoration-1 underline-offset-4 hover:decoration-2"
          >
            {unreadTotal === 1 ? 'Read it' : 'Read them'}
          </button>
        </>
      ) : status === 'ready' ? (
        <span>You have seen everything there is.</span>
      ) : null}
    </p>
  );
}

function waitingSentence(count: number) {
  return `${count.toLocaleString('en-GB')} ${count === 1 ? 'message waits' : 'messages wait'} for you. `;
}
