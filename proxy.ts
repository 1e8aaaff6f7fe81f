/**
 * What comes before every page: a look at what is posted to it, and the policy that its scripts need. Routes check
 * for themselves, and their streams and polls are too many for a detour: the matcher leaves them out.
 */
import { randomBytes } from 'node:crypto';
import { type NextRequest, NextResponse } from 'next/server';
import { requireUser } from '@/lib/auth/session.ts';
import { env } from '@/lib/config/env.ts';
import { clientAddress } from '@/lib/http/client-address.ts';
import { checkPageBody, refusalFor } from '@/lib/http/posts-to-pages.ts';
import { toReadableError } from '@/lib/http/refusals.ts';
import { pagePolicy } from '@/lib/http/security-headers.ts';

// Next reads it without running this file, so it cannot be put together: `ROUTE_FOLDERS` and Next's files.
export const config = { matcher: ['/((?!api/|notifications/|sse/|_next/static/).*)'] };

const NONCE_BYTES = 16;

export async function proxy(request: NextRequest): Promise<Response> {
  if (request.method === 'POST') {
    try {
      await requireUser();
      checkPageBody(new Uint8Array(await request.arrayBuffer()), request.headers.get('content-type'));
    } catch (error) {
      const { method, nextUrl, headers: asked } = request;
      const concerned = { method, path: nextUrl.pathname, address: clientAddress(asked) };
      const refusal = toReadableError(error, concerned, 'internal_error');
      const { body, headers } = refusalFor(refusal, asked);
      return new Response(body, { status: refusal.status, headers });
    }
  }
  const policy = pagePolicy({
    nonce: randomBytes(NONCE_BYTES).toString('base64'),
    imageHosts: env.imageHosts,
    isDevelopment: !env.production,
  });
  const headers = new Headers(request.headers);
  // Where Next looks for the nonce.
  headers.set('Content-Security-Policy', policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('Content-Security-Policy', policy);
  return response;
}
