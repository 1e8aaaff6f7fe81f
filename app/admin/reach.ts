import { SystemNotification } from 'belfry';
import { cache } from 'react';
import { countAccounts } from '@/lib/auth/accounts.ts';
import type { CurrentUser } from '@/lib/auth/session.ts';
import { connectedUsers } from '@/lib/belfry.ts';

/** Whom a notification to everyone reaches now, and whom later: what `admin.reach` is given. Worked out once within a page. */
export const reachOf = cache(async (admin: Pick<CurrentUser, 'id'>) => {
  const [connected, accounts] = await Promise.all([connectedUsers(SystemNotification), countAccounts()]);
  const others = connected.filter((id) => id !== String(admin.id));
  return {
    you: others.length < connected.length ? 'yes' : 'no',
    online: others.length,
    // An account may have been made in between.
    later: Math.max(0, accounts - connected.length),
  };
});
