import { expect, test } from 'vitest';
import { isFromElsewhere, refuseOtherOrigin, requireSameOrigin } from '../../lib/belfry/http/origin.ts';

const PUBLIC = 'https://example.com';

const elsewhere = (origin: string, publicAddress?: string, headers: Record<string, string> = {}) =>
  isFromElsewhere(new Headers({ host: 'example.com', ...headers, origin }), publicAddress);

test.each(['https://example.com', 'https://example.com:443', 'HTTPS://Example.COM'])(
  '%s is the public address https://example.com',
  (origin) => {
    expect(elsewhere(origin, PUBLIC)).toBe(false);
  },
);

test.each([
  ['the same host over http', 'http://example.com'],
  ['another port', 'https://example.com:444'],
  ["http's own port", 'https://example.com:80'],
  ['no origin at all', 'null'],
  ['nothing', ''],
  ['a host below', 'https://evil.example.com'],
  ['a host above', 'https://com'],
  ['a host that ends the same', 'https://notexample.com'],
  ['a host that begins the same', 'https://example.com.evil.test'],
  ['the name of a person', 'https://example.com@evil.test'],
  ['the name of another person', 'https://evil.test@example.com'],
  ['a dot at the end', 'https://example.com.'],
  ['a path', 'https://example.com/path'],
  ['a backslash', 'https://example.com\\evil.test'],
  ['a question mark', 'https://example.com?.evil.test'],
  ['a hash', 'https://example.com#.evil.test'],
  ['a space', 'https://example.com .evil.test'],
  ['two of them', 'https://example.com, https://evil.test'],
  ['a name that looks alike', 'https://xn--exmple-cua.com'],
  ['loopback', 'http://127.0.0.1:3000'],
  ['another scheme', 'ftp://example.com'],
  ['no scheme', 'example.com'],
  ['an extension', 'chrome-extension://example.com'],
])('%s is elsewhere', (_, origin) => {
  expect(elsewhere(origin, PUBLIC)).toBe(true);
});

test('where a public address is set, the address that was asked for is not one as well', () => {
  expect(elsewhere('http://127.0.0.1:3000', PUBLIC, { host: '127.0.0.1:3000' })).toBe(true);
  expect(elsewhere(PUBLIC, PUBLIC, { host: '127.0.0.1:3000' })).toBe(false);
});

test('an address in another script is one with its name on the wire', () => {
  expect(elsewhere('https://xn--bcher-kva.example', 'https://bücher.example')).toBe(false);
  expect(elsewhere('https://bucher.example', 'https://bücher.example')).toBe(true);
});

test.each([
  ['example.com', 'http://example.com'],
  ['example.com:80', 'http://example.com'],
  ['EXAMPLE.com', 'http://example.com'],
  ['example.com:3000', 'http://example.com:3000'],
  ['[::1]:3000', 'http://[::1]:3000'],
])('without one, %s over http is %s', (host, origin) => {
  expect(elsewhere(origin, undefined, { host })).toBe(false);
});

test.each([
  ['example.com', 'https://example.com'],
  ['example.com:443', 'https://example.com'],
  ['example.com:3000', 'http://example.com'],
  ['example.com@evil.test', 'http://evil.test'],
  ['evil.test/example.com', 'http://evil.test'],
  ['', 'http://example.com'],
])('without one, %j over http is not %s', (host, origin) => {
  expect(elsewhere(origin, undefined, { host })).toBe(true);
});

test("a trusted proxy's word for scheme and host counts", () => {
  const forwarded = {
    host: '127.0.0.1:3000',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'example.com',
  };
  expect(elsewhere('https://example.com', undefined, forwarded)).toBe(false);
  expect(elsewhere('http://example.com', undefined, forwarded)).toBe(true);
});

test("a browser's own word that it is another site's request counts, whatever the origin", () => {
  for (const site of ['cross-site', 'same-site'])
    expect(elsewhere(PUBLIC, PUBLIC, { 'sec-fetch-site': site })).toBe(true);
  for (const site of ['same-origin', 'none'])
    expect(elsewhere(PUBLIC, PUBLIC, { 'sec-fetch-site': site })).toBe(false);
});

test('what changes something needs an origin; what carries a token of ours must only not have another', () => {
  const plain = new Headers({ host: 'example.com' });
  expect(() => requireSameOrigin(plain, undefined)).toThrow(
    expect.objectContaining({ code: 'wrong_origin' }),
  );
  expect(() => refuseOtherOrigin(plain, undefined)).not.toThrow();
  const foreign = new Headers({ host: 'example.com', origin: 'http://evil.test' });
  expect(() => refuseOtherOrigin(foreign, undefined)).toThrow(
    expect.objectContaining({ code: 'wrong_origin' }),
  );
});
