'use client';

import { type RunningItem, useConnection, useRunning } from 'belfry/react';
import { useId } from 'react';
import { ChangeRinging } from '@/components/ui/change-ringing.tsx';
import { useRichT, useT } from '@/components/use-t.ts';
import { haveCommented } from './comments-action.ts';
import { Demonstration } from './demonstration.tsx';
import { startDeployment } from './deployment-action.ts';
import { buildReport } from './report-action.ts';

// As many as report-built.ts has.
const STEPS = 5;

/** What Belfry can do, to be tried with one press each. */
export function Demonstrations() {
  const t = useT();
  const rich = useRichT();
  const running = useRunning();
  // Another tab may be building one as well: only this page's own moves the bar.
  const reportOf = (id: string) => running.find(({ key }) => key === id) ?? null;
  return (
    <div className="divide-y divide-line rounded-2xl border border-line bg-surface shadow-card">
      <Demonstration
        title={t('report.heading')}
        text={t('report.text')}
        label={t('report.build')}
        action={buildReport}
        success={<span>{rich('report.finished', { b: <strong className="font-semibold" /> })}</span>}
        renderRunning={(id) => <ProgressBar report={reportOf(id)} />}
        renderPicture={({ demonstrationId, isRunning, isDone }) => (
          <ChangeRinging
            leads={1}
            followed={isRunning ? (reportOf(demonstrationId)?.fraction ?? 0) : isDone ? 1 : 0}
            className="h-32"
          />
        )}
      />
      <Demonstration
        title={t('deployment.heading')}
        text={t('deployment.text')}
        label={t('deployment.start')}
        action={startDeployment}
      />
      <Demonstration
        title={t('comments.heading')}
        text={t('comments.text')}
        label={t('comments.start')}
        action={haveCommented}
      />
    </div>
  );
}

function ProgressBar({ report }: { report: RunningItem | null }) {
  const t = useT();
  const id = useId();
  const isLive = useConnection() === 'live';
  const step = report === null ? null : Math.round((report.fraction ?? 0) * STEPS);
  const waiting = t(isLive ? 'report.starting' : 'report.working');
  return (
    <div className="grid gap-1.5">
      <div className="flex justify-between gap-4">
        <label htmlFor={id} className="font-medium">
          {report?.message || waiting}
        </label>
        {step !== null && (
          <span className="whitespace-nowrap text-soft tabular-nums">
            {t('report.step', { step, steps: STEPS })}
          </span>
        )}
      </div>
      <progress id={id} className="progress-bar" {...(step !== null ? { value: step, max: STEPS } : {})} />
    </div>
  );
}
