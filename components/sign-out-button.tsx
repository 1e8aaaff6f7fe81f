'use client';

import { clearAppBadge } from 'belfry/react';
import { useState, useTransition } from 'react';
import { isFromOtherVersion, isOtherVersion } from './site-version.ts';
import { useT } from './use-t.ts';

export function SignOutButton() {
  const t = useT();
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
        clearAppBadge();
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
        className="min-h-10 w-full rounded-lg px-3 text-start text-sm font-medium hover:bg-sunken"
      >
        {t(leaving ? 'menu.signing-out' : 'menu.sign-out')}
      </button>
      {failed && (
        <p role="alert" className="px-3 pb-2 text-sm text-critical-text">
          {isOtherVersion()
            ? t('menu.still-signed-in-version', { version: t('belfry.version.reload') })
            : t('menu.still-signed-in')}
        </p>
      )}
    </>
  );
}
