'use client';

import { useConnection } from 'belfry/react';
import { usePathname } from 'next/navigation';
import { useT } from './use-t.ts';

/** Leads to sign-in once the session of this page has ended, and from there back. What was typed stays until then. */
export function SignedOutNotice() {
  const t = useT();
  const isSignedOut = useConnection() === 'signed-out';
  const pathname = usePathname();
  return (
    <div role="status">
      {isSignedOut && (
        <div className="flex flex-wrap items-center justify-center gap-x-3 border-t border-line bg-critical-wash px-3 py-1 text-sm">
          <p>{t('signed-out.text')}</p>
          {/* A document of its own: nothing of the last person's page stays in the router's memory. */}
          <a
            href={`/sign-in?callbackUrl=${encodeURIComponent(pathname)}`}
            className="inline-flex min-h-10 items-center px-2.5 font-medium text-critical-text underline underline-offset-4"
          >
            {t('signed-out.sign-in')}
          </a>
        </div>
      )}
    </div>
  );
}
