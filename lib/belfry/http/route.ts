/** What every JSON route shares: its methods, and its refusals. */
import { askedFor } from '../language/asked.ts';
import type { Languages, Wishes } from '../language/languages.ts';
import { toMessage } from '../language/message.ts';
import { BelfryError, errorBody } from '../protocol/errors.ts';
import { jsonResponse, UNCACHED } from './json-response.ts';

/** The methods that a route can have. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
export type Method = (typeof METHODS)[number];

export type RouteHandler<Context = unknown> = (request: Request, context: Context) => Promise<Response>;
/** The exports of a route file of Next's. */
export type Route<Context = unknown> = Record<Method, RouteHandler<Context>>;

export interface RouteToolsOptions {
  /** What whoever asked is told of what a handler threw: our own errors as they are, and nothing of the inside of others. */
  refuse: (error: unknown, request: Request) => BelfryError;
  languages: Languages;
  /** How whoever asked reads. Default: as their request says, see `askedFor`. */
  wishesOf?: ((request: Request) => Wishes) | undefined;
  /** Stands on every answer. */
  version?: string | undefined;
}

export interface RouteTools {
  /**
   * The exports of a route file: its handlers, a 405 in JSON for every other method, and the same JSON
   * form for whatever they throw. `HEAD` runs `GET` without its body unless the route has its own. No cache
   * keeps an answer, unless its handler said otherwise.
   *
   *     export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = route({ POST: send });
   */
  route<Context>(handlers: Partial<Route<Context>>): Route<Context>;
  /**
   * The exports of a route file for what no other route below its folder answers: 404 in JSON. Programs ask there, and
   * without it Next would show them a page.
   */
  nothingElse(): Route;
  /** JSON that no cache keeps, with the version that answers. */
  json(body: unknown, options?: { status?: number; headers?: HeadersInit }): Response;
}

/** See `RouteTools`. */
export function createRouteTools({
  refuse,
  languages,
  wishesOf = (request) => askedFor(request),
  version,
}: RouteToolsOptions): RouteTools {
  const json: RouteTools['json'] = (body, options = {}) => jsonResponse(body, { ...options, version });

  function errorResponse(thrown: unknown, request: Request, headers: HeadersInit = {}): Response {
    const error = refuse(thrown, request);
    const reader = languages.readerOf(wishesOf(request));
    const response = json(errorBody(error, languages.translate(reader)), { status: error.status, headers });
    if (typeof error.wording === 'object') response.headers.set('Content-Language', reader.language);
    if (error.retryAfterSeconds !== undefined)
      response.headers.set('Retry-After', String(error.retryAfterSeconds));
    return response;
  }

  function route<Context>(handlers: Partial<Route<Context>>): Route<Context> {
    const own: Partial<Route<Context>> = { ...handlers };
    const { GET } = handlers;
    if (GET) own.HEAD ??= async (request, context) => withoutBody(await GET(request, context));
    const allow = METHODS.filter((method) => own[method] || method === 'OPTIONS').join(', ');
    own.OPTIONS ??= async () => new Response(null, { status: 204, headers: { Allow: allow } });

    const notAllowed: RouteHandler<Context> = async (request) => {
      const { method } = request;
      const error = new BelfryError(
        'method_not_allowed',
        toMessage('server.belfry.method', { method, allow }),
      );
      return errorResponse(error, request, { Allow: allow });
    };
    const guarded =
      (handler: RouteHandler<Context>): RouteHandler<Context> =>
      async (request, context) => {
        try {
          return uncached(await handler(request, context));
        } catch (error) {
          return errorResponse(error, request);
        }
      };
    return Object.fromEntries(
      METHODS.map((method) => [method, guarded(own[method] ?? notAllowed)]),
    ) as Route<Context>;
  }

  function nothingElse(): Route {
    const notFound = async () => {
      throw new BelfryError('not_found', toMessage('server.belfry.nothing-here'));
    };
    return route({ GET: notFound, POST: notFound, PUT: notFound, PATCH: notFound, DELETE: notFound });
  }

  return { route, nothingElse, json };
}

// A new one: that of a redirect cannot be changed.
function uncached(response: Response): Response {
  if (response.headers.has('Cache-Control')) return response;
  const headers = new Headers(response.headers);
  headers.set('Cache-Control', UNCACHED);
  return new Response(response.body, { status: response.status, headers });
}

function withoutBody(response: Response): Response {
  void response.body?.cancel();
  return new Response(null, { status: response.status, headers: response.headers });
}
