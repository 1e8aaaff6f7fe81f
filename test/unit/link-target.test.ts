import { describe, expect, test } from 'vitest';
import { linkTarget } from '../../components/notifications/link-target.ts';

describe('the link of a notification', () => {
  test('leads to a page of this site', () => {
    expect(linkTarget('/reports/9?page=2#top')).toEqual({
      href: '/reports/9?page=2#top',
      external: false,
      label: '/reports/9?page=2#top',
    });
  });

  test('names the host of another site, and opens a tab of its own there', () => {
    expect(linkTarget('https://status.example.com/incidents/47')).toEqual({
      href: 'https://status.example.com/incidents/47',
      external: true,
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
    expect(linkTarget(link)).toBeNull();
  });
});
