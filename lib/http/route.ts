/** What every JSON route shares: its methods and its refusals. */
import { jsonResponse, UNCACHED } from '../belfry/http/json-response.ts';
import { BelfryError, errorBody } from '../belfry/protocol/errors.ts';
import { env } from '../config/env.ts';
import { askerOf } from './asker.ts';
import { clientAddress } from './client-address.ts';
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

// A new one: that of a redirect cannot be changed.
function uncached(response: Response): Response {
  if (response.headers.has('Cache-Control')) return response;
  const headers = new Headers(response.headers);
  headers.set('Cache-Control', UNCACHED);
  return new Response(response.body, { status: response.status, headers });
}

/** JSON that no cache keeps, with the version that answers. */
export function json(
  body: unknown,
  { status, headers }: { status?: number; headers?: HeadersInit } = {},
): Response {
  return jsonResponse(body, { status, headers, version: env.version });
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

function withoutBody(response: Response): Response {
  void response.body?.cancel();
  return new Response(null, { status: response.status, headers: response.headers });
}
