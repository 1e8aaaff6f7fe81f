'use client';

import { useEffect } from 'react';
import { isFromOtherVersion } from '@/components/site-version.ts';
import { Button, ButtonLink } from '@/components/ui/button.tsx';
import { Code } from '@/components/ui/code.tsx';
import { MessagePage } from '@/components/ui/message-page.tsx';
import { useRichT, useT } from '@/components/use-t.ts';

export default function ErrorPage({ error, retry }: { error: unknown; retry: () => void }) {
  const t = useT();
  const rich = useRichT();
  // A page whose code is gone: the header then offers to reload.
  useEffect(() => void isFromOtherVersion(error), [error]);
  const digest = error instanceof Error && 'digest' in error ? String(error.digest) : null;
  return (
    <MessagePage sign="500" tower="fallen" title={t('error.heading')}>
      <p className="mt-3 mb-8 text-lg text-soft">
        {digest
          ? rich('error.text-number', {
              number: digest,
              digest: <Code className="text-base text-ink" />,
            })
          : t('error.text')}
      </p>
      <div className="flex flex-wrap gap-3">
        <Button onClick={retry}>{t('button.again')}</Button>
        <ButtonLink look="plain" href="/">
          {t('button.home')}
        </ButtonLink>
      </div>
    </MessagePage>
  );
}
