import { requireUser } from '@/lib/auth/session.ts';
import { inboxJson } from '@/lib/belfry/notifications/inbox-json.ts';
import { notificationProvider } from '@/lib/belfry/notifications/provider.ts';
import { requireSameOrigin } from '@/lib/http/origin.ts';
import { json, route } from '@/lib/http/route.ts';
import { limitRequests } from '@/lib/http/user-limits.ts';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({ POST: clear });

async function clear(request: Request): Promise<Response> {
  const user = await requireUser(request);
  requireSameOrigin(request.headers);
  await limitRequests('change', user.id);
  const { clearedThroughId, ...state } = await notificationProvider().dismissAll({ userId: user.id });
  return json({ ...inboxJson(state), clearedThroughId });
}
