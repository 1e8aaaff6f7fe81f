/** Whether an address stays on this site. Pure: the browser imports it too. */

// Only its shape matters: a path resolved against it stays on it, anything else leaves it.
const THIS_SITE = 'https://this-site.invalid';

/** As `URL.parse`, which not every browser that Next.js supports has; `URL.canParse` Next.js brings along. */
export function parseUrl(address: string, base?: string): URL | null {
  return URL.canParse(address, base) ? new URL(address, base) : null;
}

/**
 * The path, query and fragment that a link starting with `/` leads to on this site, or null when it
 * leads anywhere else. Resolved as a browser does it, which reads "\" as "/", skips tabs and line
 * breaks, and takes a path that begins with two slashes for another host.
 */
export function sitePath(link: string): string | null {
  const url = link.startsWith('/') ? parseUrl(link, THIS_SITE) : null;
  if (url?.origin !== THIS_SITE || url.pathname.startsWith('//')) return null;
  return `${url.pathname}${url.search}${url.hash}`;
}

/** A path on this site, or an http(s) address: anything else could run as a script. */
export function isSafeLink(link: string): boolean {
  return sitePath(link) !== null || (/^https?:\/\//i.test(link) && URL.canParse(link));
}
