'use client';

import { useEffect } from 'react';
import { isFromOtherVersion } from '@/components/site-version.ts';
import { Button, ButtonLink } from '@/components/ui/button.tsx';
import { MessagePage } from '@/components/ui/message-page.tsx';

export default function ErrorPage({ error, retry }: { error: unknown; retry: () => void }) {
  // A page whose code is gone: the header then offers to reload.
  useEffect(() => void isFromOtherVersion(error), [error]);
  const digest = error instanceof Error && 'digest' in error ? String(error.digest) : null;
  return (
    <MessagePage sign="500" title="This page could not be shown">
      <p className="mt-3 mb-8 text-lg text-soft">
        <span>
          Something failed on our side. Your notifications are safe on the server. Try again; if it keeps
          failing, tell us
        </span>
        <span>{digest ? ' this number:' : '.'}</span>
        {digest && <code className="ml-1.5 font-mono text-base text-ink">{digest}</code>}
      </p>
      <div className="flex flex-wrap gap-3">
        <Button onClick={retry}>Try again</Button>
        <ButtonLink look="plain" href="/">
          Go to Home
        </ButtonLink>
      </div>
    </MessagePage>
  );
}
