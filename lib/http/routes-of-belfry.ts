/** What this app says of Belfry's routes. */

import type { NextRoutesOptions } from 'belfry/next';
import { userOf } from '../auth/session.ts';
import { toSignedInUser } from '../auth/stream-credentials.ts';
import { takeStreamConnection } from '../belfry/http/stream-connections.ts';
import { notificationProvider } from '../belfry.ts';
import { env } from '../config/env.ts';
import { noteAsker } from './asker.ts';
import { json, nothingElse, route } from './route.ts';

export const ofThisApp: NextRoutesOptions = {
  async current(request) {
    const user = await userOf(request);
    return user && toSignedInUser(user);
  },
  onKnown: (request, { id }) => noteAsker(request, { userId: Number(id) }),
  publicAddress: env.authUrl,
  limits: {
    poll: env.pollLimitPerMinute,
    connect: env.connectLimitPerMinute,
    change: env.changeLimitPerMinute,
  },
  notifications: notificationProvider,
  takeConnection: (request) => (env.streamPath === 'handover' ? takeStreamConnection(request) : null),
  tools: { route, nothingElse, json },
};
