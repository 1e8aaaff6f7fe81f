'use server';

import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { requireUser } from '@/lib/auth/session.ts';
import { progress } from '@/lib/belfry.ts';
import { processSingleton } from '@/lib/config/process-singleton.ts';
import { formAction } from '@/lib/http/form-action.ts';
import { RateLimiter } from '@/lib/http/rate-limit.ts';
import { toMessage } from '@/lib/language/languages.ts';
import { sharedRedis } from '@/lib/redis/redis.ts';
import { ReportBuilt, STEPS } from './report-built.ts';

const STEP_MS = 1_000;

// Each of them keeps a request open and stores rows.
const limit = processSingleton(
  'report-limit',
  () => new RateLimiter({ name: 'report-limit', points: 20, seconds: 60 }, sharedRedis),
);

export const buildReport = formAction(
  requireUser,
  z.object({ demonstrationId: z.uuid() }),
  async ({ demonstrationId }, user) => {
    await limit.consumeOrRefuse(`user:${user.id}`, (seconds) =>
      toMessage('server.demonstration.too-many', { most: limit.points, seconds }),
    );
    const job = await progress(ReportBuilt, { to: { user: user.id }, payload: {}, key: demonstrationId });
    for (const [step, name] of STEPS.entries()) {
      job.report(step / STEPS.length, name);
      await sleep(STEP_MS);
    }
    await job.done();
    return toMessage('server.report.ready');
  },
);
