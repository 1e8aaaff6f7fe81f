/** The address that a request came from, as the limits, the sessions and the log know it. */
import { isIP, SocketAddress } from 'node:net';

/** Stands for a client that was gone before its address could be read. */
export const UNKNOWN_ADDRESS = '0.0.0.0';

/**
 * The client's IP address, always one, in its shortest form and at most 39 characters long. Behind proxies it
 * is what those of `TRUSTED_PROXIES` say, else the other end of the connection: what a client writes into
 * `X-Forwarded-For` itself is gone before this can read it (see trusted-proxies.ts).
 */
export function clientAddress(headers: Pick<Headers, 'get'>): string {
  return readAddress(headers.get('x-forwarded-for') ?? '') ?? UNKNOWN_ADDRESS;
}

/**
 * What limits count as one client: an IPv4 address, or the /64 of an IPv6 one, which is the least that one
 * customer gets.
 *
 * @param address From `clientAddress`.
 */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [before = '', after] = address.split('::');
  const head = before.split(':').filter(Boolean);
  const tail = (after ?? '').split(':').filter(Boolean);
  // An IPv4 address at the end stands for two groups.
  const length = head.length + tail.length + (address.includes('.') ? 1 : 0);
  const zeros = Array.from({ length: after === undefined ? 0 : 8 - length }, () => '0');
  return `${[...head, ...zeros, ...tail].slice(0, 4).join(':')}::/64`;
}

/**
 * An address as proxies write it, perhaps with a port, in brackets, or an IPv4 address in the form of an IPv6
 * one, in the one form in which we compare it; null when it is none.
 */
export function readAddress(text: string): string | null {
  // What nearly all are: each request is asked about several times.
  if (isIP(text) === 4) return text;
  const bare = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text;
  const family = isIP(bare);
  if (family !== 6) return family === 4 ? bare : null;
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' });
  return /^::ffff:([\d.]+)$/.exec(address)?.[1] ?? address;
}
