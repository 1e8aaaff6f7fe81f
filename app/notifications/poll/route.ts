import { z } from 'zod';
import { requireUser } from '@/lib/auth/session.ts';
import { VIEWS } from '@/lib/belfry/protocol/item.ts';
import { notificationProvider } from '@/lib/belfry.ts';
import { json, readQuery, route } from '@/lib/http/route.ts';
import { limitRequests } from '@/lib/http/user-limits.ts';

const CURSOR = 'cursor is the nextCursor of the page before.';
const LIMIT = 'limit is a number from 1 to 100.';

const query = z.object({
  cursor: z
    .string(CURSOR)
    .regex(/^[1-9]\d{0,15}(-[1-9]\d{0,15})?$/, CURSOR)
    .optional(),
  limit: z.coerce.number(LIMIT).int(LIMIT).min(1, LIMIT).max(100, LIMIT).optional(),
  view: z.enum(VIEWS, `view is one of ${VIEWS.join(', ')}.`).optional(),
  category: z.string().max(64).optional(),
});

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({ GET: poll });

async function poll(request: Request): Promise<Response> {
  const user = await requireUser(request);
  await limitRequests('poll', user.id);
  return json(
    await notificationProvider().fetchPage({ userId: String(user.id), ...readQuery(request, query) }),
  );
}
