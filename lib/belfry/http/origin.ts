/** Whether a request was made by a page of this site: the check that stands before whatever changes something. */

import { toMessage } from '../language/message.ts';
import { BelfryError } from '../protocol/errors.ts';

/** What is read of a request. Forwarded headers count, where no public address is given: what stands before the app sets them. */
type RequestHeaders = Pick<Headers, 'get'>;

/**
 * Refuses a request that another site's page made with this user's cookies. Browsers send `Origin`
 * with every POST; a request without one does not come from a page of ours.
 *
 * @param publicAddress The address that people use, where it is known.
 * @throws BelfryError `wrong_origin`
 */
export function requireSameOrigin(headers: RequestHeaders, publicAddress: string | undefined): void {
  if (headers.get('origin') === null || isFromElsewhere(headers, publicAddress)) throw wrongOrigin();
}

/**
 * The same for a request that proves by something else, such as a token in its body, that a page of ours made
 * it: only what a browser says of another site is refused, and a program may leave `Origin` out.
 *
 * @throws BelfryError `wrong_origin`
 */
export function refuseOtherOrigin(headers: RequestHeaders, publicAddress: string | undefined): void {
  if (isFromElsewhere(headers, publicAddress)) throw wrongOrigin();
}

/**
 * Whether a browser says that the request comes from another origin than this site's own: scheme, host and
 * port count. Own is the public address where there is one, and nothing else, not even this machine's; else the
 * address that was asked for.
 */
export function isFromElsewhere(headers: RequestHeaders, publicAddress: string | undefined): boolean {
  // By the browser's own judgement, which it gives for addresses that it holds to be trustworthy.
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin' && site !== 'none') return true;
  const origin = headers.get('origin');
  if (origin === null) return false;
  const own = publicAddress === undefined ? addressAskedFor(headers) : originOf(publicAddress);
  return own === null || originOf(origin) !== own;
}

function addressAskedFor(headers: RequestHeaders): string | null {
  const scheme = headers.get('x-forwarded-proto') === 'https' ? 'https' : 'http';
  const host = headers.get('x-forwarded-host') ?? headers.get('host');
  return originOf(`${scheme}://${host ?? ''}`);
}

/** The origin in its one form, without a port that is the scheme's own; null for what is more than an origin. */
function originOf(address: string): string | null {
  const isBare = /^https?:\/\/[^/?#@\\\s]+\/?$/i.test(address);
  return isBare && URL.canParse(address) ? new URL(address).origin : null;
}

function wrongOrigin(): BelfryError {
  return new BelfryError('wrong_origin', toMessage('server.belfry.wrong-origin'));
}
