import { SystemNotification } from 'belfry';
import { cache } from 'react';
import { countAccounts } from '@/lib/auth/accounts.ts';
import type { CurrentUser } from '@/lib/auth/session.ts';
import { connectedUsers } from '@/lib/belfry.ts';

/** Whom a notification to everyone reaches now, and whom later: what `admin.reach` is given. Worked out once within a page. */
export const reachOf = cache(async (admin: Pick<CurrentUser, 'id'>) => {
  const [connected, accounts] = await Promise.all([connectedUsers(SystemNotification), countAccounts()]);
  // Whoever asks is there, though the page that is on its way may have no stream yet.
  const online = connected.filter((id) => id !== String(admin.id)).length;
  // An account may have been made in between.
  return { online, later: Math.max(0, accounts - online - 1) };
});
