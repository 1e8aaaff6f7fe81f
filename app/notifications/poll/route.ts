import { z } from 'zod';
import { requireUser } from '@/lib/auth/session.ts';
import { inboxJson } from '@/lib/belfry/notifications/inbox-json.ts';
import { notificationProvider } from '@/lib/belfry/notifications/provider.ts';
import { invalidInput } from '@/lib/belfry/protocol/errors.ts';
import { eventToJson } from '@/lib/belfry/protocol/event.ts';
import { json, route } from '@/lib/http/route.ts';
import { limitRequests } from '@/lib/http/user-limits.ts';

const query = z.object({
  cursor: z.coerce
    .number('cursor is the nextCursor of the page before.')
    .int('cursor is the nextCursor of the page before.')
    .positive('cursor is the nextCursor of the page before.')
    .optional(),
  limit: z.coerce
    .number('limit is a number from 1 to 100.')
    .int('limit is a number from 1 to 100.')
    .min(1, 'limit is a number from 1 to 100.')
    .max(100, 'limit is a number from 1 to 100.')
    .optional(),
});

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({ GET: poll });

async function poll(request: Request): Promise<Response> {
  const user = await requireUser(request);
  await limitRequests('poll', user.id);
  const { searchParams } = new URL(request.url);
  const parsed = query.safeParse(Object.fromEntries(searchParams));
  if (!parsed.success)
    throw invalidInput(parsed.error, 'The address cannot be used as it is: see fieldErrors.');
  const page = await notificationProvider().fetchUnread({ userId: user.id, ...parsed.data });
  return json({
    notifications: page.events.map((event) => eventToJson(event, { isRecovered: true })),
    nextCursor: page.nextCursor,
    ...inboxJson(page),
  });
}
