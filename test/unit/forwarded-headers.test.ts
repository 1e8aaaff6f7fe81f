import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { clientAddress, networkOf, readAddress } from '../../lib/http/client-address.ts';
import { watchHttpConnections } from '../../lib/http/connections.ts';
import { parseTrustedProxies, settleForwardedHeaders } from '../../lib/http/trusted-proxies.ts';

const PROXY = '10.0.0.1';
const STRANGER = '203.0.113.9';

/** What is left of the headers of a request that came in from `peer`. */
function settled(headers: IncomingHttpHeaders, { peer = PROXY, trusted = '10.0.0.0/8,fd00::/8' } = {}) {
  const proxies = parseTrustedProxies(trusted);
  if (!proxies) throw new Error(`${trusted} cannot be read`);
  const copy = { ...headers };
  settleForwardedHeaders(copy, peer, proxies);
  return copy;
}

function clientOf(forwardedFor: string, options?: { peer?: string; trusted?: string }): string {
  return clientAddress(
    new Headers(settled({ 'x-forwarded-for': forwardedFor }, options) as Record<string, string>),
  );
}

test('what a client says of itself never counts', () => {
  const forged = {
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-port': '443',
    'x-forwarded-server': 'evil.example',
    forwarded: 'for=127.0.0.1;host=evil.example',
    'x-real-ip': '127.0.0.1',
    host: 'example.com',
  };
  const left = { host: 'example.com', 'x-forwarded-for': STRANGER };
  expect(settled(forged, { peer: STRANGER })).toEqual(left);
  expect(settled(forged, { peer: STRANGER, trusted: '' })).toEqual(left);
});

test('a client without a proxy has the address of its connection', () => {
  expect(settled({}, { peer: '192.0.2.1' })).toEqual({ 'x-forwarded-for': '192.0.2.1' });
  expect(settled({}, { peer: '::ffff:192.0.2.1' })).toEqual({ 'x-forwarded-for': '192.0.2.1' });
  expect(settled({}, { peer: 'fe80::1%eth0' })).toEqual({ 'x-forwarded-for': 'fe80::1' });
});

test.each([
  ['one proxy', '192.0.2.1', '192.0.2.1'],
  ['a client that forged an entry', '127.0.0.1, 192.0.2.1', '192.0.2.1'],
  ['two proxies', '192.0.2.1, 10.9.9.9', '192.0.2.1'],
  ['two proxies and a forged entry', '127.0.0.1, 192.0.2.1, 10.9.9.9', '192.0.2.1'],
  ['a proxy inside that asks for itself', '10.9.9.9', '10.9.9.9'],
  ['no entry', '', PROXY],
  ['empty entries', ' , ', PROXY],
  ['a port', '192.0.2.1:54321', '192.0.2.1'],
  ['IPv6', '2001:DB8:0::1', '2001:db8::1'],
  ['IPv6 in brackets', '[2001:db8::1]', '2001:db8::1'],
  ['IPv6 with a port', '[2001:db8::1]:443', '2001:db8::1'],
  ['IPv4 in the form of IPv6', '::ffff:192.0.2.1', '192.0.2.1'],
  ['the same in hexadecimal', '::FFFF:c000:201', '192.0.2.1'],
  ['a trusted one in the form of IPv6', '192.0.2.1, ::ffff:10.0.0.7', '192.0.2.1'],
  ['garbage', 'unknown', PROXY],
  ['garbage behind a proxy', '192.0.2.1, <script>, 10.9.9.9', '10.9.9.9'],
  ['garbage beyond the client', 'garbage, 192.0.2.1', '192.0.2.1'],
  ['something very long', 'x'.repeat(8_000), PROXY],
])('behind trusted proxies, with %s, the client is %s -> %s', (_what, forwardedFor, client) => {
  expect(clientOf(forwardedFor)).toBe(client);
});

test('a proxy over IPv6 is trusted by its range', () => {
  expect(clientOf('192.0.2.1', { peer: 'fd00::5' })).toBe('192.0.2.1');
  expect(clientOf('192.0.2.1', { peer: 'fe00::5' })).toBe('fe00::5');
  expect(clientOf('192.0.2.1', { peer: '::ffff:10.1.1.1' })).toBe('192.0.2.1');
});

test('a trusted proxy says which host and scheme were asked for, and nothing malformed passes', () => {
  const said = (host: string, proto: string) => {
    const headers = settled({ 'x-forwarded-host': host, 'x-forwarded-proto': proto });
    return [headers['x-forwarded-host'], headers['x-forwarded-proto']];
  };
  expect(said('example.com:8443', 'https')).toEqual(['example.com:8443', 'https']);
  expect(said('forged.example, example.com', 'http, HTTPS')).toEqual(['example.com', 'https']);
  expect(said('[::1]:3000', 'http')).toEqual(['[::1]:3000', 'http']);
  for (const host of ['example.com/path', 'a b', 'user@example.com', 'example.com:x', 'exämple.com', '[::1'])
    expect(said(host, 'javascript')).toEqual([undefined, undefined]);
});

test('an address is always an address, whatever the header holds', () => {
  expect(clientAddress(new Headers())).toBe('0.0.0.0');
  expect(clientAddress(new Headers({ 'x-forwarded-for': 'x'.repeat(5_000) }))).toBe('0.0.0.0');
  expect(clientAddress(new Headers({ 'x-forwarded-for': '192.0.2.1, 192.0.2.2' }))).toBe('0.0.0.0');
  expect(['1.2.3', '01.2.3.4', '1.2.3.4:', '[1.2.3.4', '::g'].map(readAddress)).toEqual(Array(5).fill(null));
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ['2001:db8:0:0:1::', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['::192.0.2.1', '0:0:0:0::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(readAddress(address) ?? '')).toBe(network);
});

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

test("Node's own server gives every listener the settled headers", async () => {
  watchHttpConnections({
    trustedProxies: parseTrustedProxies('') ?? expect.fail(),
    headersFor: () => [],
    answerBeforeNext: () => false,
  });
  const server = createServer(({ headers }, response) => response.end(JSON.stringify(headers)));
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const asked = request({
    port,
    host: '127.0.0.1',
    headers: { 'X-Forwarded-For': ['1.1.1.1', '2.2.2.2'], 'X-FORWARDED-HOST': 'evil.example' },
  }).end();
  const [answer] = await once(asked, 'response');
  const headers = JSON.parse((await answer.toArray()).join(''));
  expect(headers['x-forwarded-for']).toBe('127.0.0.1');
  expect(headers).not.toHaveProperty('x-forwarded-host');
});
