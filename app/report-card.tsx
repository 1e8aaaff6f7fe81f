'use client';

import { type RunningItem, useConnection, useRunning } from 'belfry/react';
import { useActionState, useRef, useState } from 'react';
import { refusalOf } from '@/components/refused-action.ts';
import { isFromOtherVersion } from '@/components/site-version.ts';
import { Button, Spinner } from '@/components/ui/button.tsx';
import { ChangeRinging } from '@/components/ui/change-ringing.tsx';
import { useRichT, useT } from '@/components/use-t.ts';
import type { FormState } from '@/lib/http/form-action.ts';
import { randomId } from './random-id.ts';
import { buildReport } from './report-action.ts';

// As many as report-built.ts has.
const STEPS = 5;

async function whyItFailed(error: unknown, t: ReturnType<typeof useT>): Promise<FormState> {
  const message =
    refusalOf(error) ?? t((await isFromOtherVersion(error)) ? 'belfry.version.reload' : 'report.unreachable');
  return { ok: false, message, fieldErrors: {} };
}

/** The demonstration: a server action that takes a while, tells this page how far it is, and then notifies. */
export function ReportCard() {
  const t = useT();
  const connection = useConnection();
  const running = useRunning();
  const latestId = useRef('');
  const [reportId, setReportId] = useState('');

  const [outcome, build, building] = useActionState(async (_previous: FormState, form: FormData) => {
    form.set('reportId', latestId.current);
    return buildReport(null, form).catch((error) => whyItFailed(error, t));
  }, null);

  function begin(): void {
    latestId.current = randomId();
    // What the action sets shows when it has ended.
    setReportId(latestId.current);
  }

  // Another tab may be building one as well: only this page's own moves the bar.
  const report = running.find(({ key }) => key === reportId) ?? null;

  const built = building ? (report?.fraction ?? 0) : outcome?.ok ? 1 : 0;
  return (
    <section
      aria-labelledby="report-heading"
      className="mt-10 grid overflow-hidden rounded-2xl border border-line bg-surface shadow-card md:grid-cols-[minmax(0,1fr)_auto]"
    >
      <div className="p-6 sm:p-9 md:self-center">
        <p className="text-sm font-medium text-bronze-text">{t('report.kind')}</p>
        <h2 id="report-heading" className="mt-1 text-3xl font-semibold tracking-tight">
          {t('report.heading')}
        </h2>
        <p className="mt-3 max-w-lg text-soft">{t('report.text')}</p>
        <form action={build} onSubmit={begin} className="mt-7">
          <Button
            type="submit"
            aria-disabled={building}
            onClick={(event) => building && event.preventDefault()}
            className="min-h-11 px-5"
          >
            {building && <Spinner />}
            <span>{t('report.build')}</span>
          </Button>
        </form>
        <div className="grid max-w-lg content-start md:mt-6 md:min-h-11">
          {building && <ProgressBar report={report} live={connection === 'live'} />}
          <div aria-live="polite">{!building && outcome && <Outcome outcome={outcome} />}</div>
        </div>
      </div>
      <div className="grid place-items-center border-s border-line bg-sunken px-10 py-9 max-md:hidden">
        <ChangeRinging leads={1} followed={built} className="h-76" />
      </div>
    </section>
  );
}

function ProgressBar({ report, live }: { report: RunningItem | null; live: boolean }) {
  const t = useT();
  const step = report === null ? null : Math.round((report.fraction ?? 0) * STEPS);
  const waiting = t(live ? 'report.starting' : 'report.working');
  return (
    <div className="grid gap-2 max-md:mt-6">
      <div className="flex justify-between gap-4 text-sm">
        <label htmlFor="report-progress" className="font-medium">
          {report?.message || waiting}
        </label>
        {step !== null && (
          <span className="whitespace-nowrap text-soft tabular-nums">
            {t('report.step', { step, steps: STEPS })}
          </span>
        )}
      </div>
      <progress
        id="report-progress"
        className="progress-bar"
        {...(step !== null ? { value: step, max: STEPS } : {})}
      />
    </div>
  );
}

function Outcome({ outcome }: { outcome: NonNullable<FormState> }) {
  const rich = useRichT();
  if (!outcome.ok) return <p className="text-sm text-critical-text max-md:mt-6">{outcome.message}</p>;
  return (
    <p className="flex gap-2.5 text-sm max-md:mt-6">
      <svg viewBox="0 0 20 20" className="mt-px size-5 shrink-0" aria-hidden="true">
        <path d="M2 18V10a8 8 0 0 1 16 0v8z" className="fill-verdigris" />
        <path d="m6.5 11.5 2.5 2.5 4.5-5" className="stroke-on-verdigris" fill="none" strokeWidth="1.8" />
      </svg>
      <span>{rich('report.finished', { b: <strong className="font-semibold" /> })}</span>
    </p>
  );
}
