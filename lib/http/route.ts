/** What every JSON route shares: its methods, its refusals, its body, and who may send to it. */
import type { z } from 'zod';
import { BelfryError, errorBody, invalidInput } from '../belfry/protocol/errors.ts';
import { env } from '../config/env.ts';
import { askerOf } from './asker.ts';
import { clientAddress } from './client-address.ts';
import { notUtf8, readMediaType, requireUtf8 } from './media-type.ts';
import { METHODS } from './methods.ts';
import { type RefusedRequest, refusals, toReadableError } from './refusals.ts';

type Method = (typeof METHODS)[number];

type Handler<Context> = (request: Request, context: Context) => Promise<Response>;
type Handlers<Context> = Partial<Record<Method, Handler<Context>>>;

/**
 * The exports of a route file: its handlers, a 405 in JSON for every other method, and the same JSON
 * form for whatever they throw. `HEAD` runs `GET` without its body unless the route has its own. No cache
 * keeps an answer, unless its handler said otherwise.
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
        return uncached(await handler(request, context));
      } catch (error) {
        return errorResponse(toReadableError(error, concerned(request), 'internal_error'));
      }
    };
  return Object.fromEntries(METHODS.map((method) => [method, guarded(own[method] ?? refuse)])) as Record<
    Method,
    Handler<Context>
  >;
}

/**
 * The exports of a route file for what no other route below its folder answers: 404 in JSON. Programs ask there, and
 * without it Next would show them a page.
 */
export function nothingElse() {
  const refuse = async () => {
    throw new BelfryError('not_found', 'There is nothing at this address.');
  };
  return route({ GET: refuse, POST: refuse, PUT: refuse, PATCH: refuse, DELETE: refuse });
}

// Who is asked for it by whom is in cookies and headers, which a careless cache does not look at.
const UNCACHED = 'private, no-store';

// A new one: that of a redirect cannot be changed.
function uncached(response: Response): Response {
  if (response.headers.has('Cache-Control')) return response;
  const headers = new Headers(response.headers);
  headers.set('Cache-Control', UNCACHED);
  return new Response(response.body, { status: response.status, headers });
}

/** JSON that no cache keeps, with the version that answers: a page of another one offers to reload. */
export function json(
  body: unknown,
  { status = 200, headers = {} }: { status?: number; headers?: HeadersInit } = {},
) {
  const response = Response.json(body, { status, headers });
  response.headers.set('Cache-Control', UNCACHED);
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
  const mediaType = readMediaType(request.headers.get('content-type'));
  if (mediaType?.essence !== 'application/json') {
    throw new BelfryError(
      'unsupported_media_type',
      'Send JSON, with the header Content-Type: application/json.',
    );
  }
  requireUtf8(mediaType);
  const text = await readText(request, maxBytes);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new BelfryError('bad_json', 'The body is not valid JSON.', { cause });
  }
  if (holdsHalfCharacters(text, body)) {
    throw new BelfryError('bad_json', 'The body holds half a character (a lone surrogate). Leave it out.');
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalidInput(parsed.error, 'Some fields cannot be used as they are: see fieldErrors.');
}

/**
 * The parameters of a request's address, parsed.
 *
 * @throws BelfryError `invalid_input` with `fieldErrors`.
 */
export function readQuery<T>(request: Request, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (parsed.success) return parsed.data;
  throw invalidInput(parsed.error, 'The address cannot be used as it is: see fieldErrors.');
}

/**
 * Reads a body of text. A byte order mark is dropped.
 *
 * @throws BelfryError `body_too_large`, or `bad_encoding` for what is no UTF-8.
 */
export async function readText(request: Request, maxBytes: number): Promise<string> {
  const tooLarge = () =>
    new BelfryError(
      'body_too_large',
      `The body is larger than ${maxBytes.toLocaleString('en')} bytes. Send less.`,
    );
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let bytes = 0;
  // Counted while it arrives: Content-Length may be absent or untrue.
  for await (const chunk of bodyOf(request)) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge();
    text += decode(decoder, chunk);
  }
  return text + decode(decoder);
}

/** The body as it arrives. What breaks off is the client's doing, and nobody is left to read the answer. */
async function* bodyOf(request: Request): AsyncGenerator<Uint8Array> {
  try {
    yield* request.body ?? [];
  } catch (cause) {
    throw new BelfryError('request_aborted', 'The body broke off before its end. Send it again.', { cause });
  }
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
  } catch {
    throw notUtf8('The body');
  }
}

// JSON can name by its number what UTF-8 cannot hold, and PostgreSQL does not store.
function holdsHalfCharacters(text: string, body: unknown): boolean {
  return /\\ud[89a-f]/i.test(text) && !isWellFormed(body);
}

// Without recursion: a body of brackets alone is as deep as it is long.
function isWellFormed(value: unknown): boolean {
  const open = [value];
  while (open.length > 0) {
    const one = open.pop();
    if (typeof one === 'string' && !one.isWellFormed()) return false;
    if (typeof one !== 'object' || one === null) continue;
    for (const [name, inner] of Object.entries(one)) open.push(name, inner);
  }
  return true;
}

function withoutBody(response: Response): Response {
  void response.body?.cancel();
  return new Response(null, { status: response.status, headers: response.headers });
}
