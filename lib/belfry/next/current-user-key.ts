import type { Belfry } from '../create-belfry.ts';
import { requestOfPage } from './request-of-page.ts';

/**
 * Whose page this is, for `<Notifications userKey={currentUserKey(belfry)}>` in a layout: `null` when nobody is signed
 * in. It need not be awaited, so that the page itself may be there before.
 */
export async function currentUserKey({ users }: Pick<Belfry, 'users'>): Promise<string | null> {
  const user = await users.current?.(await requestOfPage());
  return user ? (user.key ?? String(user.id)) : null;
}
