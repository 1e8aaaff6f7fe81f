import { createContext } from 'react';

/**
 * The routes of the app's pages, as Next.js writes them: `/reports/[id]`. The router fetches what it goes
 * to, and again when that turns out to be no page: so it is asked for pages alone.
 */
export const PagesContext = createContext<readonly string[]>([]);

/** Whether a path of this site, with query and fragment or without, is one of these pages. */
export function isPage(href: string, pages: readonly string[]): boolean {
  const path = href.split(/[?#]/, 1)[0] ?? '';
  return pages.some((page) => patternOf(page).test(path));
}

function patternOf(page: string): RegExp {
  const segments = page.split('/').slice(1).map(segmentPattern);
  return page === '/' ? /^\/$/ : new RegExp(`^${segments.join('')}$`);
}

function segmentPattern(segment: string): string {
  if (segment.startsWith('[[...')) return '(?:/[^/]+)*';
  if (segment.startsWith('[...')) return '(?:/[^/]+)+';
  if (segment.startsWith('[')) return '/[^/]+';
  return `/${segment.replace(/[^\w-]/g, '\\$&')}`;
}
