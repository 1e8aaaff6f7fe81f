'use client';

import { type Connection, useSignInHref } from 'belfry/react';
import './notifications.css';

const TROUBLES: Partial<Record<Connection, string>> = {
  polling: 'The live connection is down. New notifications are fetched every 20 seconds.',
  offline: 'You are offline. What is missing here arrives when the connection is back.',
};

/** What keeps notifications from arriving live; nothing while they do. */
export function ConnectionNote({ connection }: { connection: Connection }) {
  const signInHref = useSignInHref();
  const sentence = TROUBLES[connection];
  if (!sentence && connection !== 'signed-out') return null;
  return (
    <p className="belfry-trouble">
      {sentence ?? (
        <>
          <span>Your session has ended. </span>
          {signInHref && <a href={signInHref}>Sign in again</a>}
        </>
      )}
    </p>
  );
}
