'use client';

import { useTranslate } from './language.tsx';
import { type LinkTarget, linkTarget } from './link-target.ts';
import { useSettings } from './settings.ts';

/** Where the link of a notification leads; `null`: it has none, or none that is safe. */
export function useLinkTarget(link: string | null): LinkTarget | null {
  const { pages } = useSettings();
  const t = useTranslate();
  return linkTarget(link, pages, t('belfry.link.home'));
}
