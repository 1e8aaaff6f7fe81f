'use server';

import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { requireUser } from '@/lib/auth/session.ts';
import { notify } from '@/lib/belfry.ts';
import { processSingleton } from '@/lib/config/process-singleton.ts';
import { formAction } from '@/lib/http/form-action.ts';
import { RateLimiter } from '@/lib/http/rate-limit.ts';
import { toMessage } from '@/lib/language/languages.ts';
import { sharedRedis } from '@/lib/redis/redis.ts';
import { COMMENTS, PostCommented } from './post-commented.ts';

// Slow enough to be seen joining.
const BETWEEN_MS = 600;

const limit = processSingleton(
  'comments-limit',
  () => new RateLimiter({ name: 'comments-limit', points: 10, seconds: 60 }, sharedRedis),
);

/** Has four people comment on one post. Pressed again, they comment on another one. */
export const haveCommented = formAction(
  requireUser,
  z.object({ demonstrationId: z.uuid() }),
  async ({ demonstrationId: post }, user) => {
    await limit.consumeOrRefuse(`user:${user.id}`, (seconds) =>
      toMessage('server.demonstration.too-many', { most: limit.points, seconds }),
    );
    for (const [index, { author, comment }] of COMMENTS.entries()) {
      if (index > 0) await sleep(BETWEEN_MS);
      await notify(PostCommented, {
        to: { user: user.id },
        payload: { post, author, comment },
        // Sent again, perhaps, by a browser that lost the answer.
        idempotencyKey: `comment:${post}:${index}`,
      });
    }
    return toMessage('server.comments.sent', { count: COMMENTS.length });
  },
);
