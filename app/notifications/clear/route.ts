import { requireUser } from '@/lib/auth/session.ts';
import { requireSameOrigin } from '@/lib/http/origin.ts';
import { limitRequests } from '@/lib/http/user-limits.ts';
import { json, route } from '@/lib/http.ts';
import { inboxJson } from '@/lib/notifications/inbox-json.ts';
import { notificationProvider } from '@/lib/notifications/provider.ts';

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({ POST: clear });

async function clear(request: Request): Promise<Response> {
  const user = await requireUser(request);
  requireSameOrigin(request.headers);
  await limitRequests('change', user.id);
  const { clearedThroughId, ...state } = await notificationProvider().dismissAll({ userId: user.id });
  return json({ ...inboxJson(state), clearedThroughId });
}
