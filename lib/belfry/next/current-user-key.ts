import { headers } from 'next/headers.js';
import type { Belfry } from '../create-belfry.ts';

/**
 * Whose page this is, for `<Notifications userKey={currentUserKey(belfry)}>` in a layout: `null` when nobody is signed
 * in. It need not be awaited, so that the page itself may be there before.
 */
export async function currentUserKey({ users }: Pick<Belfry, 'users'>): Promise<string | null> {
  const asked = await headers();
  const url = `http://${asked.get('host') ?? 'localhost'}/`;
  const user = await users.current?.(new Request(url, { headers: new Headers(asked) }));
  return user ? (user.key ?? String(user.id)) : null;
}
