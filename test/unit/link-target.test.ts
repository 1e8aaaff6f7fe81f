import { describe, expect, test } from 'vitest';
import { linkTarget } from '../../lib/belfry/react/link-target.ts';

const PAGES = ['/', '/admin', '/reports/[id]', '/files/[...path]', '/shop/[[...path]]'];

describe('the link of a notification', () => {
  test('leads to a page of this site', () => {
    expect(linkTarget('/reports/9?page=2#top', PAGES, 'Home')).toEqual({
      href: '/reports/9?page=2#top',
      leadsTo: 'page',
      label: '/reports/9?page=2#top',
    });
  });

  test.each(['/', '/#top', '/admin?a=/b', '/files/a', '/files/a/b', '/shop', '/shop/a/b'])(
    'is given to the router where it leads to a page: %s',
    (link) => expect(linkTarget(link, PAGES, 'Home')?.leadsTo).toBe('page'),
  );

  test.each(['/api/login?once=1', '/admin/', '/administration', '/reports', '/reports/9/download', '/files'])(
    'is left to the browser where it leads to no page: %s',
    (link) => expect(linkTarget(link, PAGES, 'Home')?.leadsTo).toBe('path'),
  );

  test('names the host of another site, and opens a tab of its own there', () => {
    expect(linkTarget('https://status.example.com/incidents/47', PAGES, 'Home')).toEqual({
      href: 'https://status.example.com/incidents/47',
      leadsTo: 'site',
      label: 'status.example.com',
    });
  });

  test.each([
    undefined,
    '',
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'ftp://example.com',
    'mailto:a@example.com',
    '//example.com/x',
    '/\\example.com',
    '\\\\example.com',
    '/\t/example.com',
    'reports/9',
    'http://',
  ])('is not shown when it could lead elsewhere or run as a script: %j', (link) => {
    expect(linkTarget(link, PAGES, 'Home')).toBeNull();
  });
});
