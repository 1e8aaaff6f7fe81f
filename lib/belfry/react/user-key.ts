'use client';

import { useEffect, useState } from 'react';

/** Whose page it is. `null`: nobody is signed in; `undefined`: that is not known yet. */
export type UserKey = string | null | undefined;

/**
 * What `userKey` stands for. A promise counts once it has resolved, without suspending; until then it is who it
 * was before. One that fails has named nobody.
 */
export function useUserKey(given: string | null | Promise<string | null>): UserKey {
  const [resolved, setResolved] = useState<UserKey>(undefined);
  const known = typeof given === 'object' && given !== null ? resolved : given;

  useEffect(() => {
    if (typeof given !== 'object' || given === null) {
      // For a promise that comes in its place.
      setResolved(given);
      return;
    }
    let isCurrent = true;
    const settle = (key: string | null) => {
      if (isCurrent) setResolved(key);
    };
    given.then(settle, () => settle(null));
    return () => {
      isCurrent = false;
    };
  }, [given]);

  return known;
}
