/** How a page looks, for its parts that the server draws. */
import { headers } from 'next/headers';
import { cache } from 'react';
import { appearanceIn } from './appearance.ts';

/** What whoever asks for this page has chosen. */
export const currentAppearance = cache(async () => appearanceIn((await headers()).get('cookie') ?? ''));
