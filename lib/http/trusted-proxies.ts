/**
 * Which proxies are believed, and what is left of the forwarded headers of a request: anybody can write
 * them, so they count only as far as a chain of trusted proxies has passed them on.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { readAddress, UNKNOWN_ADDRESS } from './client-address.ts';

/** The addresses from which forwarded headers count. */
export type TrustedProxies = BlockList;

/**
 * Reads addresses and CIDR ranges of IPv4 and IPv6, separated by commas. An empty text trusts nobody.
 *
 * @returns null, when an entry is neither.
 */
export function parseTrustedProxies(list: string): TrustedProxies | null {
  const trusted = new BlockList();
  for (const entry of list.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const [address = '', prefix, ...more] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const longest = family === 'ipv6' ? 128 : 32;
    const bits = prefix ?? String(longest);
    const isRange = /^\d{1,3}$/.test(bits) && Number(bits) <= longest && more.length === 0;
    if (isIP(address) === 0 || address.includes('%') || !isRange) return null;
    trusted.addSubnet(address, Number(bits), family);
  }
  return trusted;
}

/**
 * Changes the headers of a request that came in from `peer`, so that everything behind it can believe them:
 * `X-Forwarded-For` becomes the address of the client, one address and always there; `X-Forwarded-Host` and
 * `X-Forwarded-Proto` stay only as a trusted proxy's own word, where they can be right; whatever else is
 * said to be forwarded goes.
 *
 * @param peer The other end of the socket; undefined when it has gone already.
 */
export function settleForwardedHeaders(
  headers: IncomingHttpHeaders,
  peer: string | undefined,
  trusted: TrustedProxies,
): void {
  const socketAddress = readAddress(peer ?? '') ?? UNKNOWN_ADDRESS;
  const chain = entriesOf(headers['x-forwarded-for']);
  const host = entriesOf(headers['x-forwarded-host']).at(-1);
  const protocol = entriesOf(headers['x-forwarded-proto']).at(-1)?.toLowerCase();
  for (const name of Object.keys(headers)) {
    if (name.startsWith('x-forwarded-') || name === 'forwarded' || name === 'x-real-ip') delete headers[name];
  }
  headers['x-forwarded-for'] = clientOf(chain, socketAddress, trusted);
  if ((host ?? protocol) === undefined || !isTrusted(socketAddress, trusted)) return;
  if (host !== undefined && isHost(host)) headers['x-forwarded-host'] = host;
  if (protocol === 'http' || protocol === 'https') headers['x-forwarded-proto'] = protocol;
}

/** Whether the other end of a socket is one of the proxies. */
export function isTrustedProxy(peer: string | undefined, trusted: TrustedProxies): boolean {
  const address = readAddress(peer ?? '');
  return address !== null && isTrusted(address, trusted);
}

/** Each proxy adds whom it heard from on the right: the first one there that is not trusted is the client. */
function clientOf(chain: readonly string[], socketAddress: string, trusted: TrustedProxies): string {
  let client = socketAddress;
  for (const entry of chain.toReversed()) {
    if (!isTrusted(client, trusted)) break;
    const address = readAddress(entry);
    if (address === null) break;
    client = address;
  }
  return client;
}

function isTrusted(address: string, trusted: TrustedProxies): boolean {
  return trusted.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function entriesOf(header: string | string[] | undefined): string[] {
  if (header === undefined) return [];
  return header
    .toString()
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);
}

/** Whether a text is a host as `Host` has it: a name or an address, perhaps with a port. */
export function isHost(host: string): boolean {
  return /^(\[[\da-f:.]+\]|[\w.-]+)(:\d{1,5})?$/i.test(host) && URL.canParse(`http://${host}`);
}
