/** What every JSON route of this app shares: see `RouteTools`. */
import { createRouteTools } from '../belfry/http/route.ts';
import { env } from '../config/env.ts';
import { askerOf } from './asker.ts';
import { clientAddress } from './client-address.ts';
import { type RefusedRequest, toReadableError } from './refusals.ts';

export const { route, nothingElse, json } = createRouteTools({
  refuse: (error, request) => toReadableError(error, concerned(request), 'internal_error'),
  version: env.version,
});

function concerned(request: Request): RefusedRequest {
  const { method, headers, url } = request;
  return { ...askerOf(request), method, path: new URL(url).pathname, address: clientAddress(headers) };
}
