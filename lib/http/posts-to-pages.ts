/**
 * What may be posted to a page. Next takes whatever is posted to any page for a call of a server action, and
 * decodes its arguments before the action can say who may call it. So two looks come before that: one at the headers,
 * before Next has the request at all, and one at who asks and at the body, in proxy.ts.
 */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { notUtf8, readMediaType, requireUtf8 } from '../belfry/http/media-type.ts';
import { BelfryError, errorBody } from '../belfry/protocol/errors.ts';
import { languages, toMessage } from '../language/languages.ts';
import { wishesOf } from '../language/wishes.ts';
import { clientAddress } from './client-address.ts';
import { requireSameOrigin } from './origin.ts';
import { toReadableError } from './refusals.ts';

// Room for the longest message in any alphabet, and for the fields around it.
export const MAX_PAGE_BODY_BYTES = 131_072;
// A form of ours has about ten. React's encoding needs one or two for each argument that is no plain value.
export const MAX_PAGE_FIELDS = 100;

/** Below these are routes alone, which say for themselves what they take. `matcher` in proxy.ts names the same. */
export const ROUTE_FOLDERS = ['/api/', '/notifications/', '/sse/'];
const ALLOW = 'GET, HEAD, POST';
/** Next's own files. Where there is none, Next shows the page that says so. */
const FILES_OF_NEXT = '/_next/';

/**
 * Answers a request to a page that changes something and cannot be right, by its headers alone: it comes from
 * another site, has too large a body or none of a known size, or text in another encoding.
 *
 * @returns Whether it was answered.
 */
export function refuseUnusablePost(request: IncomingMessage, response: ServerResponse): boolean {
  const { method = '', url = '' } = request;
  if (method === 'GET' || method === 'HEAD' || ROUTE_FOLDERS.some((folder) => url.startsWith(folder)))
    return false;
  try {
    checkHeaders(request, { method, url });
    return false;
  } catch (error) {
    const asked = { get: (name: string) => request.headers[name]?.toString() ?? null };
    const concerned = { method, path: url, address: clientAddress(asked) };
    const refusal = toReadableError(error, concerned, 'internal_error');
    const { body, headers: own } = refusalFor(refusal, asked);
    response.writeHead(refusal.status, own).end(body);
    return true;
  }
}

function checkHeaders(request: IncomingMessage, { method, url }: { method: string; url: string }): void {
  if (method !== 'POST' || url.startsWith(FILES_OF_NEXT)) {
    throw new BelfryError('method_not_allowed', toMessage('server.belfry.method', { method, allow: ALLOW }));
  }
  const { headers } = request;
  const get = (name: string) => headers[name]?.toString() ?? null;
  requireSameOrigin({ get });
  requireUtf8(readMediaType(get('content-type')));
  const length = get('content-length');
  // Next itself passes an action on to the page that has it, without a length.
  if (length === null && !('x-action-forwarded' in headers)) {
    throw new BelfryError('length_required', toMessage('server.http.no-length'));
  }
  if (Number(length) > MAX_PAGE_BODY_BYTES) throw tooLarge();
  // Next compares the origin as well, by the host alone and by its own idea of it: where it has passed here, it is right.
  headers['x-forwarded-host'] = new URL(get('origin') ?? '').host;
}

/**
 * Checks the body of what was posted to a page: no more fields than a form has, and text that is UTF-8.
 *
 * @throws BelfryError `body_too_large`, `bad_encoding`, or `bad_request` for a form that has no end.
 */
export function checkPageBody(body: Uint8Array, contentType: string | null): void {
  if (body.byteLength > MAX_PAGE_BODY_BYTES) throw tooLarge();
  const type = readMediaType(contentType);
  if (type?.essence !== 'multipart/form-data') {
    if (!isUtf8(body)) throw notUtf8('body');
    return;
  }
  const parts = partsOf(Buffer.from(body), type.params.get('boundary') ?? '');
  if (parts.length > MAX_PAGE_FIELDS) {
    throw new BelfryError('body_too_large', toMessage('server.http.fields', { most: MAX_PAGE_FIELDS }));
  }
  for (const part of parts) {
    const headEnd = part.indexOf('\r\n\r\n');
    // The bytes of a file are its own business.
    const isFile = /;\s*filename\*?=/i.test(part.toString('latin1', 0, headEnd));
    if (!isUtf8(isFile ? part.subarray(0, headEnd) : part)) throw notUtf8('field');
  }
}

/** What stands between the boundaries (RFC 2046, 5.1.1): each part with its headers. */
function partsOf(body: Buffer, boundary: string): Buffer[] {
  const noForm = new BelfryError('bad_request', toMessage('server.http.multipart'));
  const mark = `--${boundary}`;
  if (boundary === '' || body.indexOf(mark) !== 0) throw noForm;
  const parts: Buffer[] = [];
  let at = mark.length;
  while (body.toString('latin1', at, at + 2) !== '--') {
    const end = body.indexOf(`\r\n${mark}`, at);
    const part = body.subarray(at, end);
    if (end === -1 || !part.includes('\r\n\r\n')) throw noForm;
    parts.push(part);
    at = end + 2 + mark.length;
  }
  return parts;
}

/** How a page refuses, in the language of whoever asked: an action in the one form that Next's client hands on to it, and anybody else in JSON. */
export function refusalFor(
  error: BelfryError,
  asked: Pick<Headers, 'get'>,
): { body: string; headers: Record<string, string> } {
  const isAction = asked.get('next-action') !== null;
  const reader = languages.readerOf(wishesOf(asked));
  const body = errorBody(error, languages.translate(reader));
  return {
    body: isAction ? `${error.code}: ${body.error.message}` : JSON.stringify(body),
    headers: {
      'Content-Type': isAction ? 'text/plain' : 'application/json',
      'Content-Language': reader.language,
      'Cache-Control': 'private, no-store',
      ...(error.code === 'method_not_allowed' ? { Allow: ALLOW } : {}),
      ...(error.retryAfterSeconds === undefined ? {} : { 'Retry-After': String(error.retryAfterSeconds) }),
    },
  };
}

function tooLarge(): BelfryError {
  return new BelfryError(
    'body_too_large',
    toMessage('server.belfry.body-too-large', { bytes: MAX_PAGE_BODY_BYTES }),
  );
}
