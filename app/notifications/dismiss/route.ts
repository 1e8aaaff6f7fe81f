import { z } from 'zod';
import { requireUser } from '@/lib/auth/session.ts';
import { inboxJson } from '@/lib/belfry/notifications/inbox-json.ts';
import { notificationProvider } from '@/lib/belfry/notifications/provider.ts';
import { requireSameOrigin } from '@/lib/http/origin.ts';
import { json, readJson, route } from '@/lib/http/route.ts';
import { limitRequests } from '@/lib/http/user-limits.ts';

const body = z.strictObject({
  ids: z
    .array(
      z.int('An id is a whole number above 0.').positive('An id is a whole number above 0.'),
      'ids is a list of ids.',
    )
    .min(1, 'Name at least one id.')
    .max(1_000, 'Dismiss 1,000 at a time, or clear them all.'),
});

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({ POST: dismiss });

async function dismiss(request: Request): Promise<Response> {
  const user = await requireUser(request);
  requireSameOrigin(request.headers);
  await limitRequests('change', user.id);
  const { ids } = await readJson(request, body);
  return json(inboxJson(await notificationProvider().dismissItems({ userId: user.id, ids })));
}
