/** Whether a path of this site, with query and fragment or without, is one of these pages: routes as Next.js writes them. */
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
