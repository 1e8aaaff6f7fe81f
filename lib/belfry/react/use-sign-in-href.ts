'use client';

import { useSettings } from './settings.ts';

/**
 * Where *Sign in again* leads once the session has ended; `null` when the app has named no such page. For a plain
 * `<a>`: a whole new document, since the router still holds pages of the ended session.
 */
export function useSignInHref(): string | null {
  const { signInPath, basePath } = useSettings();
  return signInPath && `${basePath}${signInPath}`;
}
