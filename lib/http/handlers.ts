/** The handlers of Belfry's routes, with this app's answer to who asks. */
import { requireUser } from '../auth/session.ts';
import { credentialsOf } from '../auth/stream-credentials.ts';
import { belfry, notificationProvider } from '../belfry.ts';
import { env } from '../config/env.ts';
import { takeServerResponse } from './connections.ts';
import { requireSameOrigin } from './origin.ts';
import { limitRequests } from './user-limits.ts';

export const handlers = belfry.handlers({
  async authorize(request, purpose) {
    const user = await requireUser(request);
    if (purpose === 'change') requireSameOrigin(request.headers);
    await limitRequests(purpose, user.id);
    return credentialsOf(user);
  },
  notifications: notificationProvider,
  takeConnection: (request) => (env.streamPath === 'handover' ? takeServerResponse(request) : null),
});
