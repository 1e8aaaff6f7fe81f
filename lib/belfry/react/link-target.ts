import { parseUrl, sitePath } from '../protocol/site-path.ts';
import { isPage } from './pages.ts';

/** Where a notification's link leads. */
export interface LinkTarget {
  href: string;
  /** A page of the app, a path of this site that is none (a download, a one-time link), or another site. */
  leadsTo: 'page' | 'path' | 'site';
  /** Where it leads, in words short enough to show. */
  label: string;
}

/**
 * What a notification's `link` may become on the page: a path of this site or an http(s) address, else null.
 *
 * @param pages The pages of the app; see `InboxProviderProps`.
 * @param home What the first page is called.
 */
export function linkTarget(
  link: string | null | undefined,
  pages: readonly string[],
  home: string,
): LinkTarget | null {
  if (!link) return null;
  const href = sitePath(link);
  if (href !== null) {
    const leadsTo = isPage(href, pages) ? 'page' : 'path';
    return { href, leadsTo, label: href === '/' ? home : decodeSafely(href) };
  }
  // Only where it says so itself: "//example.com" looks like a path and is none.
  const url = /^https?:/i.test(link) ? parseUrl(link) : null;
  return url && { href: url.href, leadsTo: 'site', label: url.host };
}

function decodeSafely(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
