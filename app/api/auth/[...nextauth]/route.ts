import { NextRequest } from 'next/server';
import NextAuth from 'next-auth';
import { authOptions } from '@/lib/auth/options.ts';
import { BelfryError } from '@/lib/errors.ts';
import { isEncodedUtf8, notUtf8, readMediaType, requireUtf8 } from '@/lib/http/media-type.ts';
import { refuseOtherOrigin } from '@/lib/http/origin.ts';
import { readText, route } from '@/lib/http.ts';

interface Context {
  params: Promise<{ nextauth: string[] }>;
}

// The longest honest body is the sign-in form: an address, a password, a token, a path.
const MAX_BODY_BYTES = 16 * 1024;

export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route<Context>({
  GET: (request, context) => askNextAuth(request, context, null),

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
  refuseUnusableCallback(request);
  // From its parts: what Next hands to a route is a proxy, which cannot be copied whole.
  const { url, method, headers } = request;
  const failures: unknown[] = [];
  const options = authOptions((error) => failures.push(error));
  const response = await NextAuth(new NextRequest(url, { method, headers, body }), context, options);
  // It would answer as if nobody were signed in, when the database only could not be asked.
  if (failures.length > 0) throw failures[0];
  return response;
}

// next-auth itself answers 500 to what is no address. Where a usable one leads is for `redirect` to say.
function refuseUnusableCallback(request: Request): void {
  const callbackUrl = new URL(request.url).searchParams.get('callbackUrl');
  if (!callbackUrl) return;
  const target = callbackUrl.startsWith('/') ? URL.parse(callbackUrl, request.url) : URL.parse(callbackUrl);
  if (!target || !['http:', 'https:'].includes(target.protocol)) {
    throw new BelfryError(
      'bad_request',
      'callbackUrl is no address. Give a path of this site, such as /admin.',
    );
  }
}

// next-auth itself would read a body of any length, in any encoding, and fail on JSON that is none.
async function readBody(request: Request): Promise<string> {
  const type = readMediaType(request.headers.get('content-type'));
  requireUtf8(type);
  const body = await readText(request, MAX_BODY_BYTES);
  if (type?.essence === 'application/json' && !isJsonObject(body)) {
    throw new BelfryError('bad_json', 'The body is not a JSON object. Send one, or a form.');
  }
  if (!isEncodedUtf8(body)) throw notUtf8('The form');
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
