'use client';

import { RelativeTime } from 'belfry/react';
import { useActionState, useRef, useState } from 'react';
import { Button, Spinner } from '@/components/ui/button.tsx';
import { QuestionDialog } from '@/components/ui/question-dialog.tsx';
import { useRichT, useT } from '@/components/use-t.ts';
import type { FormState } from '@/lib/http/form-action.ts';
import { endAllOtherSessions, endOneSession } from './actions.ts';
import { whyItFailed } from './failed-action.ts';

interface ShownSession {
  id: string;
  browser: string;
  address: string;
  /** ISO 8601. */
  signedInAt: string;
  lastSeenAt: string;
  isThis: boolean;
}

/** The browsers in which somebody is signed in, each with a way to end it. */
export function SessionList({ sessions }: { sessions: ShownSession[] }) {
  const t = useT();
  const heading = useRef<HTMLHeadingElement>(null);
  /** What somebody is asked about: one session, or all others. */
  const [asked, setAsked] = useState<ShownSession | 'others' | null>(null);
  const [result, end, pending] = useActionState(async (_previous: FormState, data: FormData) => {
    const action = data.has('sessionId') ? endOneSession : endAllOtherSessions;
    const result = await action(null, data).catch((error) => whyItFailed(error, t));
    if (result?.ok) setAsked(null);
    return result;
  }, null);
  const others = sessions.filter(({ isThis }) => !isThis);
  const close = () => {
    if (!pending) setAsked(null);
  };

  return (
    <>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <h2
          ref={heading}
          id="sessions-heading"
          tabIndex={-1}
          className="text-2xl font-semibold tracking-tight outline-none"
        >
          {t('account.sessions')}
        </h2>
        {others.length > 0 && (
          <Button look="plain" onClick={() => setAsked('others')}>
            {t('account.end-all')}
          </Button>
        )}
      </div>
      <div aria-live="polite" className="text-sm text-verdigris-text">
        {result?.ok && asked === null && <p className="mb-4">{result.message}</p>}
      </div>
      <ul className="border-t border-line">
        {sessions.map((session) => (
          <SessionItem key={session.id} session={session} onEnd={() => setAsked(session)} />
        ))}
      </ul>
      <QuestionDialog
        open={asked !== null}
        onClose={close}
        returnFocus={heading}
        aria-labelledby="end-heading"
      >
        {asked && (
          <form action={end} className="grid gap-4">
            <h3 id="end-heading" className="text-xl font-semibold tracking-tight wrap-anywhere">
              {asked === 'others'
                ? t('account.end-all-question')
                : t('account.end-question', { browser: asked.browser })}
            </h3>
            <p className="text-sm text-soft">
              {t(asked === 'others' ? 'account.end-all-text' : 'account.end-text')}
            </p>
            {asked !== 'others' && <input type="hidden" name="sessionId" value={asked.id} />}
            {result && !result.ok && !pending && (
              <p role="alert" className="text-sm text-critical-text">
                {result.message}
              </p>
            )}
            <div className="flex flex-wrap justify-end gap-3">
              <Button look="plain" onClick={close}>
                {t('button.cancel')}
              </Button>
              <Button
                type="submit"
                aria-disabled={pending}
                onClick={(event) => pending && event.preventDefault()}
              >
                {pending && <Spinner />}
                <span>{t(asked === 'others' ? 'account.end-all-yes' : 'account.end-yes')}</span>
              </Button>
            </div>
          </form>
        )}
      </QuestionDialog>
    </>
  );
}

function SessionItem({ session, onEnd }: { session: ShownSession; onEnd: () => void }) {
  const t = useT();
  const rich = useRichT();
  const { browser, address, signedInAt, lastSeenAt, isThis } = session;
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-b border-line py-4">
      <div className="min-w-0 flex-1 basis-60">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="font-semibold wrap-anywhere">{browser}</span>
          {isThis && (
            <span className="rounded-full border border-line bg-verdigris-wash px-2.5 py-0.5 text-xs font-medium text-verdigris-text">
              {t('account.this-browser')}
            </span>
          )}
        </p>
        <dl className="mt-1 flex flex-wrap gap-x-5 gap-y-0.5 text-sm text-soft">
          <Fact name={t('account.address')}>
            <span className="wrap-anywhere">{address}</span>
          </Fact>
          <Fact name={t('account.signed-in')}>
            <RelativeTime at={signedInAt} past />
          </Fact>
          <Fact name={t('account.last-seen')}>
            {isThis ? <span>{t('belfry.time.now')}</span> : <RelativeTime at={lastSeenAt} past />}
          </Fact>
        </dl>
      </div>
      {!isThis && (
        <Button look="plain" onClick={onEnd}>
          <span>{rich('account.end', { browser, address, more: <span className="sr-only" /> })}</span>
        </Button>
      )}
    </li>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className="flex gap-1.5">
      <dt>{name}</dt>
      <dd className="text-ink">{children}</dd>
    </div>
  );
}
