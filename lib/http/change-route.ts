/** The routes with which a person changes what became of their own items. */

import type { z } from 'zod';
import { requireUser } from '../auth/session.ts';
import type { NotificationProvider } from '../belfry/notifications/provider.ts';
import { type ChangeName, changeSchemas } from '../belfry/protocol/changes.ts';
import type { ChangeAnswer } from '../belfry/protocol/item.ts';
import { notificationProvider } from '../belfry.ts';
import { readMediaType } from './media-type.ts';
import { requireSameOrigin } from './origin.ts';
import { json, readJson, route } from './route.ts';
import { limitRequests } from './user-limits.ts';

type Body<Name extends ChangeName> = z.output<(typeof changeSchemas)[Name]>;

type Changes = {
  [Name in ChangeName]: (
    provider: NotificationProvider,
    change: Body<Name> & { userId: string },
  ) => Promise<ChangeAnswer>;
};

const changes: Changes = {
  dismiss: (provider, change) => provider.dismiss(change),
  clear: (provider, change) => provider.clear(change),
  read: (provider, change) => provider.read(change),
  unread: (provider, change) => provider.unread(change),
  restore: (provider, change) => provider.restore(change),
  snooze: (provider, change) => provider.snooze(change),
  seen: (provider, change) => provider.see(change),
  undo: (provider, change) => provider.undo(change),
  act: (provider, change) => provider.act(change),
};

/** The exports of the route file of one kind of change. */
export function changeRoute<Name extends ChangeName>(name: Name) {
  return route({
    async POST(request) {
      const user = await requireUser(request);
      requireSameOrigin(request.headers);
      await limitRequests('change', user.id);
      const body = name === 'clear' && !saysWhat(request) ? {} : await readBody(request, name);
      const change = { ...(body as Body<Name>), userId: String(user.id) };
      return json(await changes[name](notificationProvider(), change));
    },
  });
}

/** A button of a form, and a program that just asks, have nothing to say: then it is all there is at that moment. */
function saysWhat({ headers }: Request): boolean {
  const hasBody = headers.has('transfer-encoding') || Number(headers.get('content-length') ?? 0) > 0;
  return hasBody && readMediaType(headers.get('content-type'))?.essence === 'application/json';
}

function readBody(request: Request, name: ChangeName): Promise<unknown> {
  return readJson<unknown>(request, changeSchemas[name]);
}
