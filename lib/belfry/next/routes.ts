/**
 * Belfry's routes as Next has them: a file `app/notifications/[...belfry]/route.ts` and a file
 * `app/sse/[eventType]/route.ts`, each with one line.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Belfry, RoutesOptions } from '../create-belfry.ts';
import { jsonResponse } from '../http/json-response.ts';
import { createRouteTools, METHODS, type Route, type RouteTools } from '../http/route.ts';
import { toMessage } from '../language/message.ts';
import { BelfryError } from '../protocol/errors.ts';
import { toBelfryError } from '../storage/database-errors.ts';

export interface NextRoutesOptions extends RoutesOptions {
  /**
   * What a clock outside has to say, as `Authorization: Bearer …`, to have `GET` or `POST /notifications/jobs` run what is
   * due: for where no instance is there all the time. Default: there is no such route.
   */
  cronSecret?: string | undefined;
  /** How the app's own routes refuse. Default: what is refused is told, and what fails is logged. */
  tools?: RouteTools;
}

interface StreamContext {
  params: Promise<{ eventType: string }>;
}

/**
 * `poll`, `changes`, every change of one's own items, and one's own settings, below `/notifications`. What is refused, is not there, or has
 * another method, is answered in JSON.
 *
 *     export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = notificationRoutes(belfry);
 */
export function notificationRoutes(belfry: Belfry, options: NextRoutesOptions = {}): Route {
  const { route, nothingElse } = options.tools ?? toolsOf(belfry);
  const { poll, changes, change, settings } = belfry.handlers(options);
  const routes = new Map<string, Route>([
    ['poll', route({ GET: poll })],
    ['changes', route({ GET: changes })],
    ['settings', route({ GET: settings.read, POST: settings.save })],
    ['follow', route({ POST: settings.follow })],
    ['unfollow', route({ POST: settings.unfollow })],
    ...Object.entries(change).map(([name, handler]): [string, Route] => [name, route({ POST: handler })]),
  ]);
  if (options.cronSecret) {
    const jobs = runsJobs(belfry, options.cronSecret);
    routes.set('jobs', route({ GET: jobs, POST: jobs }));
  }
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

function runsJobs(belfry: Belfry, secret: string): (request: Request) => Promise<Response> {
  return async ({ headers }) => {
    if (!isSame(headers.get('authorization') ?? '', `Bearer ${secret}`)) {
      throw new BelfryError('not_allowed', toMessage('server.belfry.jobs-secret'));
    }
    await belfry.runJobs();
    return jsonResponse({ status: 'ok' }, { version: belfry.version });
  };
}

/** In a time that says nothing of where they differ. */
function isSame(given: string, expected: string): boolean {
  const [one, other] = [given, expected].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(one as Buffer, other as Buffer);
}

function toolsOf({ log, languages, version }: Belfry): RouteTools {
  return createRouteTools({
    languages,
    version,
    refuse(error, { method, url }) {
      const known = toBelfryError(error);
      if (known && known.status < 500) return known;
      const { pathname } = new URL(url);
      log.error(
        { err: error, code: known?.code ?? 'internal_error', method, path: pathname },
        'a request failed',
      );
      return known ?? new BelfryError('internal_error', toMessage('server.belfry.failed'));
    },
  });
}

/** What stands below `/notifications` in an address, wherever the app itself stands. Empty for what has more parts. */
function nameIn(url: string): string {
  return /\/notifications\/([^/?#]+)(?:[?#]|$)/.exec(url)?.[1] ?? '';
}
