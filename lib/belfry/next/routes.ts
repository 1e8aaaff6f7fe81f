/**
 * Belfry's routes as Next has them: a file `app/notifications/[...belfry]/route.ts` and a file
 * `app/sse/[eventType]/route.ts`, each with one line.
 */
import type { Belfry, RoutesOptions } from '../create-belfry.ts';
import { createRouteTools, METHODS, type Route, type RouteTools } from '../http/route.ts';
import { BelfryError } from '../protocol/errors.ts';
import { toBelfryError } from '../storage/database-errors.ts';

export interface NextRoutesOptions extends RoutesOptions {
  /** How the app's own routes refuse. Default: what is refused is told, and what fails is logged. */
  tools?: RouteTools;
}

interface StreamContext {
  params: Promise<{ eventType: string }>;
}

/**
 * `poll`, `changes`, and every change of one's own items, below `/notifications`. What is refused, is not there, or has
 * another method, is answered in JSON.
 *
 *     export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = notificationRoutes(belfry);
 */
export function notificationRoutes(belfry: Belfry, options: NextRoutesOptions = {}): Route {
  const { route, nothingElse } = options.tools ?? toolsOf(belfry);
  const { poll, changes, change } = belfry.handlers(options);
  const routes = new Map<string, Route>([
    ['poll', route({ GET: poll })],
    ['changes', route({ GET: changes })],
    ...Object.entries(change).map(([name, handler]): [string, Route] => [name, route({ POST: handler })]),
  ]);
  const others = nothingElse();
  return Object.fromEntries(
    METHODS.map((method) => [
      method,
      (request: Request, context: unknown) =>
        (routes.get(nameIn(request.url)) ?? others)[method](request, context),
    ]),
  ) as Route;
}

/**
 * `GET` and `HEAD` of `/sse/<eventType>`.
 *
 *     export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = streamRoutes(belfry);
 */
export function streamRoutes(belfry: Belfry, options: NextRoutesOptions = {}): Route<StreamContext> {
  const { route } = options.tools ?? toolsOf(belfry);
  const { stream, probe } = belfry.handlers(options);
  return route<StreamContext>({
    GET: async (request, { params }) => stream(request, (await params).eventType),
    HEAD: async (request, { params }) => probe(request, (await params).eventType),
  });
}

function toolsOf({ log, version }: Belfry): RouteTools {
  return createRouteTools({
    version,
    refuse(error, { method, url }) {
      const known = toBelfryError(error);
      if (known && known.status < 500) return known;
      const { pathname } = new URL(url);
      log.error(
        { err: error, code: known?.code ?? 'internal_error', method, path: pathname },
        'a request failed',
      );
      return (
        known ?? new BelfryError('internal_error', 'Something went wrong on our side. Try again in a moment.')
      );
    },
  });
}

/** What stands below `/notifications` in an address, wherever the app itself stands. Empty for what has more parts. */
function nameIn(url: string): string {
  return /\/notifications\/([^/?#]+)(?:[?#]|$)/.exec(url)?.[1] ?? '';
}
