import { z } from 'zod';
import { requireUser } from '@/lib/auth/session.ts';
import { notificationProvider } from '@/lib/belfry.ts';
import { json, readQuery, route } from '@/lib/http/route.ts';
import { limitRequests } from '@/lib/http/user-limits.ts';

const query = z.object({
  since: z.string('since is the state that an earlier answer ended with.').max(200),
});

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({ GET: changes });

async function changes(request: Request): Promise<Response> {
  const user = await requireUser(request);
  await limitRequests('poll', user.id);
  const { since } = readQuery(request, query);
  return json(await notificationProvider().fetchChanges({ userId: String(user.id), since }));
}
