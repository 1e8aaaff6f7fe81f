/** In which language a page is, for its parts that the server draws. */
import { headers } from 'next/headers';
import { cache } from 'react';
import { getCurrentUser } from '../auth/session.ts';
import { languages } from './languages.ts';
import type { AppMessages } from './messages.ts';
import { wishesOf } from './wishes.ts';

/** How whoever asks for this page reads, and `t`, which says messages so. Worked out once within a page. */
export const currentLanguage = cache(async () => {
  const user = await getCurrentUser();
  const reader = languages.readerOf(wishesOf(await headers(), user?.language));
  return { reader, t: languages.translate<AppMessages>(reader) };
});
