import { parseUrl, sitePath } from '@/lib/site-path.ts';

export interface LinkTarget {
  href: string;
  /** On another site: opens a tab of its own. */
  external: boolean;
  /** Where it leads, in words short enough to show. */
  label: string;
}

/** What a notification's `link` may become on the page: a path of this site or an http(s) address, else null. */
export function linkTarget(link: string | undefined): LinkTarget | null {
  if (!link) return null;
  const href = sitePath(link);
  if (href !== null) return { href, external: false, label: href === '/' ? 'Home' : decodeSafely(href) };
  // Only where it says so itself: "//example.com" looks like a path and is none.
  const url = /^https?:/i.test(link) ? parseUrl(link) : null;
  return url && { href: url.href, external: true, label: url.host };
}

function decodeSafely(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
