'use client';

import { useEffect, useSyncExternalStore } from 'react';
import { isOtherVersion, noteVersion, subscribeToVersion } from './site-version.ts';
import { Button } from './ui/button.tsx';
import { useT } from './use-t.ts';

/** Offers to reload once the site has a new version. Stands below the header and covers nothing. */
export function VersionNotice() {
  const t = useT();
  const isOther = useSyncExternalStore(subscribeToVersion, isOtherVersion, () => false);
  // Looks at what the document came with, before anything can change it.
  useEffect(() => noteVersion(null), []);
  return (
    <div role="status">
      {isOther && (
        <div className="flex flex-wrap items-center justify-center gap-x-3 border-t border-line bg-verdigris-wash px-3 py-1 text-sm">
          <p>{t('version.text')}</p>
          <Button look="quiet" onClick={() => window.location.reload()}>
            {t('version.reload')}
          </Button>
        </div>
      )}
    </div>
  );
}
