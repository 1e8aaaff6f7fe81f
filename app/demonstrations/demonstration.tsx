'use client';

import { type ReactNode, useActionState, useId, useRef, useState } from 'react';
import { refusalOf } from '@/components/refused-action.ts';
import { isFromOtherVersion } from '@/components/site-version.ts';
import { Button, Spinner } from '@/components/ui/button.tsx';
import { useT } from '@/components/use-t.ts';
import type { FormAction, FormState } from '@/lib/http/form-action.ts';
import { randomId } from '../random-id.ts';

interface DemonstrationProps {
  title: string;
  /** What will happen, in a sentence. */
  text: string;
  /** On the button. */
  label: string;
  /** Gets `demonstrationId`, anew with each press. */
  action: FormAction;
  /** While the action runs. */
  renderRunning?: (demonstrationId: string) => ReactNode;
  /** In place of the action's own sentence. */
  success?: ReactNode;
  /** Beside the text, on a wide screen. */
  renderPicture?: (state: { demonstrationId: string; isRunning: boolean; isDone: boolean }) => ReactNode;
}

/** One thing to try: what it does, a button that has it done, and what came of it. */
export function Demonstration({
  title,
  text,
  label,
  action,
  renderRunning,
  success,
  renderPicture,
}: DemonstrationProps) {
  const t = useT();
  const titleId = useId();
  const latestId = useRef('');
  const [demonstrationId, setDemonstrationId] = useState('');
  const [outcome, submit, isRunning] = useActionState(async (_previous: FormState, form: FormData) => {
    form.set('demonstrationId', latestId.current);
    return action(null, form).catch((error) => whyItFailed(error, t));
  }, null);

  function begin(): void {
    latestId.current = randomId();
    // What the action sets shows when it has ended.
    setDemonstrationId(latestId.current);
  }

  return (
    <article aria-labelledby={titleId} className="flex gap-6 p-5 sm:p-6">
      <div className="min-w-0 flex-1">
        <h3 id={titleId} className="text-lg font-semibold tracking-tight">
          {title}
        </h3>
        <p className="mt-1 text-sm text-soft">{text}</p>
        <form
          action={submit}
          onSubmit={begin}
          className="mt-4 flex min-h-11 flex-wrap items-center gap-x-4 gap-y-2"
        >
          <Button
            type="submit"
            look="plain"
            aria-disabled={isRunning}
            onClick={(event) => isRunning && event.preventDefault()}
          >
            {isRunning && <Spinner />}
            <span>{label}</span>
          </Button>
          <div className="min-w-0 flex-1 basis-48 text-sm">
            <div>{isRunning && renderRunning?.(demonstrationId)}</div>
            <div aria-live="polite">
              {!isRunning && outcome && <Outcome outcome={outcome}>{success}</Outcome>}
            </div>
          </div>
        </form>
      </div>
      {renderPicture && (
        <div className="grid shrink-0 place-items-center max-sm:hidden">
          {renderPicture({ demonstrationId, isRunning, isDone: outcome?.ok === true })}
        </div>
      )}
    </article>
  );
}

function Outcome({ outcome, children }: { outcome: NonNullable<FormState>; children: ReactNode }) {
  if (!outcome.ok) return <p className="text-critical-text">{outcome.message}</p>;
  return (
    <p className="flex gap-2.5">
      <svg viewBox="0 0 20 20" className="mt-px size-5 shrink-0" aria-hidden="true">
        <path d="M2 18V10a8 8 0 0 1 16 0v8z" className="fill-verdigris" />
        <path d="m6.5 11.5 2.5 2.5 4.5-5" className="stroke-on-verdigris" fill="none" strokeWidth="1.8" />
      </svg>
      <span>{children ?? outcome.message}</span>
    </p>
  );
}

async function whyItFailed(error: unknown, t: ReturnType<typeof useT>): Promise<FormState> {
  const message =
    refusalOf(error) ??
    t((await isFromOtherVersion(error)) ? 'belfry.version.reload' : 'demonstration.unreachable');
  return { ok: false, message, fieldErrors: {} };
}
