'use server';

import { isBelfryError } from 'belfry';
import { z } from 'zod';
import { requireUser } from '@/lib/auth/session.ts';
import { processSingleton } from '@/lib/config/process-singleton.ts';
import { formAction } from '@/lib/http/form-action.ts';
import { RateLimiter } from '@/lib/http/rate-limit.ts';
import { toMessage } from '@/lib/language/languages.ts';
import { sharedRedis } from '@/lib/redis/redis.ts';
import { log } from '@/lib/telemetry/log.ts';
import { deploy } from './deployment-program.ts';

// Each of them waits for two minutes.
const limit = processSingleton(
  'deployment-limit',
  () => new RateLimiter({ name: 'deployment-limit', points: 6, seconds: 60 }, sharedRedis),
);

/** Starts a program that asks whoever pressed the button. The form has its answer at once: the program is who waits. */
export const startDeployment = formAction(
  requireUser,
  z.object({ demonstrationId: z.uuid() }),
  async ({ demonstrationId }, user) => {
    await limit.consumeOrRefuse(`user:${user.id}`, (seconds) =>
      toMessage('server.demonstration.too-many', { most: limit.points, seconds }),
    );
    void deploy({ userId: String(user.id), key: `deployment:${demonstrationId}` }).catch((error) => {
      // It is over when its server stops; whoever answers after that is told by `onAnswer`.
      if (isBelfryError(error, 'shutting_down')) return;
      log.error({ err: error, userId: user.id }, 'deployment_failed');
    });
    return toMessage('server.deployment.asked');
  },
);
