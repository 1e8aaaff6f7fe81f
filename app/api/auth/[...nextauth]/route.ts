import { BelfryError } from 'belfry';
import { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { authOptions } from '@/lib/auth/options.ts';
import { isEncodedUtf8, notUtf8, readMediaType, requireUtf8 } from '@/lib/belfry/http/media-type.ts';
import { queryOf, readText } from '@/lib/belfry/http/read-request.ts';
import { refuseOtherOrigin } from '@/lib/http/origin.ts';
import { route } from '@/lib/http/route.ts';
import { toMessage } from '@/lib/language/languages.ts';

interface Context {
  params: Promise<{ nextauth: string[] }>;
}

// The longest honest body is the sign-in form: an address, a password, a token, a path.
const MAX_BODY_BYTES = 16 * 1024;

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route<Context>({
  GET: async (request, context) => {
    const [action, provider] = (await context.params).nextauth;
    // next-auth itself answers 500.
    if (action === 'callback' && provider === 'credentials')
      throw new BelfryError('method_not_allowed', toMessage('server.sign-in.post'));
    return askNextAuth(request, context, null);
  },

  POST: async (request, context) => {
    // Its CSRF token does not say for whom the page was that it came with, so it alone lets a page elsewhere on this domain
    // sign a visitor in as somebody else.
    refuseOtherOrigin(request.headers);
    // Reports of next-auth's own client. Anybody may post them, so none of them reaches the log.
    const [action] = (await context.params).nextauth;
    if (action === '_log') return new Response(null, { status: 204 });
    return askNextAuth(request, context, await readBody(request));
  },
});

async function askNextAuth(request: Request, context: Context, body: string | null): Promise<Response> {
  refuseUnusablePath((await context.params).nextauth);
  refuseUnusableQuery(request);
  // From its parts: what Next hands to a route is a proxy, which cannot be copied whole.
  const { url, method, headers } = request;
  const failures: unknown[] = [];
  const options = authOptions((error) => failures.push(error));
  const response = await NextAuth(new NextRequest(url, { method, headers, body }), context, options);
  // It would answer as if nobody were signed in, when the database only could not be asked.
  if (failures.length > 0) throw failures[0];
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  if (response.status < 400 || response.status >= 500 || isJson) return response;
  throw new BelfryError('bad_request', toMessage('server.sign-in.method', { method }));
}

/** A part of a path, or an error, as next-auth names them. */
const NAME = /^[\w-]{0,64}$/;

// next-auth itself answers 500 where it takes the last part for the name of an error.
function refuseUnusablePath(parts: readonly string[]): void {
  if (!parts.every((part) => NAME.test(part)))
    throw new BelfryError('not_found', toMessage('server.sign-in.no-path'));
}

// next-auth itself answers 500 to what is no address, and to what cannot stand in one. Where a usable one leads is
// for `redirect` to say.
function refuseUnusableQuery(request: Request): void {
  const query = queryOf(request);
  if (!query.getAll('callbackUrl').every((callbackUrl) => isHttpAddress(callbackUrl, request.url)))
    throw new BelfryError('bad_request', toMessage('server.sign-in.callback'));
  if (!query.getAll('error').every((error) => NAME.test(error)))
    throw new BelfryError('bad_request', toMessage('server.sign-in.error'));
}

function isHttpAddress(text: string, base: string): boolean {
  if (text === '') return true;
  const address = text.startsWith('/') ? URL.parse(text, base) : URL.parse(text);
  return address !== null && ['http:', 'https:'].includes(address.protocol);
}

// next-auth itself would read a body of any length, in any encoding, and fail on JSON that is none.
async function readBody(request: Request): Promise<string> {
  const type = readMediaType(request.headers.get('content-type'));
  requireUtf8(type);
  const body = await readText(request, MAX_BODY_BYTES);
  if (type?.essence === 'application/json' && !isJsonObject(body)) {
    throw new BelfryError('bad_json', toMessage('server.sign-in.no-object'));
  }
  if (!isEncodedUtf8(body)) throw notUtf8('form');
  return body;
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
