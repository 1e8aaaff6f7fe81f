'use client';

import { useState, useTransition } from 'react';
import { isFromOtherVersion, isOtherVersion, NEW_VERSION } from './site-version.ts';

export function SignOutButton() {
  const [leaving, startLeaving] = useTransition();
  const [failed, setFailed] = useState(false);

  function leave() {
    if (leaving) return;
    setFailed(false);
    startLeaving(async () => {
      try {
        const { signOut } = await import('next-auth/react');
        const answer = await signOut({ callbackUrl: '/sign-in', redirect: false });
        // Without a way on it is a refusal: the session could not be ended.
        if (!answer.url) throw new Error('The sign-out was refused.');
        window.location.assign(answer.url);
      } catch {
        await isFromOtherVersion();
        setFailed(true);
      }
    });
  }

  return (
    <>
      <button
        type="button"
        onClick={leave}
        aria-disabled={leaving}
        className="min-h-10 w-full rounded-lg px-3 text-left text-sm font-medium hover:bg-sunken"
      >
        {leaving ? 'Signing out…' : 'Sign out'}
      </button>
      {failed && (
        <p role="alert" className="px-3 pb-2 text-sm text-critical-text">
          {isOtherVersion()
            ? `You are still signed in. ${NEW_VERSION}`
            : 'You are still signed in: the server could not end your session. Try again in a moment.'}
        </p>
      )}
    </>
  );
}
