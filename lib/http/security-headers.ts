/** What answers tell the browser not to do. Made at run time: one build serves every environment. */

// A year; longer asks for more trust in this site's certificates than anybody has to give.
const HSTS_SECONDS = 365 * 24 * 60 * 60;

// What no page here needs, and what an injected script or frame would ask for first.
const UNUSED_FEATURES = [
  'accelerometer',
  'browsing-topics',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'hid',
  'idle-detection',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'serial',
  'usb',
  'xr-spatial-tracking',
];

type HeaderValues = readonly (readonly [name: string, value: string])[];

// Next redirects these by itself, for good, and says nothing of caches: a slash at the end, two in a row, a backslash.
const REDIRECTED_BY_NEXT = /^[^?#]+\/(?:[?#]|$)|^[^?#]*(?:\/\/|\\)/;

/**
 * Makes the headers of every answer, whether a page, a route, a file or a refusal gives it.
 *
 * @param publicAddress `NEXTAUTH_URL`: where it says https, browsers are told to stay with it.
 * @returns What the answer to a request for this address begins with.
 */
export function headersOfEverything(publicAddress: string | undefined): (url: string) => HeaderValues {
  const headers = Object.entries(headersOfAny(publicAddress));
  const headersOfRedirect: HeaderValues = [...headers, ['Cache-Control', 'private, no-store']];
  return (url) => (REDIRECTED_BY_NEXT.test(url) ? headersOfRedirect : headers);
}

function headersOfAny(publicAddress: string | undefined): Record<string, string> {
  const isHttps = publicAddress?.toLowerCase().startsWith('https://') ?? false;
  return {
    // For what is no page; a page has its own (proxy.ts).
    'Content-Security-Policy': policy({
      'default-src': ["'self'"],
      'script-src': ["'none'"],
      'style-src': ["'none'"],
      ...NEVER,
      'form-action': ["'none'"],
    }),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': UNUSED_FEATURES.map((feature) => `${feature}=()`).join(', '),
    'Referrer-Policy': 'strict-origin-when-cross-origin',
    'X-Content-Type-Options': 'nosniff',
    ...(isHttps ? { 'Strict-Transport-Security': `max-age=${HSTS_SECONDS}` } : {}),
  };
}

const NEVER = { 'object-src': ["'none'"], 'frame-ancestors': ["'none'"], 'base-uri': ["'none'"] };

/**
 * The Content-Security-Policy of a page.
 *
 * @param nonce What the scripts of this very answer carry; one that was never used before.
 * @param imageHosts See `IMAGE_HOSTS`.
 * @param isDevelopment The development server evaluates modules, reloads them over a web socket, and puts
 * styles into the document.
 */
export function pagePolicy({
  nonce,
  imageHosts,
  isDevelopment,
}: {
  nonce: string;
  imageHosts: readonly string[];
  isDevelopment: boolean;
}): string {
  return policy({
    'default-src': ["'self'"],
    // What a script with the nonce loads may run, and nothing else: not even a file of this site that somebody
    // got a tag for into the page. 'self' is for browsers that do not know 'strict-dynamic'.
    'script-src': [
      `'nonce-${nonce}'`,
      "'strict-dynamic'",
      "'self'",
      ...(isDevelopment ? ["'unsafe-eval'"] : []),
    ],
    'style-src': ["'self'", ...(isDevelopment ? ["'unsafe-inline'"] : [`'nonce-${nonce}'`])],
    // What React renders on the server has its `style` in attributes. They style one element, and load nothing.
    'style-src-attr': ["'unsafe-inline'"],
    'img-src': ["'self'", 'data:', ...imageHosts.map((host) => `https://${host}`)],
    'font-src': ["'self'"],
    'connect-src': ["'self'", ...(isDevelopment ? ['ws:'] : [])],
    'form-action': ["'self'"],
    ...NEVER,
  });
}

function policy(directives: Record<string, readonly string[]>): string {
  return Object.entries(directives)
    .map(([name, sources]) => [name, ...sources].join(' '))
    .join('; ');
}
