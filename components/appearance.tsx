'use client';

import { useEffect } from 'react';
import { type Appearance, appearanceIn, paperOf, schemeOf } from '@/lib/appearance/appearance.ts';

/** Has the page look so from now on. The document came so from the server, as far as its cookies said it. */
export function show({ theme, density }: Appearance): void {
  const { dataset } = document.documentElement;
  if (theme === 'system') delete dataset.theme;
  else dataset.theme = theme;
  if (density === 'comfortable') delete dataset.density;
  else dataset.density = density;
  const paper = paperOf(theme);
  for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="theme-color"]'))
    meta.content = meta.media.includes('dark') ? paper.dark : paper.light;
  const scheme = document.querySelector<HTMLMetaElement>('meta[name="color-scheme"]');
  if (scheme) scheme.content = schemeOf(theme);
}

/** What was chosen in another tab meanwhile shows when somebody comes back to this one. */
export function AppearanceOfOtherTabs() {
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === 'visible') show(appearanceIn(document.cookie));
    };
    // Shown again, perhaps from the browser's memory; or beside the other one in a window of its own.
    const events = ['pageshow', 'focus'] as const;
    for (const event of events) window.addEventListener(event, look);
    document.addEventListener('visibilitychange', look);
    return () => {
      for (const event of events) window.removeEventListener(event, look);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  return null;
}
