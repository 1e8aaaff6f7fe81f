import { expect, test } from 'vitest';
import { headersOfEverything, pagePolicy } from '../../lib/http/security-headers.ts';

const page = { nonce: 'bm9uY2U=', imageHosts: [], isDevelopment: false };

function headerOf(url: string, name: string, publicAddress?: string): string | undefined {
  return Object.fromEntries(headersOfEverything(publicAddress)(url))[name];
}

function directive(policy: string, name: string): string[] {
  const found = policy.split('; ').find((one) => one.startsWith(`${name} `));
  return found?.split(' ').slice(1) ?? [];
}

test('no script runs in a page but those with the nonce, and those that they load', () => {
  const policy = pagePolicy(page);
  expect(directive(policy, 'script-src')).toEqual(["'nonce-bm9uY2U='", "'strict-dynamic'", "'self'"]);
  expect(directive(policy, 'style-src')).not.toContain("'unsafe-inline'");
  for (const name of ['object-src', 'frame-ancestors', 'base-uri'])
    expect(directive(policy, name)).toEqual(["'none'"]);
});

test('images come from this site, and from the hosts that the setting names, over https', () => {
  expect(directive(pagePolicy(page), 'img-src')).toEqual(["'self'", 'data:']);
  const imageHosts = ['avatars.example.com', '*.cdn.example:8443'];
  expect(directive(pagePolicy({ ...page, imageHosts }), 'img-src')).toEqual([
    "'self'",
    'data:',
    'https://avatars.example.com',
    'https://*.cdn.example:8443',
  ]);
});

test('the development server may evaluate and reload; what is built may not', () => {
  expect(directive(pagePolicy({ ...page, isDevelopment: true }), 'script-src')).toContain("'unsafe-eval'");
  expect(directive(pagePolicy({ ...page, isDevelopment: true }), 'connect-src')).toContain('ws:');
  expect(pagePolicy(page)).not.toMatch(/unsafe-eval|ws:/);
});

test('browsers are told to stay with https where the public address says so, and only there', () => {
  const stay = (address?: string) => headerOf('/', 'Strict-Transport-Security', address);
  expect(stay('https://example.com')).toBe('max-age=31536000');
  expect(stay('HTTPS://example.com/')).toBe('max-age=31536000');
  expect(stay('http://example.com')).toBeUndefined();
  expect(stay()).toBeUndefined();
});

test.each(['/sse/', '/admin/?x', '//admin', '/admin//x', '/\\admin', '/a/#b'])(
  'no cache keeps that %s is another address',
  (url) => {
    expect(headerOf(url, 'Cache-Control')).toBe('private, no-store');
  },
);

test.each(['/', '/?from=/a/', '/admin', '/sse/SystemNotification', '/_next/static/a.js?x=//'])(
  'what answers %s says itself what caches may keep',
  (url) => {
    expect(headerOf(url, 'Cache-Control')).toBeUndefined();
  },
);
