/** What every JSON route shares: its methods, its refusals, its body, and who may send to it. */
import type { z } from 'zod';
import { askerOf } from './asker.ts';
import { env } from './env.ts';
import { BelfryError, errorBody, invalidInput } from './errors.ts';
import { clientAddress } from './http/client-address.ts';
import { type RefusedRequest, refusals, toReadableError } from './refusals.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
type Method = (typeof METHODS)[number];

type Handler<Context> = (request: Request, context: Context) => Promise<Response>;
type Handlers<Context> = Partial<Record<Method, Handler<Context>>>;

/**
 * The exports of a route file: its handlers, a 405 in JSON for every other method, and the same JSON
 * form for whatever they throw. `HEAD` runs `GET` without its body unless the route has its own.
 *
 *     export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({ POST: send });
 */
export function route<Context>(handlers: Handlers<Context>): Record<Method, Handler<Context>> {
  const own: Handlers<Context> = { ...handlers };
  const { GET } = handlers;
  if (GET) own.HEAD ??= async (request, context) => withoutBody(await GET(request, context));
  const allow = METHODS.filter((method) => own[method] || method === 'OPTIONS').join(', ');
  own.OPTIONS ??= async () => new Response(null, { status: 204, headers: { Allow: allow } });

  const refuse: Handler<Context> = async (request) => {
    const error = new BelfryError(
      'method_not_allowed',
      `${request.method} is not possible here. Use ${allow}.`,
    );
    refusals.note(error.code, concerned(request));
    return errorResponse(error, { Allow: allow });
  };
  const guarded =
    (handler: Handler<Context>): Handler<Context> =>
    async (request, context) => {
      try {
        return await handler(request, context);
      } catch (error) {
        return errorResponse(toReadableError(error, concerned(request), 'internal_error'));
      }
    };
  return Object.fromEntries(METHODS.map((method) => [method, guarded(own[method] ?? refuse)])) as Record<
    Method,
    Handler<Context>
  >;
}

/** JSON that no cache keeps, with the version that answers: a page of another one offers to reload. */
export function json(
  body: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: HeadersInit } = {},
) {
  const response = Response.json(body, { status, headers });
  response.headers.set('Cache-Control', 'private, no-store');
  response.headers.set('X-Belfry-Version', env.version);
  return response;
}

/** A refusal as JSON, with its status and, where it has one, its `Retry-After`. */
export function errorResponse(error: BelfryError, headers: HeadersInit = {}): Response {
  const response = json(errorBody(error), { status: error.status, headers });
  if (error.retryAfterSeconds !== undefined)
    response.headers.set('Retry-After', String(error.retryAfterSeconds));
  return response;
}

function concerned(request: Request): RefusedRequest {
  const { method, headers, url } = request;
  return { ...askerOf(request), method, path: new URL(url).pathname, address: clientAddress(headers) };
}

// Room for the longest message in any alphabet, escaped, and for its fields.
const DEFAULT_MAX_BODY_BYTES = 131_072;

/**
 * Reads a JSON body and parses it.
 *
 * @throws BelfryError `unsupported_media_type`, `body_too_large`, `bad_json`, or `invalid_input` with
 * `fieldErrors`.
 */
export async function readJson<T>(
  request: Request,
  schema: z.ZodType<T>,
  { maxBytes = DEFAULT_MAX_BODY_BYTES }: { maxBytes?: number } = {},
): Promise<T> {
  const mediaType = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') {
    throw new BelfryError(
      'unsupported_media_type',
      'Send JSON, with the header Content-Type: application/json.',
    );
  }
  const text = await readText(request, maxBytes);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new BelfryError('bad_json', 'The body is not valid JSON.', { cause });
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalidInput(parsed.error, 'Some fields cannot be used as they are: see fieldErrors.');
}

// Counted while it arrives: Content-Length may be absent or untrue.
async function readText(request: Request, maxBytes: number): Promise<string> {
  const tooLarge = () =>
    new BelfryError(
      'body_too_large',
      `The body is larger than ${maxBytes.toLocaleString('en')} bytes. Send less.`,
    );
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();
  if (!request.body) return '';
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of bodyOf(request)) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The body as it arrives. What breaks off is the client's doing, and nobody is left to read the answer. */
async function* bodyOf(request: Request): AsyncGenerator<Uint8Array> {
  try {
    yield* request.body ?? [];
  } catch (cause) {
    throw new BelfryError('request_aborted', 'The body broke off before its end. Send it again.', { cause });
  }
}

/**
 * Refuses a request that another site's page made with this user's cookies. Browsers send `Origin`
 * with every POST; a request without one does not come from a page of ours.
 *
 * @throws BelfryError `wrong_origin`
 */
export function requireSameOrigin(headers: Headers): void {
  const origin = headers.get('origin');
  const host = headers.get('host');
  // Not X-Forwarded-Host: whoever forges a request can forge that too.
  const isOwn =
    origin !== null && origin !== 'null' && (isAddressOf(origin, host) || isConfiguredAddress(origin));
  if (!isOwn) {
    throw new BelfryError(
      'wrong_origin',
      'This request did not come from a page of this site. Send it with an Origin header of this site; behind a proxy, set NEXTAUTH_URL to the address that people use.',
    );
  }
}

function isAddressOf(origin: string, host: string | null): boolean {
  return host !== null && URL.canParse(origin) && new URL(origin).host === host;
}

function isConfiguredAddress(origin: string): boolean {
  return env.authUrl !== undefined && new URL(env.authUrl).origin === origin;
}

function withoutBody(response: Response): Response {
  void response.body?.cancel();
  return new Response(null, { status: response.status, headers: response.headers });
}
