'use server';

import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ReportProgress } from '@/app/report-progress.ts';
import { requireUser } from '@/lib/auth/session.ts';
import { sendEvent, sendUserNotification } from '@/lib/belfry.ts';
import { processSingleton } from '@/lib/config/process-singleton.ts';
import { formAction } from '@/lib/http/form-action.ts';
import { RateLimiter } from '@/lib/http/rate-limit.ts';
import { say } from '@/lib/language/languages.ts';
import { sharedRedis } from '@/lib/redis/redis.ts';

const STEPS = [
  'Gathering the figures',
  'Checking them twice',
  'Drawing the charts',
  'Writing the summary',
  'Binding it all',
];
const STEP_MS = 1_000;
const KEEP_SECONDS = 7 * 24 * 60 * 60;

// Each of them keeps a request open and stores a row.
const limit = processSingleton(
  'report-limit',
  () => new RateLimiter({ name: 'report-limit', points: 20, seconds: 60 }, sharedRedis),
);

export const buildReport = formAction(
  requireUser,
  z.object({ reportId: z.uuid() }),
  async ({ reportId }, user) => {
    await limit.consumeOrRefuse(`user:${user.id}`, (seconds) =>
      say('server.report.too-many', { most: limit.points, seconds }),
    );
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
      expiresIn: KEEP_SECONDS,
      idempotencyKey: `report:${user.id}:${reportId}`,
    });
    return say('server.report.ready');
  },
);
