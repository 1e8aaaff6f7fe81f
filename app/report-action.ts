'use server';

import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ReportProgress } from '@/app/report-progress.ts';
import { requireUser } from '@/lib/auth/session.ts';
import { formAction } from '@/lib/form-action.ts';
import { sendEvent, sendUserNotification } from '@/lib/notifications/service.ts';

const STEPS = [
  'Gathering the figures',
  'Checking them twice',
  'Drawing the charts',
  'Writing the summary',
  'Binding it all',
];
const STEP_MS = 1_000;

export const buildReport = formAction(
  requireUser,
  z.object({ reportId: z.uuid() }),
  async ({ reportId }, user) => {
    const steps = STEPS.length;
    for (const [step, label] of STEPS.entries()) {
      await sendEvent(ReportProgress, user.id, { reportId, step, steps, label });
      await sleep(STEP_MS);
    }
    await sendEvent(ReportProgress, user.id, { reportId, step: steps, steps, label: 'Done' });
    await sendUserNotification({
      title: 'Your report is ready',
      message: `All ${steps} steps are done. Nothing was left out.`,
      targetUserId: user.id,
      idempotencyKey: `report:${user.id}:${reportId}`,
    });
    return 'Your report is ready.';
  },
);
